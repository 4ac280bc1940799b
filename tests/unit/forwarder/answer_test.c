/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/attr.h"

struct seen {
    size_t count;
    size_t index[8];
    enum answer_result result[8];
};

static void on_failed(void *ctx, size_t index, enum answer_result result, struct str code, struct str message)
{
    struct seen *seen = ctx;

    (void)message;
    assert_true(code.len > 0);
    if (seen->count < ARRAY_LENGTH(seen->index)) {
        seen->index[seen->count] = index;
        seen->result[seen->count] = result;
    }
    seen->count++;
}

static int read_text(const char *text, size_t expected, struct seen *seen)
{
    struct error err;

    memset(seen, 0, sizeof(*seen));
    return answer_read(str_of(text), expected, on_failed, seen, &err);
}

#define OK_ "{\"SequenceNumber\":\"49\",\"ShardId\":\"shardId-000000000000\"}"
#define THROTTLED "{\"ErrorCode\":\"ProvisionedThroughputExceededException\",\"ErrorMessage\":\"Rate\"}"
#define INTERNAL "{\"ErrorMessage\":\"oops\",\"ErrorCode\":\"InternalFailure\"}"

static void test_all_stored(void **state)
{
    struct seen seen;

    (void)state;
    assert_int_equal(read_text("{\"FailedRecordCount\":0,\"Records\":[" OK_ "," OK_ "]}", 2, &seen), 0);
    assert_int_equal(seen.count, 0);
    assert_int_equal(
        read_text("{\"Records\":[" OK_ "],\"EncryptionType\":\"KMS\",\"FailedRecordCount\":0}", 1, &seen), 0);
}

static void test_failed_records_are_told_apart_with_their_index(void **state)
{
    struct seen seen;

    (void)state;
    assert_int_equal(
        read_text("{\"FailedRecordCount\":2,\"Records\":[" THROTTLED "," OK_ "," INTERNAL "]}", 3, &seen), 0);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.index[0], 0);
    assert_int_equal(seen.result[0], ANSWER_THROTTLED);
    assert_int_equal(seen.index[1], 2);
    assert_int_equal(seen.result[1], ANSWER_FAILED);
}

static void test_null_error_codes_mean_stored(void **state)
{
    struct seen seen;

    (void)state;
    assert_int_equal(
        read_text("{\"FailedRecordCount\":0,\"Records\":[{\"ErrorCode\":null,\"ErrorMessage\":null,"
                  "\"SequenceNumber\":\"1\",\"ShardId\":\"s\"}]}",
                  1, &seen),
        0);
    assert_int_equal(seen.count, 0);
}

static void test_anything_but_the_complete_answer_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "{}",
        "[]",
        "<html>",
        "{\"FailedRecordCount\":0,\"Records\":[]}",
        "{\"FailedRecordCount\":0,\"Records\":[" OK_ "]}",
        "{\"FailedRecordCount\":0,\"Records\":[" OK_ "," OK_ "," OK_ "]}",
        "{\"FailedRecordCount\":0,\"Records\":[" OK_ "," OK_,
        "{\"FailedRecordCount\":0,\"Records\":[" OK_ "," OK_ "]} x",
        "{\"FailedRecordCount\":1,\"Records\":[" OK_ "," OK_ "]}",
        "{\"FailedRecordCount\":0,\"Records\":[" OK_ "," INTERNAL "]}",
        "{\"FailedRecordCount\":0,\"Records\":[" OK_ ",{}]}",
        "{\"FailedRecordCount\":0,\"Records\":[" OK_ ",{\"ShardId\":\"s\"}]}",
        "{\"FailedRecordCount\":0,\"Records\":{\"0\":" OK_ "}}",
        "{\"FailedRecordCount\":0,\"Records\":[" OK_ " " OK_ "]}",
        "{\"FailedRecordCount\":1,\"Records\":[" OK_ "," OK_ "," INTERNAL "]}",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct seen seen;
        assert_int_equal(read_text(texts[i], 2, &seen), -ERROR_SYNTAX);
    }
}

static void test_the_shard_in_a_message(void **state)
{
    struct str shard =
        answer_shard(STR("Rate exceeded for shard shardId-000000000017 in stream x under account 1."));

    (void)state;
    assert_true(str_eq(shard, STR("shardId-000000000017")));
    assert_int_equal(answer_shard(STR("Rate exceeded")).len, 0);
    assert_int_equal(answer_shard((struct str){NULL, 0}).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_stored),
        cmocka_unit_test(test_failed_records_are_told_apart_with_their_index),
        cmocka_unit_test(test_null_error_codes_mean_stored),
        cmocka_unit_test(test_anything_but_the_complete_answer_is_refused),
        cmocka_unit_test(test_the_shard_in_a_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
