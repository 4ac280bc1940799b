/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams, shards and records of Kinesis. Streams and shards are held in memory as well as in the state file;
 * records only in the file. What a function has returned 0 for survives kill -9 of the process.
 */
#ifndef LOCAL_AWS_KINESIS_STORE_H
#define LOCAL_AWS_KINESIS_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"
#include "lib/str.h"

#include "local/aws/kinesis_hash.h"
#include "local/aws/state.h"
#include "local/aws/throttle.h"

enum {
    KINESIS_NAME_CAP = 128,
    KINESIS_SHARDS_CAP = 10000, /* of one stream, closed ones included */
    KINESIS_STREAMS_CAP = 1000,
    KINESIS_SHARD_ID_SIZE = 21 /* "shardId-000000000000" */
};

struct kinesis_shard {
    int64_t uid; /* unique over all streams and times */
    unsigned number;
    int parent; /* number, or -1 */
    int adjacent_parent;
    hash_key hash_start, hash_end; /* both inclusive */
    int64_t created_ms;
    int64_t closed_ms;   /* 0: open */
    int64_t last_serial; /* 0: no record yet */
    int64_t last_arrival_ms;
    struct throttle records_in, bytes_in, reads, bytes_out;
};

struct kinesis_stream {
    int64_t id;
    char name[KINESIS_NAME_CAP + 1];
    int64_t created_ms;
    int64_t retention_hours;
    int64_t max_record_kib;
    bool on_demand;
    struct kinesis_shard *shards; /* by number; moves when shards are added */
    size_t shard_count;
};

struct kinesis_store;

/* Reads the streams from the state, which is borrowed. NULL with err filled on failure. */
struct kinesis_store *kinesis_store_open(struct state *state, struct error *err);
void kinesis_store_free(struct kinesis_store *store);

/* Streams by name, ascending. */
size_t kinesis_store_count(const struct kinesis_store *store);
struct kinesis_stream *kinesis_store_at(struct kinesis_store *store, size_t index);
struct kinesis_stream *kinesis_store_find(struct kinesis_store *store, const char *name);
/* The shard with that uid and its stream, or NULL. */
struct kinesis_shard *kinesis_store_find_shard(struct kinesis_store *store, int64_t uid,
                                               struct kinesis_stream **ret_stream);

/* All return 0, or a negative code with the state unchanged. */
int kinesis_store_create(struct kinesis_store *store, const struct kinesis_stream *settings,
                         unsigned shard_count, int64_t now_ms) MUST_USE;
int kinesis_store_delete(struct kinesis_store *store, struct kinesis_stream *stream) MUST_USE;
/* Writes retention and record size of the stream down. */
int kinesis_store_update(struct kinesis_store *store, const struct kinesis_stream *stream) MUST_USE;
/* Closes a shard; its children are [start, at - 1] and [at, end]. */
int kinesis_store_split(struct kinesis_store *store, struct kinesis_stream *stream, unsigned number,
                        hash_key at, int64_t now_ms) MUST_USE;
/* Closes two neighbours and opens one shard over both ranges. */
int kinesis_store_merge(struct kinesis_store *store, struct kinesis_stream *stream, unsigned number,
                        unsigned adjacent, int64_t now_ms) MUST_USE;

/* A record to append: to the open shard `shard` (its number). The serial is set by the append. */
struct kinesis_put {
    unsigned shard;
    struct str partition_key;
    struct str data;
    int64_t serial;
    int64_t arrival_ms;
};

/* Appends all of them, in order, or none. */
int kinesis_store_append(struct kinesis_store *store, struct kinesis_stream *stream, struct kinesis_put *puts,
                         size_t count, int64_t now_ms) MUST_USE;

/* One record read; false stops before it. Borrowed for the call. */
typedef bool kinesis_read_fn(void *ctx, int64_t serial, int64_t arrival_ms, struct str partition_key,
                             struct str data);
/* Records from `serial` on, at most `limit`. */
int kinesis_store_read(struct kinesis_store *store, const struct kinesis_shard *shard, int64_t serial,
                       int64_t limit, kinesis_read_fn *fn, void *ctx) MUST_USE;
/* Serial of the oldest record that there is; last_serial + 1 if none. Negative on failure. */
int64_t kinesis_store_oldest(struct kinesis_store *store, const struct kinesis_shard *shard);
/* Serial of the first record that arrived at `arrival_ms` or later; last_serial + 1 if none. */
int64_t kinesis_store_since(struct kinesis_store *store, const struct kinesis_shard *shard,
                            int64_t arrival_ms);
/* Deletes what is older than its stream's retention. Returns the records deleted, or a negative code. */
int64_t kinesis_store_trim(struct kinesis_store *store, int64_t now_ms);

/* The open shard whose range holds the key. There always is one. */
struct kinesis_shard *kinesis_stream_route(struct kinesis_stream *stream, hash_key key);
size_t kinesis_stream_open_shards(const struct kinesis_stream *stream);
/* The shard named "shardId-000000000001", or NULL. */
struct kinesis_shard *kinesis_stream_shard(struct kinesis_stream *stream, const char *shard_id);
void kinesis_shard_id(unsigned number, char out[KINESIS_SHARD_ID_SIZE]);

#endif
