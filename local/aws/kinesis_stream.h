/* SPDX-License-Identifier: Apache-2.0 */
/* A stream and its shards in memory: which shard takes a key, and how shards are named. Pure. */
#ifndef LOCAL_AWS_KINESIS_STREAM_H
#define LOCAL_AWS_KINESIS_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "local/aws/kinesis_hash.h"
#include "local/aws/throttle.h"

enum {
    KINESIS_NAME_CAP = 128,
    KINESIS_SHARDS_CAP = 10000, /* of one stream, closed ones included */
    KINESIS_CREATE_SHARDS_CAP = KINESIS_SHARDS_CAP / 10,
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

/* The open shard whose range holds the key. There always is one. */
struct kinesis_shard *kinesis_stream_route(struct kinesis_stream *stream, hash_key key);
size_t kinesis_stream_open_shards(const struct kinesis_stream *stream);
/* The shard named "shardId-000000000001", or NULL. */
struct kinesis_shard *kinesis_stream_shard(struct kinesis_stream *stream, const char *shard_id);
void kinesis_shard_id(unsigned number, char out[KINESIS_SHARD_ID_SIZE]);

#endif
