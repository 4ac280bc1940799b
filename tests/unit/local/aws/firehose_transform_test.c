/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "local/aws/firehose_transform.h"

#include <stdlib.h>
#include <string.h>

#include "lib/json.h"

enum { COUNT = 3 };

static const struct firehose_record records[COUNT] = {
    {.id = 5, .arrival_ms = 100, .data = {"aa", 2}},
    {.id = 6, .arrival_ms = 200, .data = {"b", 1}},
    {.id = 900, .arrival_ms = 300, .data = {"", 0}},
};

static const char *id_of(size_t index)
{
    static char ids[COUNT][FIREHOSE_RECORD_ID_SIZE];

    firehose_record_id(records[index].id, ids[index]);
    return ids[index];
}

struct answer {
    struct firehose_result results[COUNT];
    struct buf data;
    struct firehose_failure failure;
};

/* Reads an answer in which %0 to %2 stand for the recordIds. */
static bool read_answer(const char *text, struct answer *answer)
{
    struct buf full;
    bool good;

    buf_init(&full, 65536);
    buf_init(&answer->data, 65536);
    for (const char *p = text; *p; p++) {
        if (*p == '%') {
            buf_add_str(&full, id_of((size_t)(*++p - '0')));
        } else {
            buf_add_char(&full, *p);
        }
    }
    good = firehose_results_read(buf_str(&full), records, COUNT, answer->results, &answer->data,
                                 &answer->failure);
    buf_done(&full);
    return good;
}

static void expect_data(const struct answer *answer, size_t index, const char *expected)
{
    assert_int_equal(answer->results[index].outcome, FIREHOSE_OK);
    assert_int_equal(answer->results[index].len, strlen(expected));
    assert_memory_equal(buf_str(&answer->data).ptr + answer->results[index].offset, expected,
                        strlen(expected));
}

static void the_event_has_the_documented_members(void **state)
{
    struct firehose_event event = {
        .invocation_id = "i", .arn = "arn", .source_arn = "source", .region = "us-east-1"};
    struct buf out;
    cJSON *root;
    const cJSON *record;

    (void)state;
    buf_init(&out, 65536);
    firehose_event_write(&event, records, COUNT, &out);
    root = json_parse(out.data, out.len, NULL);
    assert_non_null(root);
    assert_string_equal(json_string(root, "sourceKinesisStreamArn"), "source");
    assert_int_equal(cJSON_GetArraySize(json_get(root, "records")), COUNT);
    record = json_get(root, "records")->child;
    assert_string_equal(json_string(record, "recordId"), id_of(0));
    assert_string_equal(json_string(record, "data"), "YWE=");
    assert_int_equal(json_get(record, "approximateArrivalTimestamp")->valueint, 100);
    cJSON_Delete(root);
    buf_done(&out);
}

static void a_batch_ends_below_its_size_and_the_payload_limit(void **state)
{
    static char big[4000000];
    struct firehose_record large[3] = {{.id = 1, .data = {big, 2000000}},
                                       {.id = 2, .data = {big, 2500000}},
                                       {.id = 3, .data = {big, 300000}}};

    (void)state;
    assert_int_equal(firehose_event_fit(records, COUNT, 100), 3);
    assert_int_equal(firehose_event_fit(records, COUNT, 2), 1);
    assert_int_equal(firehose_event_fit(records, COUNT, 1), 1); /* one always goes */
    assert_int_equal(firehose_event_fit(large, 3, 100000000), 2);
    large[1].data.len = 4000000;
    assert_int_equal(firehose_event_fit(large, 3, 100000000), 1);
}

static void results_find_their_records_in_any_order(void **state)
{
    struct answer answer;

    (void)state;
    assert_true(read_answer("{\"records\":[{\"recordId\":\"%2\",\"result\":\"Ok\",\"data\":\"\"},"
                            "{\"recordId\":\"%0\",\"result\":\"Ok\",\"data\":\"WA==\"},"
                            "{\"recordId\":\"%1\",\"result\":\"Dropped\",\"data\":\"\"}]}",
                            &answer));
    expect_data(&answer, 0, "X");
    assert_int_equal(answer.results[1].outcome, FIREHOSE_DROPPED);
    expect_data(&answer, 2, "");
    buf_done(&answer.data);
}

static void missing_double_and_failed_records_fail_alone(void **state)
{
    struct answer answer;

    (void)state;
    assert_true(read_answer("{\"records\":[{\"recordId\":\"%0\",\"result\":\"Ok\",\"data\":\"WA==\"},"
                            "{\"recordId\":\"%0\",\"result\":\"Ok\",\"data\":\"WA==\"},"
                            "{\"recordId\":\"unknown\",\"result\":\"Ok\",\"data\":\"WA==\"},"
                            "{\"recordId\":\"%1\",\"result\":\"ProcessingFailed\",\"data\":\"\"}]}",
                            &answer));
    assert_string_equal(answer.results[0].failure.code, "Lambda.DuplicatedRecordId");
    assert_string_equal(answer.results[1].failure.code, "Lambda.ProcessingFailedStatus");
    assert_string_equal(answer.results[2].failure.code, "Lambda.MissingRecordId");
    buf_done(&answer.data);
}

static void answers_of_another_form_fail_as_a_whole(void **state)
{
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "{\"records\":{}}",
        "{\"records\":[1]}",
        "{\"records\":[{\"recordId\":\"%0\",\"result\":\"Ok\"}]}",
        "{\"records\":[{\"recordId\":\"%0\",\"data\":\"\"}]}",
        "{\"records\":[{\"result\":\"Ok\",\"data\":\"\"}]}",
        "{\"records\":[{\"recordId\":\"%0\",\"result\":\"OK\",\"data\":\"\"}]}"};
    struct answer answer;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_false(read_answer(bad[i], &answer));
        assert_string_equal(answer.failure.code, "Lambda.JsonProcessingException");
        buf_done(&answer.data);
    }
    assert_false(
        read_answer("{\"records\":[{\"recordId\":\"%0\",\"result\":\"Ok\",\"data\":\"!\"}]}", &answer));
    assert_string_equal(answer.failure.code, "Lambda.FunctionError");
    buf_done(&answer.data);
}

static void an_error_of_the_function_is_told_from_an_answer(void **state)
{
    (void)state;
    assert_true(firehose_is_function_error(STR("{\"errorMessage\":\"x\",\"errorType\":\"y\"}")));
    assert_false(firehose_is_function_error(STR("{\"errorMessage\":\"x\",\"records\":[]}")));
    assert_false(firehose_is_function_error(STR("{\"records\":[]}")));
}

static void a_failed_record_becomes_one_line(void **state)
{
    struct firehose_failed_line line = {
        .attempts = 4, .ended_ms = 999, .failure = {"Code", "a \"text\""}, .function_arn = "arn"};
    struct buf out;

    (void)state;
    buf_init(&out, 4096);
    firehose_failed_write(&line, &records[0], &out);
    assert_string_equal(out.data, "{\"attemptsMade\":4,\"arrivalTimestamp\":100,\"errorCode\":\"Code\","
                                  "\"errorMessage\":\"a \\\"text\\\"\",\"attemptEndingTimestamp\":999,"
                                  "\"rawData\":\"YWE=\",\"lambdaArn\":\"arn\"}\n");
    buf_done(&out);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_event_has_the_documented_members),
        cmocka_unit_test(a_batch_ends_below_its_size_and_the_payload_limit),
        cmocka_unit_test(results_find_their_records_in_any_order),
        cmocka_unit_test(missing_double_and_failed_records_fail_alone),
        cmocka_unit_test(answers_of_another_form_fail_as_a_whole),
        cmocka_unit_test(an_error_of_the_function_is_told_from_an_answer),
        cmocka_unit_test(a_failed_record_becomes_one_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
