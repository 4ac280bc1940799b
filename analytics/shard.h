/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One shard on its way from the stream to Firehose: read an answer, run it through the SQL slice by slice,
 * deliver the rows, and only when Firehose has confirmed them move the position in the checkpoint. A slice is
 * not run before the rows of the last one are confirmed, so a shard's rows are delivered in its order;
 * shards do not wait for each other, but for their parents.
 */
#ifndef ANALYTICS_SHARD_H
#define ANALYTICS_SHARD_H

#include <stdbool.h>
#include <stdint.h>

#include "analytics/context.h"
#include "analytics/reader.h"
#include "analytics/shards.h"
#include "analytics/sink.h"
#include "analytics/slice.h"

enum shard_state {
    SHARD_WAITING, /* for its parents */
    SHARD_READING,
    SHARD_DELIVERING, /* an answer is being worked off */
    SHARD_STOPPED,    /* by a stop; what was not delivered is read again after the next start */
    SHARD_FINISHED,   /* read to its end */
    SHARD_ELSEWHERE   /* another replica's */
};

struct shard;

/* `from_latest`: see struct reader. NULL without memory. */
struct shard *shard_new(struct context *context, const struct shard_position *position, bool from_latest);
/* Only when shard_calling() is false. */
void shard_free(struct shard *shard);

const struct shard_position *shard_position(const struct shard *shard);
enum shard_state shard_state(const struct shard *shard);
/* WAITING -> READING. */
void shard_begin(struct shard *shard);
/* Kinesis does not know it any more: nothing is left to be read. */
bool shard_not_found(const struct shard *shard);
void shard_finish(struct shard *shard);
/* True while a call is under way. */
bool shard_calling(const struct shard *shard);
/* Calls to Firehose that failed in a row. */
unsigned shard_failures(const struct shard *shard);
/* Records read and not yet confirmed and checkpointed. */
size_t shard_undelivered(const struct shard *shard);

/*
 * Does what is due. With `stopping` nothing new is read or run; what is with Firehose is finished and
 * checkpointed. Returns when it wants to be called again (monotonic), or INT64_MAX.
 */
int64_t shard_step(struct shard *shard, int64_t now_ms, bool stopping);

#endif
