/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records of Kinesis, which are in the state file only: one B-tree in the order of shard and serial. What
 * a function has returned 0 for survives kill -9 of the process.
 */
#ifndef LOCAL_AWS_KINESIS_RECORDS_H
#define LOCAL_AWS_KINESIS_RECORDS_H

#include "local/aws/kinesis_store.h"

/* A record to append: to the open shard `shard` (its number). The serial is set by the append. */
struct kinesis_put {
    unsigned shard;
    struct str partition_key;
    struct str data;
    int64_t serial;
    int64_t arrival_ms;
};

/* Appends all of them, in order, or none. */
int kinesis_records_append(struct state *state, struct kinesis_stream *stream, struct kinesis_put *puts,
                           size_t count, int64_t now_ms) MUST_USE;

/* One record read; false stops before it. Borrowed for the call. */
typedef bool kinesis_read_fn(void *ctx, int64_t serial, int64_t arrival_ms, struct str partition_key,
                             struct str data);
/* Records from `serial` on, at most `limit`. */
int kinesis_records_read(struct state *state, const struct kinesis_shard *shard, int64_t serial,
                         int64_t limit, kinesis_read_fn *fn, void *ctx) MUST_USE;
/* Serial of the oldest record that there is; last_serial + 1 if none. Negative on failure. */
int64_t kinesis_records_oldest(struct state *state, const struct kinesis_shard *shard);
/* Serial of the first record that arrived at `arrival_ms` or later; last_serial + 1 if none. */
int64_t kinesis_records_since(struct state *state, const struct kinesis_shard *shard, int64_t arrival_ms);
/* Deletes what is older than its stream's retention. Returns the records deleted, or a negative code. */
int64_t kinesis_records_trim(struct state *state, struct kinesis_store *store, int64_t now_ms);
/* Deletes all records of a shard. */
int kinesis_records_delete(struct state *state, const struct kinesis_shard *shard) MUST_USE;

#endif
