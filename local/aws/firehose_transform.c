/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/firehose_transform.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base64.h"
#include "lib/json.h"

/* Per record: braces, names, quotes, 62 digits of recordId and 13 of time, rounded up. */
enum { RECORD_ENVELOPE = 160, EVENT_ENVELOPE = 1024 };

static const struct firehose_failure bad_shape = {
    "Lambda.JsonProcessingException",
    "The answer of the function is not of the documented form: a list of records with recordId, result (Ok, "
    "Dropped or ProcessingFailed) and data."};
static const struct firehose_failure bad_data = {
    "Lambda.FunctionError", "The answer of the function holds data that is not valid base64."};
static const struct firehose_failure missing = {
    "Lambda.MissingRecordId", "One or more record Ids were not returned. Ensure that the Lambda function "
                              "returns all received record Ids."};
static const struct firehose_failure duplicated = {
    "Lambda.DuplicatedRecordId", "Multiple records were returned with the same record Id. Ensure that the "
                                 "Lambda function returns unique record Ids for each record."};
static const struct firehose_failure processing_failed = {"Lambda.ProcessingFailedStatus",
                                                          "ProcessingFailed status set for record"};

void firehose_record_id(int64_t id, char out[FIREHOSE_RECORD_ID_SIZE])
{
    snprintf(out, FIREHOSE_RECORD_ID_SIZE, "496%053" PRId64 "000000", id);
}

/* --- the event -------------------------------------------------------------------------------------------
 */

size_t firehose_event_fit(const struct firehose_record *records, size_t count, int64_t bytes)
{
    size_t payload = EVENT_ENVELOPE;
    int64_t raw = 0;
    size_t fit = 0;

    while (fit < count && fit < FIREHOSE_BATCH_CAP) {
        payload += RECORD_ENVELOPE + base64_encoded_size(records[fit].data.len);
        raw += (int64_t)records[fit].data.len;
        if (fit > 0 && (payload > FIREHOSE_PAYLOAD_CAP || raw > bytes)) {
            break;
        }
        fit++;
    }
    return fit;
}

void firehose_event_write(const struct firehose_event *event, const struct firehose_record *records,
                          size_t count, struct buf *out)
{
    char id[FIREHOSE_RECORD_ID_SIZE];

    buf_addf(out, "{\"invocationId\":\"%s\",\"deliveryStreamArn\":\"%s\",", event->invocation_id, event->arn);
    if (event->source_arn) {
        buf_addf(out, "\"sourceKinesisStreamArn\":\"%s\",", event->source_arn);
    }
    buf_addf(out, "\"region\":\"%s\",\"records\":[", event->region);
    for (size_t i = 0; i < count; i++) {
        firehose_record_id(records[i].id, id);
        buf_addf(out, "%s{\"recordId\":\"%s\",\"approximateArrivalTimestamp\":%" PRId64 ",\"data\":\"",
                 i > 0 ? "," : "", id, records[i].arrival_ms);
        buf_add_base64(out, records[i].data.ptr, records[i].data.len);
        buf_add_str(out, "\"}");
    }
    buf_add_str(out, "]}");
}

/* --- the answer ------------------------------------------------------------------------------------------
 */

/* The place of a recordId among the records; ids ascend. `count` if it is none of them. */
static size_t find_record(const struct firehose_record *records, size_t count, const char *record_id)
{
    char id[FIREHOSE_RECORD_ID_SIZE];
    size_t low = 0;
    size_t high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order;
        firehose_record_id(records[middle].id, id);
        order = strcmp(id, record_id);
        if (order == 0) {
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return count;
}

static bool read_data(const char *text, struct buf *data, struct firehose_result *result)
{
    size_t len = 0;
    char *end = buf_reserve(data, base64_decoded_size(strlen(text)));

    if (!end || !base64_decode(str_of(text), end, &len)) {
        return false;
    }
    result->offset = data->len;
    result->len = len;
    buf_commit(data, len);
    return true;
}

/* One record of the answer. False with *failure if it makes the answer useless. */
static bool read_result(const cJSON *item, struct firehose_result *ret, struct buf *data,
                        struct firehose_failure *failure)
{
    const char *result = json_string(item, "result");
    const char *text = json_string(item, "data");

    *failure = bad_shape;
    if (!result || !text) {
        return false;
    }
    if (strcmp(result, "Dropped") == 0) {
        ret->outcome = FIREHOSE_DROPPED;
        return true;
    }
    if (strcmp(result, "ProcessingFailed") == 0) {
        *ret = (struct firehose_result){.outcome = FIREHOSE_FAILED, .failure = processing_failed};
        return true;
    }
    if (strcmp(result, "Ok") != 0) {
        return false;
    }
    *failure = bad_data;
    ret->outcome = FIREHOSE_OK;
    return read_data(text, data, ret);
}

static bool read_results(const cJSON *list, const struct firehose_record *records, size_t count,
                         struct firehose_result *results, struct buf *data, struct firehose_failure *failure)
{
    const cJSON *item;

    for (size_t i = 0; i < count; i++) {
        results[i] = (struct firehose_result){.outcome = FIREHOSE_FAILED, .failure = missing};
    }
    cJSON_ArrayForEach(item, list)
    {
        const char *record_id = json_string(item, "recordId");
        struct firehose_result result = {0};
        size_t at;
        if (!record_id) {
            *failure = bad_shape;
            return false;
        }
        if (!read_result(item, &result, data, failure)) {
            return false;
        }
        at = find_record(records, count, record_id);
        if (at == count) {
            continue;
        }
        if (results[at].outcome == FIREHOSE_FAILED && results[at].failure.code == missing.code) {
            results[at] = result;
        } else {
            results[at] = (struct firehose_result){.outcome = FIREHOSE_FAILED, .failure = duplicated};
        }
    }
    return true;
}

bool firehose_results_read(struct str answer, const struct firehose_record *records, size_t count,
                           struct firehose_result *results, struct buf *data,
                           struct firehose_failure *ret_failure)
{
    struct firehose_failure failure = bad_shape;
    cJSON *root = json_parse(answer.ptr, answer.len, NULL);
    const cJSON *list = json_get(root, "records");
    bool good = cJSON_IsArray(list) && read_results(list, records, count, results, data, &failure);

    cJSON_Delete(root);
    if (!good) {
        *ret_failure = failure;
    }
    return good;
}

bool firehose_is_function_error(struct str answer)
{
    cJSON *root = json_parse(answer.ptr, answer.len, NULL);
    bool is_error = json_string(root, "errorMessage") && !json_get(root, "records");

    cJSON_Delete(root);
    return is_error;
}

void firehose_failed_write(const struct firehose_failed_line *line, const struct firehose_record *record,
                           struct buf *out)
{
    buf_addf(out,
             "{\"attemptsMade\":%" PRId64 ",\"arrivalTimestamp\":%" PRId64 ",\"errorCode\":", line->attempts,
             record->arrival_ms);
    buf_add_json_string(out, line->failure.code, strlen(line->failure.code));
    buf_add_str(out, ",\"errorMessage\":");
    buf_add_json_string(out, line->failure.message, strlen(line->failure.message));
    buf_addf(out, ",\"attemptEndingTimestamp\":%" PRId64 ",\"rawData\":\"", line->ended_ms);
    buf_add_base64(out, record->data.ptr, record->data.len);
    buf_add_str(out, "\",\"lambdaArn\":");
    buf_add_json_string(out, line->function_arn, strlen(line->function_arn));
    buf_add_str(out, "}\n");
}
