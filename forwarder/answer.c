/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/answer.h"

#include "lib/jscan.h"

struct result {
    struct str sequence_number;
    struct str code;
    struct str message;
};

static void read_result(struct jscan *scan, struct result *result)
{
    struct str name;

    jscan_object(scan);
    while (jscan_member(scan, &name)) {
        if (str_eq(name, STR("SequenceNumber"))) {
            jscan_string_or_null(scan, &result->sequence_number);
        } else if (str_eq(name, STR("ErrorCode"))) {
            jscan_string_or_null(scan, &result->code);
        } else if (str_eq(name, STR("ErrorMessage"))) {
            jscan_string_or_null(scan, &result->message);
        } else {
            jscan_skip(scan);
        }
    }
}

static enum answer_result classify(struct str code)
{
    return str_eq(code, STR("ProvisionedThroughputExceededException")) ? ANSWER_THROTTLED : ANSWER_FAILED;
}

/* Reads the array and returns how many entries it has; *ret_failed of them with a code. */
static size_t read_results(struct jscan *scan, answer_failed_fn *failed, void *ctx, size_t expected,
                           int64_t *ret_failed)
{
    size_t count = 0;

    jscan_array(scan);
    while (jscan_element(scan)) {
        struct result result = {0};
        if (count == expected) {
            jscan_fail(scan, "no more results than records are expected");
        }
        read_result(scan, &result);
        if (scan->problem) {
            break;
        }
        if (result.code.len > 0) {
            (*ret_failed)++;
            failed(ctx, count, classify(result.code), result.code, result.message);
        } else if (result.sequence_number.len == 0) {
            jscan_fail(scan, "a sequence number or an error code is expected");
        }
        count++;
    }
    return count;
}

int answer_read(struct str text, size_t expected, answer_failed_fn *failed, void *ctx, struct error *err)
{
    struct jscan scan = jscan_start(text);
    struct str name;
    bool has_records = false;
    size_t count = 0;
    int64_t seen_failed = 0;
    int64_t claimed_failed = 0;

    jscan_object(&scan);
    while (jscan_member(&scan, &name)) {
        if (str_eq(name, STR("Records")) && !has_records) {
            has_records = true;
            count = read_results(&scan, failed, ctx, expected, &seen_failed);
        } else if (str_eq(name, STR("FailedRecordCount")) && jscan_peek(&scan) == JSCAN_NUMBER) {
            jscan_int(&scan, &claimed_failed);
        } else {
            jscan_skip(&scan);
        }
    }
    if (!jscan_end(&scan)) {
        return error_set(err, ERROR_SYNTAX, true, "the PutRecords answer is not complete JSON of its shape");
    }
    if (count != expected || claimed_failed != seen_failed) {
        return error_set(
            err, ERROR_SYNTAX, true,
            "the PutRecords answer has %zu results for %zu records, %lld failed, and says %lld failed", count,
            expected, (long long)seen_failed, (long long)claimed_failed);
    }
    return 0;
}

struct str answer_shard(struct str message)
{
    static const struct str mark = {"shardId-", 8};

    for (size_t i = 0; i + mark.len <= message.len; i++) {
        if (memcmp(message.ptr + i, mark.ptr, mark.len) == 0) {
            size_t end = i + mark.len;
            while (end < message.len && message.ptr[end] >= '0' && message.ptr[end] <= '9') {
                end++;
            }
            return (struct str){message.ptr + i, end - i};
        }
    }
    return (struct str){"", 0};
}
