/* SPDX-License-Identifier: Apache-2.0 */
/* The operations on whole streams. */
#include "local/aws/kinesis.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/log.h"

static int read_mode(struct call *call, bool *ret_on_demand)
{
    const char *mode = json_string(json_get(call->input, "StreamModeDetails"), "StreamMode");

    *ret_on_demand = mode && strcmp(mode, "ON_DEMAND") == 0;
    if (mode && !*ret_on_demand && strcmp(mode, "PROVISIONED") != 0) {
        return call_invalid(call, "streamModeDetails.streamMode",
                            "satisfy enum value set: [PROVISIONED, ON_DEMAND]");
    }
    return 0;
}

int kinesis_create_stream(struct call *call)
{
    struct kinesis_stream settings = {.retention_hours = KINESIS_RETENTION_HOURS};
    const char *name;
    int64_t shards;

    if (call_text(call, "StreamName", true, KINESIS_NAME_CAP, &name) ||
        read_mode(call, &settings.on_demand) ||
        call_int(call, "ShardCount", 1, INT32_MAX, settings.on_demand ? 4 : 0, &shards) ||
        call_int(call, "MaxRecordSizeInKiB", 1024, 10240, KINESIS_RECORD_KIB, &settings.max_record_kib)) {
        return CALL_REFUSED;
    }
    if (!call_is_name(name)) {
        return call_invalid(call, "streamName", "satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
    }
    if (shards == 0) {
        return call_fail(call, 400, "InvalidArgumentException",
                         "ShardCount must be given for a PROVISIONED stream.");
    }
    if (shards > KINESIS_CREATE_SHARDS_CAP) {
        return call_fail(call, 400, "LimitExceededException",
                         "This request would exceed the shard limit for the account %s in %s. Limit: %d.",
                         LOCAL_ACCOUNT, call->local->config->region, KINESIS_CREATE_SHARDS_CAP);
    }
    if (kinesis_store_find(call->local->kinesis, name)) {
        return call_fail(call, 400, "ResourceInUseException", "Stream %s under account %s already exists.",
                         name, LOCAL_ACCOUNT);
    }
    snprintf(settings.name, sizeof(settings.name), "%s", name);
    if (kinesis_store_create(call->local->kinesis, &settings, (unsigned)shards, call->now_ms)) {
        return kinesis_store_count(call->local->kinesis) == KINESIS_STREAMS_CAP
                   ? call_fail(call, 400, "LimitExceededException", "There are %d streams already.",
                               KINESIS_STREAMS_CAP)
                   : call_broken(call);
    }
    LOG_INFO("stream created", LOG_STR("stream", name), LOG_INT("shards", shards));
    return 0;
}

int kinesis_delete_stream(struct call *call)
{
    struct kinesis_stream *stream = NULL;

    if (kinesis_resolve(call, &stream)) {
        return CALL_REFUSED;
    }
    LOG_INFO("stream deleted", LOG_STR("stream", stream->name));
    return kinesis_store_delete(call->local->kinesis, stream) ? call_broken(call) : 0;
}

static void add_mode(struct buf *out, const struct kinesis_stream *stream)
{
    buf_addf(out, "\"StreamModeDetails\":{\"StreamMode\":\"%s\"}",
             stream->on_demand ? "ON_DEMAND" : "PROVISIONED");
}

int kinesis_list_streams(struct call *call)
{
    struct kinesis_store *store = call->local->kinesis;
    const char *start = NULL;
    const char *token = NULL;
    int64_t limit;
    int64_t shown = 0;
    size_t at = 0;

    if (call_int(call, "Limit", 1, 10000, 100, &limit) ||
        call_text(call, "ExclusiveStartStreamName", false, KINESIS_NAME_CAP, &start) ||
        call_text(call, "NextToken", false, 1048576, &token)) {
        return CALL_REFUSED;
    }
    start = token ? token : start; /* the token is the last name shown */
    while (start && at < kinesis_store_count(store) &&
           strcmp(kinesis_store_at(store, at)->name, start) <= 0) {
        at++;
    }
    buf_add_str(&call->output, "{\"StreamNames\":[");
    for (size_t i = at; i < kinesis_store_count(store) && shown < limit; i++, shown++) {
        buf_addf(&call->output, "%s\"%s\"", i > at ? "," : "", kinesis_store_at(store, i)->name);
    }
    buf_add_str(&call->output, "],\"StreamSummaries\":[");
    for (size_t i = at; i < at + (size_t)shown; i++) {
        const struct kinesis_stream *stream = kinesis_store_at(store, i);
        buf_addf(&call->output, "%s{\"StreamName\":\"%s\",\"StreamARN\":", i > at ? "," : "", stream->name);
        kinesis_add_arn(call, stream->name);
        buf_add_str(&call->output, ",\"StreamStatus\":\"ACTIVE\",\"StreamCreationTimestamp\":");
        call_add_time(&call->output, stream->created_ms);
        buf_add_char(&call->output, ',');
        add_mode(&call->output, stream);
        buf_add_char(&call->output, '}');
    }
    at += (size_t)shown;
    buf_addf(&call->output, "],\"HasMoreStreams\":%s", at < kinesis_store_count(store) ? "true" : "false");
    if (at < kinesis_store_count(store)) {
        buf_addf(&call->output, ",\"NextToken\":\"%s\"", kinesis_store_at(store, at - 1)->name);
    }
    buf_add_char(&call->output, '}');
    return 0;
}

/* What DescribeStream and DescribeStreamSummary have in common. */
static void add_description(struct call *call, const struct kinesis_stream *stream)
{
    buf_addf(&call->output, "\"StreamName\":\"%s\",\"StreamARN\":", stream->name);
    kinesis_add_arn(call, stream->name);
    buf_addf(&call->output, ",\"StreamStatus\":\"ACTIVE\",\"RetentionPeriodHours\":%" PRId64,
             stream->retention_hours);
    buf_add_str(&call->output, ",\"StreamCreationTimestamp\":");
    call_add_time(&call->output, stream->created_ms);
    buf_add_str(&call->output, ",\"EncryptionType\":\"NONE\","
                               "\"EnhancedMonitoring\":[{\"ShardLevelMetrics\":[]}],");
    add_mode(&call->output, stream);
}

int kinesis_describe_stream_summary(struct call *call)
{
    struct kinesis_stream *stream = NULL;

    if (kinesis_resolve(call, &stream)) {
        return CALL_REFUSED;
    }
    buf_add_str(&call->output, "{\"StreamDescriptionSummary\":{");
    add_description(call, stream);
    buf_addf(&call->output,
             ",\"OpenShardCount\":%zu,\"ConsumerCount\":0,\"MaxRecordSizeInKiB\":%" PRId64 "}}",
             kinesis_stream_open_shards(stream), stream->max_record_kib);
    return 0;
}

int kinesis_describe_stream(struct call *call)
{
    struct kinesis_stream *stream = NULL;
    const char *start = NULL;
    int64_t limit;
    size_t at = 0;
    size_t end;

    if (kinesis_resolve(call, &stream) || call_int(call, "Limit", 1, 10000, 100, &limit) ||
        call_text(call, "ExclusiveStartShardId", false, 128, &start)) {
        return CALL_REFUSED;
    }
    if (start) {
        const struct kinesis_shard *shard = kinesis_stream_shard(stream, start);
        at = shard ? shard->number + 1 : stream->shard_count;
    }
    end = at + (size_t)limit < stream->shard_count ? at + (size_t)limit : stream->shard_count;
    buf_add_str(&call->output, "{\"StreamDescription\":{");
    add_description(call, stream);
    buf_addf(&call->output, ",\"HasMoreShards\":%s,\"Shards\":[",
             end < stream->shard_count ? "true" : "false");
    for (size_t i = at; i < end; i++) {
        buf_add_str(&call->output, i > at ? "," : "");
        kinesis_add_shard(&call->output, &stream->shards[i]);
    }
    buf_add_str(&call->output, "]}}");
    return 0;
}

int kinesis_describe_limits(struct call *call)
{
    size_t open = 0;
    size_t on_demand = 0;

    for (size_t i = 0; i < kinesis_store_count(call->local->kinesis); i++) {
        const struct kinesis_stream *stream = kinesis_store_at(call->local->kinesis, i);
        open += kinesis_stream_open_shards(stream);
        on_demand += stream->on_demand;
    }
    buf_addf(&call->output,
             "{\"ShardLimit\":%d,\"OpenShardCount\":%zu,\"OnDemandStreamCount\":%zu,"
             "\"OnDemandStreamCountLimit\":50}",
             KINESIS_SHARDS_CAP, open, on_demand);
    return 0;
}

int kinesis_update_max_record_size(struct call *call)
{
    struct kinesis_stream *stream = NULL;
    struct kinesis_stream changed;
    int64_t kib;

    if (kinesis_resolve(call, &stream) || call_int(call, "MaxRecordSizeInKiB", 1024, 10240, 0, &kib)) {
        return CALL_REFUSED;
    }
    if (kib == 0) {
        return call_invalid(call, "maxRecordSizeInKiB", "not be null");
    }
    changed = *stream;
    changed.max_record_kib = kib;
    if (kinesis_store_update(call->local->kinesis, &changed)) {
        return call_broken(call);
    }
    stream->max_record_kib = kib;
    return 0;
}

static int change_retention(struct call *call, bool up)
{
    struct kinesis_stream *stream = NULL;
    struct kinesis_stream changed;
    int64_t hours;

    if (kinesis_resolve(call, &stream) || call_int(call, "RetentionPeriodHours", KINESIS_RETENTION_HOURS,
                                                   KINESIS_RETENTION_HOURS_MAX, 0, &hours)) {
        return CALL_REFUSED;
    }
    if (up ? hours < stream->retention_hours : hours > stream->retention_hours || hours == 0) {
        return call_fail(call, 400, "InvalidArgumentException",
                         "Retention period of %" PRId64 " hours is %s than that of stream %s.", hours,
                         up ? "shorter" : "longer", stream->name);
    }
    changed = *stream;
    changed.retention_hours = hours;
    if (kinesis_store_update(call->local->kinesis, &changed)) {
        return call_broken(call);
    }
    stream->retention_hours = hours;
    return 0;
}

int kinesis_increase_retention(struct call *call)
{
    return change_retention(call, true);
}

int kinesis_decrease_retention(struct call *call)
{
    return change_retention(call, false);
}
