/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole stream: lists its shards at the start, whenever one ends, and every minute (every 10 s when it is
 * shared with other replicas); begins those whose parents are done; and steps them all. Shards are read in
 * parallel on one loop.
 */
#ifndef ANALYTICS_STREAM_H
#define ANALYTICS_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "analytics/context.h"
#include "lib/attr.h"
#include "lib/error.h"

struct stream;

/* Loads the positions. NULL with err filled on failure. */
struct stream *stream_new(struct context *context, struct error *err);
/* Only when stream_idle(). */
void stream_free(struct stream *stream);

/* Does what is due for all shards. Returns when it wants to be called again (monotonic), or INT64_MAX. */
int64_t stream_step(struct stream *stream, int64_t now_ms, bool stopping);
/* While stopping: nothing is under way any more, and what was with Firehose is checkpointed. */
bool stream_idle(const struct stream *stream);
/* True while a call is under way. */
bool stream_calling(const struct stream *stream);

/* NULL if all is well, else why not; static text. */
const char *stream_problem(const struct stream *stream);
/* Sets the gauges. */
void stream_metrics(struct stream *stream);
/* Records read and not delivered, over all shards. */
size_t stream_undelivered(const struct stream *stream);

#endif
