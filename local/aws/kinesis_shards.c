/* SPDX-License-Identifier: Apache-2.0 */
/* ListShards, SplitShard, MergeShards, UpdateShardCount. */
#include "local/aws/kinesis.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base64.h"
#include "lib/log.h"

#include "local/aws/kinesis_scaling.h"

/* Which shards ListShards shows. */
struct shard_filter {
    size_t from;        /* first number */
    int64_t open_at_ms; /* only those open at this time; 0: any */
    int64_t alive_ms;   /* only those not closed before this time; 0: any */
};

static bool filter_shows(const struct shard_filter *filter, const struct kinesis_shard *shard)
{
    if (filter->open_at_ms && (shard->created_ms > filter->open_at_ms ||
                               (shard->closed_ms && shard->closed_ms <= filter->open_at_ms))) {
        return false;
    }
    return !filter->alive_ms || !shard->closed_ms || shard->closed_ms >= filter->alive_ms;
}

static int read_timestamp(struct call *call, const cJSON *filter, int64_t *ret_ms)
{
    const cJSON *value = json_get(filter, "Timestamp");

    if (!cJSON_IsNumber(value) || value->valuedouble < 0 || value->valuedouble > 1e11) {
        return call_fail(call, 400, "InvalidArgumentException", "ShardFilter needs a Timestamp.");
    }
    *ret_ms = (int64_t)(value->valuedouble * 1000);
    return 0;
}

static int read_filter(struct call *call, const struct kinesis_stream *stream, struct shard_filter *ret)
{
    const cJSON *filter = json_get(call->input, "ShardFilter");
    const char *type = json_string(filter, "Type");
    int64_t horizon = call->now_ms - stream->retention_hours * 3600 * 1000;

    if (!filter) {
        return 0;
    }
    if (!type) {
        return call_invalid(call, "shardFilter.type", "not be null");
    }
    if (strcmp(type, "AFTER_SHARD_ID") == 0) {
        const char *id = json_string(filter, "ShardId");
        if (!id) {
            return call_fail(call, 400, "InvalidArgumentException", "AFTER_SHARD_ID needs a ShardId.");
        }
        long long number = -1;
        if (strncmp(id, "shardId-", 8) != 0 || !str_to_int64(str_of(id + 8), 0, INT32_MAX, &number)) {
            return call_fail(call, 400, "InvalidArgumentException", "ShardId in ShardFilter is malformed.");
        }
        ret->from = (size_t)number + 1;
    } else if (strcmp(type, "AT_LATEST") == 0) {
        ret->open_at_ms = INT64_MAX;
    } else if (strcmp(type, "AT_TIMESTAMP") == 0) {
        return read_timestamp(call, filter, &ret->open_at_ms);
    } else if (strcmp(type, "FROM_TIMESTAMP") == 0) {
        return read_timestamp(call, filter, &ret->alive_ms);
    } else if (strcmp(type, "AT_TRIM_HORIZON") == 0) {
        ret->open_at_ms = horizon > stream->created_ms ? horizon : stream->created_ms;
    } else if (strcmp(type, "FROM_TRIM_HORIZON") == 0) {
        ret->alive_ms = horizon;
    } else {
        return call_invalid(call, "shardFilter.type", "be a type of shard filter");
    }
    return 0;
}

/* A token carries the stream and the place to go on from: "<stream>/<first number>". */
static int read_token(struct call *call, const char *token, struct kinesis_stream **ret_stream,
                      size_t *ret_from)
{
    char text[KINESIS_NAME_CAP + 24];
    size_t len = 0;
    char *slash;
    long long from;

    if (base64_decoded_size(strlen(token)) >= sizeof(text) || !base64_decode(str_of(token), text, &len)) {
        return call_fail(call, 400, "InvalidArgumentException", "NextToken is malformed.");
    }
    text[len] = '\0';
    slash = strchr(text, '/');
    if (!slash || !str_to_int64(str_of(slash + 1), 0, KINESIS_SHARDS_CAP, &from)) {
        return call_fail(call, 400, "InvalidArgumentException", "NextToken is malformed.");
    }
    *slash = '\0';
    *ret_stream = kinesis_store_find(call->local->kinesis, text);
    *ret_from = (size_t)from;
    return *ret_stream ? 0
                       : call_fail(call, 400, "ResourceNotFoundException",
                                   "Stream %s under account %s not found.", text, LOCAL_ACCOUNT);
}

static void add_token(struct buf *out, const struct kinesis_stream *stream, size_t from)
{
    char text[KINESIS_NAME_CAP + 24];
    int len = snprintf(text, sizeof(text), "%s/%zu", stream->name, from);

    buf_add_str(out, ",\"NextToken\":\"");
    buf_add_base64(out, text, (size_t)len);
    buf_add_char(out, '"');
}

int kinesis_list_shards(struct call *call)
{
    struct kinesis_stream *stream = NULL;
    struct shard_filter filter = {0};
    const char *token = NULL;
    const char *start = NULL;
    int64_t limit;
    int64_t shown = 0;

    if (call_int(call, "MaxResults", 1, 10000, 1000, &limit) ||
        call_text(call, "NextToken", false, 1048576, &token) ||
        call_text(call, "ExclusiveStartShardId", false, 128, &start)) {
        return CALL_REFUSED;
    }
    if (token && (json_get(call->input, "StreamName") || start)) {
        return call_fail(call, 400, "InvalidArgumentException",
                         "NextToken and StreamName cannot be provided together.");
    }
    if (token ? read_token(call, token, &stream, &filter.from) : kinesis_resolve(call, &stream)) {
        return CALL_REFUSED;
    }
    if (start) {
        const struct kinesis_shard *shard = kinesis_stream_shard(stream, start);
        filter.from = shard ? shard->number + 1 : stream->shard_count;
    }
    if (read_filter(call, stream, &filter)) {
        return CALL_REFUSED;
    }
    buf_add_str(&call->output, "{\"Shards\":[");
    for (size_t i = filter.from; i < stream->shard_count; i++) {
        if (!filter_shows(&filter, &stream->shards[i])) {
            continue;
        }
        if (shown == limit) {
            buf_add_char(&call->output, ']');
            add_token(&call->output, stream, i);
            buf_add_char(&call->output, '}');
            return 0;
        }
        buf_add_str(&call->output, shown++ > 0 ? "," : "");
        kinesis_add_shard(&call->output, &stream->shards[i]);
    }
    buf_add_str(&call->output, "]}");
    return 0;
}

/* An open shard named by `member`. */
static int read_shard(struct call *call, struct kinesis_stream *stream, const char *member,
                      struct kinesis_shard **ret)
{
    const char *id;

    if (call_text(call, member, true, 128, &id)) {
        return CALL_REFUSED;
    }
    *ret = kinesis_stream_shard(stream, id);
    if (!*ret) {
        return call_fail(call, 400, "ResourceNotFoundException",
                         "Could not find shard %s in stream %s under account %s.", id, stream->name,
                         LOCAL_ACCOUNT);
    }
    if ((*ret)->closed_ms) {
        return call_fail(call, 400, "InvalidArgumentException",
                         "Shard %s in stream %s under account %s has already been merged or split, and thus "
                         "is not eligible for merging or splitting.",
                         id, stream->name, LOCAL_ACCOUNT);
    }
    return 0;
}

/* The shards of an on-demand stream are the service's own affair. */
static int check_provisioned(struct call *call, const struct kinesis_stream *stream)
{
    return stream->on_demand
               ? call_fail(call, 400, "ValidationException",
                           "Request is invalid. Stream %s under accountId %s is in On-Demand mode.",
                           stream->name, LOCAL_ACCOUNT)
               : 0;
}

int kinesis_split_shard(struct call *call)
{
    struct kinesis_stream *stream = NULL;
    struct kinesis_shard *shard = NULL;
    const char *text;
    hash_key at;

    if (kinesis_resolve(call, &stream) || check_provisioned(call, stream) ||
        read_shard(call, stream, "ShardToSplit", &shard) ||
        call_text(call, "NewStartingHashKey", true, 39, &text)) {
        return CALL_REFUSED;
    }
    if (!kinesis_hash_parse(str_of(text), &at)) {
        return call_invalid(call, "newStartingHashKey",
                            "satisfy regular expression pattern: 0|([1-9]\\d{0,38})");
    }
    if (at <= shard->hash_start + 1 || at >= shard->hash_end) {
        return call_fail(call, 400, "InvalidArgumentException",
                         "NewStartingHashKey %s used in SplitShard() is not both greater than one plus the "
                         "shard's StartingHashKey and less than the shard's EndingHashKey.",
                         text);
    }
    LOG_INFO("shard split", LOG_STR("stream", stream->name), LOG_UINT("shard", shard->number));
    return kinesis_store_split(call->local->kinesis, stream, shard->number, at, call->now_ms)
               ? call_broken(call)
               : 0;
}

static bool follows(const struct kinesis_shard *a, const struct kinesis_shard *b)
{
    return a->hash_end != HASH_KEY_MAX && a->hash_end + 1 == b->hash_start;
}

int kinesis_merge_shards(struct call *call)
{
    struct kinesis_stream *stream = NULL;
    struct kinesis_shard *a = NULL;
    struct kinesis_shard *b = NULL;

    if (kinesis_resolve(call, &stream) || check_provisioned(call, stream) ||
        read_shard(call, stream, "ShardToMerge", &a) ||
        read_shard(call, stream, "AdjacentShardToMerge", &b)) {
        return CALL_REFUSED;
    }
    if (!follows(a, b) && !follows(b, a)) {
        return call_fail(call, 400, "InvalidArgumentException",
                         "Shards in stream %s are not an adjacent pair of shards eligible for merging.",
                         stream->name);
    }
    LOG_INFO("shards merged", LOG_STR("stream", stream->name), LOG_UINT("shard", a->number),
             LOG_UINT("adjacent", b->number));
    return kinesis_store_merge(call->local->kinesis, stream, a->number, b->number, call->now_ms)
               ? call_broken(call)
               : 0;
}

/* The steps one by one: a kill in between leaves a stream that is whole, with some number of shards. */
static int scale(struct call *call, struct kinesis_stream *stream, unsigned target)
{
    struct kinesis_store *store = call->local->kinesis;
    struct kinesis_scaling step = {0};
    int code = 0;

    while (code == 0) {
        switch (kinesis_scaling_next(stream, target, &step)) {
        case KINESIS_SCALING_DONE:
            return 0;
        case KINESIS_SCALING_SPLIT:
            code = kinesis_store_split(store, stream, step.shard, step.at, call->now_ms);
            break;
        case KINESIS_SCALING_MERGE:
            code = kinesis_store_merge(store, stream, step.shard, step.adjacent, call->now_ms);
            break;
        }
    }
    return code;
}

static int check_target(struct call *call, const struct kinesis_stream *stream, int64_t target)
{
    int64_t open = (int64_t)kinesis_stream_open_shards(stream);

    if (target > 2 * open || 2 * target < open) {
        return call_fail(call, 400, "InvalidArgumentException",
                         "UpdateShardCount cannot scale %s your current open shard count. Current open shard "
                         "count: %" PRId64 " Target shard count: %" PRId64,
                         target > open ? "up over double" : "down below half", open, target);
    }
    /* All steps in between make shards, too. */
    return stream->shard_count + 2 * (size_t)(target + open) > KINESIS_SHARDS_CAP
               ? call_fail(call, 400, "LimitExceededException", "Stream %s has had too many shards.",
                           stream->name)
               : 0;
}

int kinesis_update_shard_count(struct call *call)
{
    struct kinesis_stream *stream = NULL;
    const char *scaling;
    size_t before;
    int64_t target;

    if (kinesis_resolve(call, &stream) ||
        call_int(call, "TargetShardCount", 1, KINESIS_SHARDS_CAP, 0, &target) ||
        call_text(call, "ScalingType", true, 32, &scaling)) {
        return CALL_REFUSED;
    }
    if (target == 0) {
        return call_invalid(call, "targetShardCount", "not be null");
    }
    if (strcmp(scaling, "UNIFORM_SCALING") != 0) {
        return call_invalid(call, "scalingType", "satisfy enum value set: [UNIFORM_SCALING]");
    }
    if (check_provisioned(call, stream) || check_target(call, stream, target)) {
        return CALL_REFUSED;
    }
    before = kinesis_stream_open_shards(stream);
    if (scale(call, stream, (unsigned)target)) {
        return call_broken(call);
    }
    LOG_INFO("stream scaled", LOG_STR("stream", stream->name), LOG_UINT("from", before),
             LOG_INT("to", target));
    buf_addf(&call->output,
             "{\"StreamName\":\"%s\",\"CurrentShardCount\":%zu,\"TargetShardCount\":%" PRId64
             ",\"StreamARN\":",
             stream->name, before, target);
    kinesis_add_arn(call, stream->name);
    buf_add_char(&call->output, '}');
    return 0;
}
