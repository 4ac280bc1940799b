/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "local/aws/faults.h"

#include <string.h>

static struct faults *with(const char *orders)
{
    struct faults *faults = faults_new(NULL);
    struct error err = {0};

    assert_int_equal(faults_order(faults, str_of(orders), &err), 0);
    return faults;
}

static void without_orders_nothing_happens(void **state)
{
    struct fault_verdict verdict;

    (void)state;
    faults_draw(NULL, "kinesis", "PutRecords", &verdict);
    assert_int_equal(verdict.status, 0);
    assert_int_equal(verdict.delay_ms, 0);
    assert_null(faults_draw_record(NULL, "kinesis", "PutRecords", "s"));
    assert_int_equal(faults_clock_skew_ms(NULL, "kinesis"), 0);
}

static void a_fault_ends_after_its_count(void **state)
{
    struct faults *faults =
        with("{\"faults\":[{\"kind\":\"error\",\"code\":\"ServiceUnavailable\",\"count\":2}]}");
    struct fault_verdict verdict;

    (void)state;
    for (int i = 0; i < 4; i++) {
        faults_draw(faults, "kinesis", "PutRecords", &verdict);
        assert_int_equal(verdict.status, i < 2 ? 503 : 0);
    }
    faults_free(faults);
}

static void orders_are_narrowed_by_service_operation_and_shard(void **state)
{
    struct faults *faults =
        with("{\"faults\":[{\"kind\":\"reset_before\",\"service\":\"firehose\",\"operation\":\"PutRecord\"},"
             "{\"kind\":\"throttle_record\",\"shard\":\"shardId-000000000001\"}]}");
    struct fault_verdict verdict;

    (void)state;
    faults_draw(faults, "kinesis", "PutRecord", &verdict);
    assert_false(verdict.reset_before);
    faults_draw(faults, "firehose", "PutRecordBatch", &verdict);
    assert_false(verdict.reset_before);
    faults_draw(faults, "firehose", "PutRecord", &verdict);
    assert_true(verdict.reset_before);
    assert_null(faults_draw_record(faults, "kinesis", "PutRecords", "shardId-000000000000"));
    assert_string_equal(faults_draw_record(faults, "kinesis", "PutRecords", "shardId-000000000001"),
                        "ProvisionedThroughputExceededException");
    faults_free(faults);
}

static void a_rate_is_kept_and_a_seed_repeats(void **state)
{
    struct faults *a = with("{\"seed\":5,\"faults\":[{\"kind\":\"fail_record\",\"rate\":0.1}]}");
    struct faults *b = with("{\"seed\":5,\"faults\":[{\"kind\":\"fail_record\",\"rate\":0.1}]}");
    int struck = 0;

    (void)state;
    for (int i = 0; i < 10000; i++) {
        const char *code = faults_draw_record(a, "kinesis", "PutRecords", "s");
        assert_ptr_equal(code, faults_draw_record(b, "kinesis", "PutRecords", "s"));
        struck += code != NULL;
    }
    assert_in_range(struck, 900, 1100);
    faults_free(a);
    faults_free(b);
}

static void latency_stays_within_its_bounds(void **state)
{
    struct faults *faults = with("{\"faults\":[{\"kind\":\"latency\",\"min_ms\":5,\"max_ms\":7}]}");
    struct fault_verdict verdict;

    (void)state;
    for (int i = 0; i < 100; i++) {
        faults_draw(faults, "kinesis", "PutRecords", &verdict);
        assert_in_range(verdict.delay_ms, 5, 7);
    }
    faults_free(faults);
}

static void wrong_orders_change_nothing_and_are_named(void **state)
{
    static const char *const bad[] = {"",
                                      "[]",
                                      "{\"faults\":{}}",
                                      "{\"faults\":[{\"kind\":\"x\"}]}",
                                      "{\"faults\":[{\"kind\":\"error\"}]}",
                                      "{\"faults\":[{\"kind\":\"clock\",\"rate\":-1}]}",
                                      "{\"faults\":[{\"kind\":\"latency\",\"min_ms\":5,\"max_ms\":4}]}"};
    struct faults *faults = with("{\"faults\":[{\"kind\":\"clock\",\"skew_ms\":77}]}");
    struct error err;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        err = (struct error){0};
        assert_int_not_equal(faults_order(faults, str_of(bad[i]), &err), 0);
        assert_true(strlen(err.message) > 0);
        assert_int_equal(faults_clock_skew_ms(faults, "kinesis"), 77);
    }
    faults_clear(faults);
    assert_int_equal(faults_clock_skew_ms(faults, "kinesis"), 0);
    faults_free(faults);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_orders_nothing_happens),
        cmocka_unit_test(a_fault_ends_after_its_count),
        cmocka_unit_test(orders_are_narrowed_by_service_operation_and_shard),
        cmocka_unit_test(a_rate_is_kept_and_a_seed_repeats),
        cmocka_unit_test(latency_stays_within_its_bounds),
        cmocka_unit_test(wrong_orders_change_nothing_and_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
