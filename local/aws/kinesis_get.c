/* SPDX-License-Identifier: Apache-2.0 */
/* GetShardIterator and GetRecords. */
#include "local/aws/kinesis.h"

#include <inttypes.h>
#include <string.h>

#include "local/aws/faults.h"
#include "local/aws/kinesis_iterator.h"
#include "local/aws/kinesis_sequence.h"

/* --- GetShardIterator ------------------------------------------------------------------------------------
 */

static int serial_of_sequence(struct call *call, const struct kinesis_shard *shard, int64_t *ret)
{
    const char *text;
    struct kinesis_sequence sequence;

    if (call_text(call, "StartingSequenceNumber", false, 129, &text)) {
        return CALL_REFUSED;
    }
    if (!text) {
        return call_fail(
            call, 400, "InvalidArgumentException",
            "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and "
            "StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber.");
    }
    if (!kinesis_sequence_is_wellformed(str_of(text))) {
        return call_invalid(call, "startingSequenceNumber",
                            "satisfy regular expression pattern: 0|([1-9]\\d{0,128})");
    }
    if (!kinesis_sequence_parse(str_of(text), &sequence) || sequence.shard != shard->number ||
        sequence.shard_created_ms != shard->created_ms || sequence.serial > shard->last_serial + 1) {
        return call_fail(
            call, 400, "InvalidArgumentException",
            "StartingSequenceNumber %s used in GetShardIterator on this shard is invalid because "
            "it did not come from it.",
            text);
    }
    *ret = sequence.serial;
    return 0;
}

static int serial_of_time(struct call *call, const struct kinesis_shard *shard, int64_t *ret)
{
    const cJSON *time = json_get(call->input, "Timestamp");

    if (!cJSON_IsNumber(time) || time->valuedouble < 0 || time->valuedouble > 1e11) {
        return call_fail(call, 400, "InvalidArgumentException",
                         "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP.");
    }
    if (time->valuedouble * 1000 > (double)call->now_ms) {
        return call_fail(call, 400, "InvalidArgumentException",
                         "The timestampInMillis parameter cannot be greater than the current timestamp.");
    }
    /* Half a millisecond more: 1795392000.123 as a double is a little less than that. */
    *ret = kinesis_records_since(call->local->state, shard, (int64_t)(time->valuedouble * 1000 + 0.5));
    return *ret < 0 ? call_broken(call) : 0;
}

/* The serial that an iterator of this type starts at. */
static int starting_serial(struct call *call, const struct kinesis_shard *shard, const char *type,
                           int64_t *ret)
{
    if (strcmp(type, "TRIM_HORIZON") == 0) {
        *ret = 0;
        return 0;
    }
    if (strcmp(type, "LATEST") == 0) {
        *ret = shard->last_serial + 1;
        return 0;
    }
    if (strcmp(type, "AT_SEQUENCE_NUMBER") == 0) {
        return serial_of_sequence(call, shard, ret);
    }
    if (strcmp(type, "AFTER_SEQUENCE_NUMBER") == 0) {
        int code = serial_of_sequence(call, shard, ret);
        *ret += code == 0;
        return code;
    }
    if (strcmp(type, "AT_TIMESTAMP") == 0) {
        return serial_of_time(call, shard, ret);
    }
    return call_invalid(call, "shardIteratorType",
                        "satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, "
                        "AT_SEQUENCE_NUMBER, TRIM_HORIZON]");
}

static void add_iterator(struct buf *out, const struct kinesis_shard *shard, int64_t serial, int64_t now_ms)
{
    struct kinesis_iterator iterator = {.shard_uid = shard->uid, .serial = serial, .issued_ms = now_ms};
    char token[KINESIS_ITERATOR_SIZE];

    kinesis_iterator_format(&iterator, token);
    buf_addf(out, "\"%s\"", token);
}

int kinesis_get_shard_iterator(struct call *call)
{
    struct kinesis_stream *stream = NULL;
    struct kinesis_shard *shard = NULL;
    const char *id;
    const char *type;
    int64_t serial = 0;

    if (kinesis_resolve(call, &stream) || call_text(call, "ShardId", true, 128, &id) ||
        call_text(call, "ShardIteratorType", true, 32, &type)) {
        return CALL_REFUSED;
    }
    shard = kinesis_stream_shard(stream, id);
    if (!shard) {
        return call_fail(call, 400, "ResourceNotFoundException",
                         "Shard %s in stream %s under account %s does "
                         "not exist",
                         id, stream->name, LOCAL_ACCOUNT);
    }
    if (starting_serial(call, shard, type, &serial) || kinesis_dry_run(call)) {
        return CALL_REFUSED;
    }
    buf_add_str(&call->output, "{\"ShardIterator\":");
    add_iterator(&call->output, shard, serial, call->now_ms);
    buf_add_char(&call->output, '}');
    return 0;
}

/* --- GetRecords ------------------------------------------------------------------------------------------
 */

struct reading {
    struct call *call;
    const struct kinesis_shard *shard;
    size_t bytes;
    int64_t count;
    int64_t next;            /* serial after the last one taken */
    int64_t last_arrival_ms; /* of the last one taken */
};

static bool take_record(void *ctx, int64_t serial, int64_t arrival_ms, struct str key, struct str data)
{
    struct reading *reading = ctx;
    struct buf *out = &reading->call->output;

    if (reading->count > 0 && reading->bytes + data.len > KINESIS_GET_BYTES_CAP) {
        return false;
    }
    buf_add_str(out, reading->count > 0 ? ",{\"SequenceNumber\":" : "{\"SequenceNumber\":");
    kinesis_add_sequence(out, reading->shard, serial, arrival_ms);
    buf_add_str(out, ",\"ApproximateArrivalTimestamp\":");
    call_add_time(out, arrival_ms);
    buf_add_str(out, ",\"Data\":\"");
    buf_add_base64(out, data.ptr, data.len);
    buf_add_str(out, "\",\"PartitionKey\":");
    buf_add_json_string(out, key.ptr, key.len);
    buf_add_char(out, '}');
    reading->bytes += data.len;
    reading->count++;
    reading->next = serial + 1;
    reading->last_arrival_ms = arrival_ms;
    return true;
}

static int find_iterator(struct call *call, struct kinesis_iterator *ret, struct kinesis_stream **ret_stream,
                         struct kinesis_shard **ret_shard)
{
    const char *token;

    if (call_text(call, "ShardIterator", true, 512, &token)) {
        return CALL_REFUSED;
    }
    if (!kinesis_iterator_parse(str_of(token), ret)) {
        return call_fail(call, 400, "InvalidArgumentException", "Invalid ShardIterator.");
    }
    if (call->now_ms - ret->issued_ms > KINESIS_ITERATOR_LIFE_MS) {
        return call_fail(call, 400, "ExpiredIteratorException",
                         "Iterator expired. The iterator was created at time %" PRId64
                         " while right now it is %" PRId64 " which is further in the future than the "
                         "tolerated delay of %d milliseconds.",
                         ret->issued_ms, call->now_ms, KINESIS_ITERATOR_LIFE_MS);
    }
    *ret_shard = kinesis_store_find_shard(call->local->kinesis, ret->shard_uid, ret_stream);
    return *ret_shard ? 0
                      : call_fail(call, 400, "ResourceNotFoundException",
                                  "The stream of this iterator does not exist.");
}

static int check_limits(struct call *call, const struct kinesis_stream *stream, struct kinesis_shard *shard)
{
    char id[KINESIS_SHARD_ID_SIZE];
    bool refused;

    kinesis_shard_id(shard->number, id);
    refused = faults_draw_record(call->local->faults, "kinesis", "GetRecords", id) != NULL;
    if (!refused && call->local->config->enforce_limits) {
        refused = !throttle_allows(&shard->reads, KINESIS_SHARD_READS_PER_S, 1, call->now_ms) ||
                  !throttle_allows(&shard->bytes_out, KINESIS_SHARD_READ_BYTES_PER_S, 0, call->now_ms);
        throttle_take(&shard->reads, KINESIS_SHARD_READS_PER_S, refused ? 0 : 1, call->now_ms);
        metrics_add_label(call->local->metrics, METRIC_KINESIS_THROTTLED, stream->name, refused);
    }
    return refused ? call_fail(call, 400, "ProvisionedThroughputExceededException",
                               "Rate exceeded for shard %s in stream %s under account %s.", id, stream->name,
                               LOCAL_ACCOUNT)
                   : 0;
}

static void add_children(struct buf *out, const struct kinesis_stream *stream,
                         const struct kinesis_shard *parent)
{
    bool first = true;

    buf_add_str(out, ",\"ChildShards\":[");
    for (size_t i = 0; i < stream->shard_count; i++) {
        const struct kinesis_shard *child = &stream->shards[i];
        char id[KINESIS_SHARD_ID_SIZE];
        char start[HASH_KEY_SIZE];
        char end[HASH_KEY_SIZE];
        if (child->parent != (int)parent->number && child->adjacent_parent != (int)parent->number) {
            continue;
        }
        kinesis_hash_format(child->hash_start, start);
        kinesis_hash_format(child->hash_end, end);
        kinesis_shard_id(child->number, id);
        buf_addf(out, "%s{\"ShardId\":\"%s\",\"ParentShards\":[", first ? "" : ",", id);
        kinesis_shard_id((unsigned)child->parent, id);
        buf_addf(out, "\"%s\"", id);
        if (child->adjacent_parent >= 0) {
            kinesis_shard_id((unsigned)child->adjacent_parent, id);
            buf_addf(out, ",\"%s\"", id);
        }
        buf_addf(out, "],\"HashKeyRange\":{\"StartingHashKey\":\"%s\",\"EndingHashKey\":\"%s\"}}", start,
                 end);
        first = false;
    }
    buf_add_char(out, ']');
}

int kinesis_get_records(struct call *call)
{
    struct kinesis_iterator iterator;
    struct kinesis_stream *stream = NULL;
    struct kinesis_shard *shard = NULL;
    struct reading reading = {.call = call};
    int64_t limit;
    bool end;

    if (call_int(call, "Limit", 1, KINESIS_GET_RECORDS_CAP, KINESIS_GET_RECORDS_CAP, &limit) ||
        find_iterator(call, &iterator, &stream, &shard) || kinesis_dry_run(call) ||
        check_limits(call, stream, shard)) {
        return CALL_REFUSED;
    }
    reading.shard = shard;
    reading.next = iterator.serial;
    buf_add_str(&call->output, "{\"Records\":[");
    if (kinesis_records_read(call->local->state, shard, iterator.serial, limit, take_record, &reading)) {
        return call_broken(call);
    }
    if (call->local->config->enforce_limits) {
        throttle_take(&shard->bytes_out, KINESIS_SHARD_READ_BYTES_PER_S, (double)reading.bytes, call->now_ms);
    }
    metrics_add_label(call->local->metrics, METRIC_KINESIS_READ, stream->name, (uint64_t)reading.count);
    end = reading.next > shard->last_serial;
    buf_addf(&call->output, "],\"MillisBehindLatest\":%" PRId64,
             end || reading.count == 0 ? 0 : call->now_ms - reading.last_arrival_ms);
    if (end && shard->closed_ms) {
        add_children(&call->output, stream, shard); /* and no NextShardIterator: the shard is at its end */
    } else {
        buf_add_str(&call->output, ",\"NextShardIterator\":");
        add_iterator(&call->output, shard, reading.next, call->now_ms);
    }
    buf_add_char(&call->output, '}');
    return 0;
}
