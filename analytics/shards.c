/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/shards.h"

void shards_first_position(const struct kinesis_shard *shard, bool initial, enum shards_start start,
                           int64_t timestamp_ms, int64_t now_ms, struct shard_position *ret)
{
    *ret = (struct shard_position){.progress = SHARD_FROM_OLDEST};
    memcpy(ret->shard, shard->id, sizeof(ret->shard));
    if (!initial || start == SHARDS_TRIM_HORIZON) {
        return;
    }
    if (start == SHARDS_LATEST && shard->closed) {
        ret->progress = SHARD_ENDED;
        return;
    }
    ret->progress = SHARD_FROM_TIME;
    ret->since_ms = start == SHARDS_LATEST ? now_ms : timestamp_ms;
}

const struct kinesis_shard *shards_find(const struct kinesis_shards *list, const char *id)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->shards[i].id, id) == 0) {
            return &list->shards[i];
        }
    }
    return NULL;
}

static bool is_done(const struct kinesis_shards *list, const char *parent, shards_ended_fn *ended, void *ctx)
{
    return parent[0] == '\0' || !shards_find(list, parent) || ended(ctx, parent);
}

bool shards_may_read(const struct kinesis_shards *list, const struct kinesis_shard *shard,
                     shards_ended_fn *ended, void *ctx)
{
    return is_done(list, shard->parent, ended, ctx) && is_done(list, shard->adjacent_parent, ended, ctx);
}

void shards_iterator_position(const struct shard_position *position, struct kinesis_position *ret)
{
    *ret = (struct kinesis_position){.start = KINESIS_TRIM_HORIZON};
    if (position->progress == SHARD_FROM_TIME) {
        ret->start = KINESIS_AT_TIMESTAMP;
        ret->timestamp_ms = position->since_ms;
    } else if (position->progress == SHARD_AFTER) {
        ret->start = KINESIS_AFTER_SEQUENCE;
        memcpy(ret->sequence, position->sequence, sizeof(ret->sequence));
    }
}
