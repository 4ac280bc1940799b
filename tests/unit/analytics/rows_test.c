/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void add(struct rows *rows, const char *row)
{
    assert_int_equal(rows_add(rows, str_of(row)), ROWS_ADDED);
}

static void assert_body(struct rows *rows, const char *expected)
{
    struct str body = rows_body(rows);

    assert_int_equal(body.len, strlen(expected));
    assert_memory_equal(body.ptr, expected, body.len);
}

static void builds_the_body_of_a_call(void **state)
{
    static char row[ROWS_ROW_CAP + 3];
    struct rows *rows = rows_new("users-to-s3");

    (void)state;
    assert_body(rows, "{\"DeliveryStreamName\":\"users-to-s3\",\"Records\":[]}");
    add(rows, "{\"a\":1}");
    add(rows, "{}");
    assert_body(rows, "{\"DeliveryStreamName\":\"users-to-s3\",\"Records\":[{\"Data\":\"eyJhIjoxfQ==\"},{"
                      "\"Data\":\"e30=\"}]}");
    assert_int_equal(rows_get(rows, 0, row), 7);
    assert_memory_equal(row, "{\"a\":1}", 7);
    assert_int_equal(rows_get(rows, 1, row), 2);
    assert_memory_equal(row, "{}", 2);
    rows_truncate(rows, 1);
    assert_body(rows, "{\"DeliveryStreamName\":\"users-to-s3\",\"Records\":[{\"Data\":\"eyJhIjoxfQ==\"}]}");
    assert_int_equal(rows->raw_bytes, 7);
    rows_reset(rows);
    add(rows, "{}");
    assert_body(rows, "{\"DeliveryStreamName\":\"users-to-s3\",\"Records\":[{\"Data\":\"e30=\"}]}");
    rows_free(rows);
}

static void is_full_at_500_rows(void **state)
{
    struct rows *rows = rows_new("s");

    (void)state;
    for (int i = 0; i < ROWS_CAP; i++) {
        add(rows, "{}");
    }
    assert_int_equal(rows_add(rows, STR("{}")), ROWS_FULL);
    assert_int_equal(rows->count, ROWS_CAP);
    rows_free(rows);
}

static void is_full_below_4_mib_of_body(void **state)
{
    struct rows *rows = rows_new("s");
    char *row = malloc(ROWS_ROW_CAP + 1);
    struct str body;

    (void)state;
    memset(row, 'x', ROWS_ROW_CAP + 1);
    assert_int_equal(rows_add(rows, (struct str){row, ROWS_ROW_CAP + 1}), ROWS_TOO_LARGE);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(rows_add(rows, (struct str){row, ROWS_ROW_CAP}), ROWS_ADDED);
    }
    assert_int_equal(rows_add(rows, (struct str){row, ROWS_ROW_CAP}), ROWS_FULL);
    assert_int_equal(rows_add(rows, (struct str){row, ROWS_RAW_CAP - 3 * ROWS_ROW_CAP}), ROWS_ADDED);
    assert_int_equal(rows_add(rows, STR("x")), ROWS_FULL);
    body = rows_body(rows);
    assert_in_range(body.len, ROWS_RAW_CAP / 3 * 4, ROWS_BODY_CAP);
    free(row);
    rows_free(rows);
}

static void the_largest_batch_of_the_smallest_misfits_has_room(void **state)
{
    struct rows *rows = rows_new("0123456789012345678901234567890123456789012345678901234567890123");
    size_t each = ROWS_RAW_CAP / ROWS_CAP;
    char *row = malloc(each);

    (void)state;
    memset(row, 'x', each);
    for (int i = 0; i < ROWS_CAP; i++) {
        assert_int_equal(rows_add(rows, (struct str){row, each}), ROWS_ADDED);
    }
    assert_int_not_equal(rows_body(rows).len, 0);
    free(row);
    rows_free(rows);
}

static void only_failed_rows_are_sent_again_in_order(void **state)
{
    struct rows *rows = rows_new("s");
    struct error err = {0};
    char code[ROWS_CODE_SIZE];
    size_t failed;

    (void)state;
    add(rows, "0");
    add(rows, "1");
    add(rows, "2");
    add(rows, "3");
    assert_int_equal(
        rows_read_answer(rows,
                         STR("{\"FailedPutCount\":2,\"Encrypted\":false,\"RequestResponses\":["
                             "{\"RecordId\":\"a\"},{\"ErrorCode\":\"ServiceUnavailableException\","
                             "\"ErrorMessage\":\"Slow down.\"},{\"RecordId\":\"b\",\"ErrorCode\":null},"
                             "{\"ErrorCode\":\"InternalFailure\"}]}"),
                         &failed, code, &err),
        0);
    assert_int_equal(failed, 2);
    assert_string_equal(code, "ServiceUnavailableException");
    rows_keep_failed(rows);
    assert_body(rows, "{\"DeliveryStreamName\":\"s\",\"Records\":[{\"Data\":\"MQ==\"},{\"Data\":\"Mw==\"}]}");
    assert_int_equal(rows->count, 2);
    assert_int_equal(rows->raw_bytes, 2);
    /* The first fails again, then it passes. */
    assert_int_equal(
        rows_read_answer(rows, STR("{\"RequestResponses\":[{\"ErrorCode\":\"x\"},{\"RecordId\":\"c\"}]}"),
                         &failed, code, &err),
        0);
    rows_keep_failed(rows);
    assert_body(rows, "{\"DeliveryStreamName\":\"s\",\"Records\":[{\"Data\":\"MQ==\"}]}");
    assert_int_equal(
        rows_read_answer(rows, STR("{\"RequestResponses\":[{\"RecordId\":\"c\"}]}"), &failed, code, &err), 0);
    assert_int_equal(failed, 0);
    rows_keep_failed(rows);
    assert_int_equal(rows->count, 0);
    rows_free(rows);
}

static void an_answer_that_does_not_fit_the_rows_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "[]",
                                      "{}",
                                      "{\"RequestResponses\":[]}",
                                      "{\"RequestResponses\":[{},{}]}",
                                      "{\"RequestResponses\":{}}",
                                      "{\"RequestResponses\":[1]}",
                                      "{\"RequestResponses\":[{\"RecordId\":\"a\"}]"};
    struct rows *rows = rows_new("s");
    struct error err = {0};
    char code[ROWS_CODE_SIZE];
    size_t failed;

    (void)state;
    add(rows, "{}");
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        if (rows_read_answer(rows, str_of(bad[i]), &failed, code, &err) == 0) {
            fail_msg("accepted: %s", bad[i]);
        }
    }
    rows_free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builds_the_body_of_a_call),
        cmocka_unit_test(is_full_at_500_rows),
        cmocka_unit_test(is_full_below_4_mib_of_body),
        cmocka_unit_test(the_largest_batch_of_the_smallest_misfits_has_room),
        cmocka_unit_test(only_failed_rows_are_sent_again_in_order),
        cmocka_unit_test(an_answer_that_does_not_fit_the_rows_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
