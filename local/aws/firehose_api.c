/* SPDX-License-Identifier: Apache-2.0 */
/* The operations of Firehose. */
#include "local/aws/firehose.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base64.h"

#include "local/aws/faults.h"
#include "local/aws/firehose_prefix.h"
#include "local/aws/firehose_request.h"

static int resolve(struct call *call, struct firehose_stream **ret)
{
    const char *name;

    if (call_text(call, "DeliveryStreamName", true, FIREHOSE_NAME_CAP, &name)) {
        return CALL_REFUSED;
    }
    *ret = firehose_find(call->local->firehose, name);
    return *ret ? 0
                : call_fail(call, 400, "ResourceNotFoundException", "Firehose %s under account %s not found.",
                            name, LOCAL_ACCOUNT);
}

/* --- delivery streams ------------------------------------------------------------------------------------
 */

static int create_delivery_stream(struct call *call)
{
    struct firehose_settings settings;
    char arn[FIREHOSE_ARN_CAP];

    if (firehose_request_settings(call, &settings)) {
        return CALL_REFUSED;
    }
    if (firehose_find(call->local->firehose, settings.name)) {
        return call_fail(call, 400, "ResourceInUseException", "Firehose %s under account %s already exists",
                         settings.name, LOCAL_ACCOUNT);
    }
    if (firehose_count(call->local->firehose) == FIREHOSE_STREAMS_CAP) {
        return call_fail(call, 400, "LimitExceededException", "There are %d delivery streams already.",
                         FIREHOSE_STREAMS_CAP);
    }
    if (firehose_create(call->local->firehose, &settings, call->now_ms)) {
        return call_broken(call);
    }
    firehose_arn(call->local, settings.name, arn);
    buf_addf(&call->output, "{\"DeliveryStreamARN\":\"%s\"}", arn);
    return 0;
}

static int delete_delivery_stream(struct call *call)
{
    struct firehose_stream *stream = NULL;

    if (resolve(call, &stream)) {
        return CALL_REFUSED;
    }
    buf_add_str(&call->output, "{}");
    return firehose_delete(call->local->firehose, stream) ? call_broken(call) : 0;
}

static int update_destination(struct call *call)
{
    struct firehose_stream *stream = NULL;
    struct firehose_settings settings;

    if (resolve(call, &stream)) {
        return CALL_REFUSED;
    }
    settings = stream->settings;
    if (firehose_request_update(call, &settings)) {
        return CALL_REFUSED;
    }
    buf_add_str(&call->output, "{}");
    return firehose_update(call->local->firehose, stream, &settings) ? call_broken(call) : 0;
}

static int list_delivery_streams(struct call *call)
{
    struct firehose *firehose = call->local->firehose;
    const char *start = NULL;
    int64_t limit;
    int64_t shown = 0;
    size_t at = 0;

    if (call_int(call, "Limit", 1, 10000, 10, &limit) ||
        call_text(call, "ExclusiveStartDeliveryStreamName", false, FIREHOSE_NAME_CAP, &start)) {
        return CALL_REFUSED;
    }
    while (start && at < firehose_count(firehose) &&
           strcmp(firehose_at(firehose, at)->settings.name, start) <= 0) {
        at++;
    }
    buf_add_str(&call->output, "{\"DeliveryStreamNames\":[");
    for (; at < firehose_count(firehose) && shown < limit; at++, shown++) {
        buf_addf(&call->output, "%s\"%s\"", shown > 0 ? "," : "", firehose_at(firehose, at)->settings.name);
    }
    buf_addf(&call->output, "],\"HasMoreDeliveryStreams\":%s}",
             at < firehose_count(firehose) ? "true" : "false");
    return 0;
}

static int describe_delivery_stream(struct call *call)
{
    struct firehose_stream *stream = NULL;

    if (resolve(call, &stream)) {
        return CALL_REFUSED;
    }
    firehose_request_describe(call, stream);
    return 0;
}

/* --- records ---------------------------------------------------------------------------------------------
 */

struct batch {
    struct firehose_stream *stream;
    size_t count;
    struct str records[FIREHOSE_PUT_RECORDS_CAP];
    const char *codes[FIREHOSE_PUT_RECORDS_CAP]; /* NULL: accepted */
    struct str accepted[FIREHOSE_PUT_RECORDS_CAP];
    size_t accepted_count;
    int64_t ids[FIREHOSE_PUT_RECORDS_CAP];
    size_t bytes;
    struct buf data;
};

static int read_record(struct call *call, struct batch *batch, const cJSON *item)
{
    const char *text = json_string(item, "Data");
    size_t len = 0;
    char *out;

    if (!text) {
        return call_invalid(call, "record.data", "not be null");
    }
    out = buf_reserve(&batch->data, base64_decoded_size(strlen(text)));
    if (!out || !base64_decode(str_of(text), out, &len)) {
        return call_fail(call, 400, "SerializationException", "Data is not valid base64.");
    }
    if (len > FIREHOSE_RECORD_BYTES_CAP) {
        return call_invalid(call, "record.data", "have length less than or equal to 1024000");
    }
    buf_commit(&batch->data, len);
    batch->records[batch->count++] = (struct str){out, len};
    batch->bytes += len;
    return 0;
}

static int read_records(struct call *call, struct batch *batch)
{
    const cJSON *records = json_get(call->input, "Records");
    const cJSON *item;
    int count = cJSON_IsArray(records) ? cJSON_GetArraySize(records) : -1;
    size_t size = 0;

    if (count < 1 || count > FIREHOSE_PUT_RECORDS_CAP) {
        return call_invalid(call, "records",
                            count < 0    ? "be a list"
                            : count == 0 ? "have length greater than or equal to 1"
                                         : "have length less than or equal to 500");
    }
    cJSON_ArrayForEach(item, records)
    {
        const char *data = json_string(item, "Data");
        size += data ? base64_decoded_size(strlen(data)) : 0;
    }
    /* The room for all at first, so that the data does not move while pointers to it are taken. */
    if (!buf_reserve(&batch->data, size)) {
        return call_fail(call, 400, "InvalidArgumentException",
                         "Records size exceeds 4 MB limit. Actual size is %zu.", size);
    }
    cJSON_ArrayForEach(item, records)
    {
        if (read_record(call, batch, item)) {
            return CALL_REFUSED;
        }
    }
    return batch->bytes <= FIREHOSE_PUT_BYTES_CAP
               ? 0
               : call_fail(call, 400, "InvalidArgumentException",
                           "Records size exceeds 4 MB limit. Actual size is %zu.", batch->bytes);
}

/* Accepts what no fault refuses. */
static int accept(struct call *call, struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        batch->codes[i] = faults_draw_record(call->local->faults, "firehose", call->operation, NULL);
        if (!batch->codes[i]) {
            batch->accepted[batch->accepted_count++] = batch->records[i];
        }
    }
    if (batch->accepted_count > 0 && firehose_accept(call->local->firehose, batch->stream, batch->accepted,
                                                     batch->accepted_count, call->now_ms, batch->ids)) {
        return call_broken(call);
    }
    return 0;
}

static int check_source(struct call *call, const struct firehose_stream *stream)
{
    return stream->settings.source[0]
               ? call_fail(call, 400, "InvalidSourceException",
                           "Putting records is not allowed: the source of %s is a Kinesis stream.",
                           stream->settings.name)
               : 0;
}

static const char *failure_text(const char *code)
{
    return strcmp(code, "InternalFailure") == 0 ? "Internal service failure." : "Slow down.";
}

static int put_record_batch(struct call *call, struct batch *batch)
{
    char id[FIREHOSE_RECORD_ID_SIZE];
    size_t at = 0;

    if (resolve(call, &batch->stream) || check_source(call, batch->stream) || read_records(call, batch) ||
        accept(call, batch)) {
        return CALL_REFUSED;
    }
    buf_addf(&call->output, "{\"FailedPutCount\":%zu,\"Encrypted\":false,\"RequestResponses\":[",
             batch->count - batch->accepted_count);
    for (size_t i = 0; i < batch->count; i++) {
        buf_add_str(&call->output, i > 0 ? "," : "");
        if (batch->codes[i]) {
            buf_addf(&call->output, "{\"ErrorCode\":\"%s\",\"ErrorMessage\":\"%s\"}", batch->codes[i],
                     failure_text(batch->codes[i]));
        } else {
            firehose_record_id(batch->ids[at++], id);
            buf_addf(&call->output, "{\"RecordId\":\"%s\"}", id);
        }
    }
    buf_add_str(&call->output, "]}");
    return 0;
}

static int put_record(struct call *call, struct batch *batch)
{
    char id[FIREHOSE_RECORD_ID_SIZE];

    if (resolve(call, &batch->stream) || check_source(call, batch->stream) ||
        read_record(call, batch, json_get(call->input, "Record")) || accept(call, batch)) {
        return CALL_REFUSED;
    }
    if (batch->codes[0]) {
        return call_fail(call, strcmp(batch->codes[0], "InternalFailure") == 0 ? 500 : 503, batch->codes[0],
                         "%s", failure_text(batch->codes[0]));
    }
    firehose_record_id(batch->ids[0], id);
    buf_addf(&call->output, "{\"RecordId\":\"%s\",\"Encrypted\":false}", id);
    return 0;
}

static int with_batch(struct call *call, int (*run)(struct call *, struct batch *))
{
    struct batch *batch = calloc(1, sizeof(*batch));
    int code;

    if (!batch) {
        return call_fail(call, 500, "InternalFailure", "out of memory");
    }
    buf_init(&batch->data, FIREHOSE_PUT_BYTES_CAP + 2 * FIREHOSE_PUT_RECORDS_CAP);
    code = run(call, batch);
    buf_done(&batch->data);
    free(batch);
    return code;
}

int firehose_call(struct call *call)
{
    static const struct {
        const char *name;
        int (*run)(struct call *call);
    } operations[] = {{"CreateDeliveryStream", create_delivery_stream},
                      {"DeleteDeliveryStream", delete_delivery_stream},
                      {"DescribeDeliveryStream", describe_delivery_stream},
                      {"ListDeliveryStreams", list_delivery_streams},
                      {"UpdateDestination", update_destination}};

    if (strcmp(call->operation, "PutRecordBatch") == 0) {
        return with_batch(call, put_record_batch);
    }
    if (strcmp(call->operation, "PutRecord") == 0) {
        return with_batch(call, put_record);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(operations); i++) {
        if (strcmp(operations[i].name, call->operation) == 0) {
            return operations[i].run(call);
        }
    }
    return call_fail(call, 400, "UnknownOperationException", "local-aws has no Firehose operation %s",
                     call->operation);
}
