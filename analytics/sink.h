/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delivers the rows of one shard: one PutRecordBatch at a time for each destination, only failed rows again,
 * for as long as it takes. Rows are never given up; a delivery stream that is missing or refuses is waited
 * for.
 */
#ifndef ANALYTICS_SINK_H
#define ANALYTICS_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "analytics/context.h"
#include "analytics/rows.h"

struct sink;

/* `shard` for the log; both are borrowed. NULL without memory. */
struct sink *sink_new(struct context *context, const char *shard);
/* Only when nothing is under way. */
void sink_free(struct sink *sink);

/* Where the engine puts rows, one for each target. Not to be touched while the sink is busy. */
struct rows *const *sink_rows(struct sink *sink);
/* Most rows that any destination holds. */
size_t sink_fullest(const struct sink *sink);
/* True until all rows have been confirmed. */
bool sink_busy(const struct sink *sink);
/* True while a call is under way. */
bool sink_calling(const struct sink *sink);
/* Rows not confirmed yet. */
size_t sink_pending(const struct sink *sink);
/* Calls that failed in a row, the most of any destination. */
unsigned sink_failures(const struct sink *sink);

/* Starts what is due. Returns when it wants to be called again (monotonic), or INT64_MAX. */
int64_t sink_step(struct sink *sink, int64_t now_ms);

#endif
