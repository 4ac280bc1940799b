/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/kinesis_stream.h"

#include <stdio.h>

#include "lib/str.h"

void kinesis_shard_id(unsigned number, char out[KINESIS_SHARD_ID_SIZE])
{
    snprintf(out, KINESIS_SHARD_ID_SIZE, "shardId-%012u", number);
}

struct kinesis_shard *kinesis_stream_shard(struct kinesis_stream *stream, const char *shard_id)
{
    struct str text = str_of(shard_id);
    long long number;

    if (text.len != KINESIS_SHARD_ID_SIZE - 1 || !str_starts_with(text, STR("shardId-"))) {
        return NULL;
    }
    text.ptr += 8;
    text.len -= 8;
    if (!str_to_int64(text, 0, (long long)stream->shard_count - 1, &number)) {
        return NULL;
    }
    return &stream->shards[number];
}

struct kinesis_shard *kinesis_stream_route(struct kinesis_stream *stream, hash_key key)
{
    for (size_t i = 0; i < stream->shard_count; i++) {
        struct kinesis_shard *shard = &stream->shards[i];
        if (shard->closed_ms == 0 && key >= shard->hash_start && key <= shard->hash_end) {
            return shard;
        }
    }
    return NULL;
}

size_t kinesis_stream_open_shards(const struct kinesis_stream *stream)
{
    size_t open = 0;

    for (size_t i = 0; i < stream->shard_count; i++) {
        open += stream->shards[i].closed_ms == 0;
    }
    return open;
}
