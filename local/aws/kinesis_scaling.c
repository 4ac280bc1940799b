/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/kinesis_scaling.h"

/* The open shard whose range begins with or behind `key`, as near as there is one; NULL: none. */
static const struct kinesis_shard *open_from(const struct kinesis_stream *stream, hash_key key)
{
    const struct kinesis_shard *found = NULL;

    for (size_t i = 0; i < stream->shard_count; i++) {
        const struct kinesis_shard *shard = &stream->shards[i];
        if (shard->closed_ms == 0 && shard->hash_start >= key &&
            (!found || shard->hash_start < found->hash_start)) {
            found = shard;
        }
    }
    return found;
}

/* The range of `target` equal ones that holds a key. */
static void range_of(hash_key key, unsigned target, hash_key *ret_start, hash_key *ret_end)
{
    unsigned low = 0;
    unsigned high = target - 1;

    while (low < high) {
        unsigned middle = low + (high - low + 1) / 2;
        kinesis_hash_range(middle, target, ret_start, ret_end);
        if (*ret_start <= key) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    kinesis_hash_range(low, target, ret_start, ret_end);
}

enum kinesis_scaling_step kinesis_scaling_next(const struct kinesis_stream *stream, unsigned target,
                                               struct kinesis_scaling *step)
{
    const struct kinesis_shard *before = NULL;
    const struct kinesis_shard *shard = open_from(stream, step->from);
    hash_key start;
    hash_key end;

    while (shard) {
        range_of(shard->hash_start, target, &start, &end);
        if (shard->hash_end > end) {
            *step = (struct kinesis_scaling){.from = before ? before->hash_start : shard->hash_start,
                                             .shard = shard->number,
                                             .at = end + 1};
            return KINESIS_SCALING_SPLIT;
        }
        if (before && shard->hash_start != start) { /* no range begins here: it belongs to the one before */
            *step = (struct kinesis_scaling){
                .from = before->hash_start, .shard = before->number, .adjacent = shard->number};
            return KINESIS_SCALING_MERGE;
        }
        before = shard;
        shard = shard->hash_end == HASH_KEY_MAX ? NULL : open_from(stream, shard->hash_end + 1);
    }
    return KINESIS_SCALING_DONE;
}
