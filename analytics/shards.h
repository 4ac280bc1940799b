/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which shards of a stream are read, from where, and when: pure decisions over a list from ListShards and the
 * positions kept in the checkpoint. A child is read only when all its parents that still exist have been read
 * to their end, so that a key's records come in their order across splits and merges.
 */
#ifndef ANALYTICS_SHARDS_H
#define ANALYTICS_SHARDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analytics/kinesis.h"

/* How far a shard has been read, as it is kept in the checkpoint. */
enum shard_progress {
    SHARD_FROM_OLDEST, /* nothing read yet: start at the oldest record that is left */
    SHARD_FROM_TIME,   /* nothing read yet: start at a time */
    SHARD_AFTER,       /* up to and with a sequence number */
    SHARD_ENDED        /* closed, and read to its end */
};

struct shard_position {
    char shard[KINESIS_SHARD_ID_SIZE];
    enum shard_progress progress;
    int64_t since_ms;                     /* SHARD_FROM_TIME */
    char sequence[KINESIS_SEQUENCE_SIZE]; /* SHARD_AFTER */
};

/* ANALYTICS_START, for a stream that has no checkpoint yet. */
enum shards_start { SHARDS_TRIM_HORIZON, SHARDS_LATEST, SHARDS_AT_TIMESTAMP };

/*
 * Where a shard seen for the first time begins. `initial`: it was in the list when the stream was met for
 * the first time; a shard that appears later is the child of one that was read, and begins at its oldest
 * record, or records between two looks at the list would be lost. LATEST means from now on: closed shards
 * are passed over, and open ones begin at `now_ms`, so that a restart before the first record loses none.
 */
void shards_first_position(const struct kinesis_shard *shard, bool initial, enum shards_start start,
                           int64_t timestamp_ms, int64_t now_ms, struct shard_position *ret);

/* True if the shard was read to its end. */
typedef bool shards_ended_fn(void *ctx, const char *shard);
/* True if every parent that is in the list has ended; one that is not has passed out of the retention. */
bool shards_may_read(const struct kinesis_shards *list, const struct kinesis_shard *shard,
                     shards_ended_fn *ended, void *ctx);
/* The shard of that id, or NULL. */
const struct kinesis_shard *shards_find(const struct kinesis_shards *list, const char *id);

/* What to ask GetShardIterator for. */
void shards_iterator_position(const struct shard_position *position, struct kinesis_position *ret);

#endif
