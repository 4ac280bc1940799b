/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "local/aws/kinesis_sequence.h"

#include <string.h>

static void numbers_have_56_digits_and_come_back(void **state)
{
    struct kinesis_sequence in = {
        .shard_created_ms = 1795426474616, .serial = 42, .arrival_s = 1795426480, .shard = 7};
    struct kinesis_sequence out;
    char text[KINESIS_SEQUENCE_SIZE];

    (void)state;
    kinesis_sequence_format(&in, text);
    assert_string_equal(text, "49179542647461600000000000000000421795426480000000000007");
    assert_int_equal(strlen(text), 56);
    assert_true(kinesis_sequence_parse(str_of(text), &out));
    assert_memory_equal(&in, &out, sizeof(in));
}

static void later_records_and_child_shards_have_larger_numbers(void **state)
{
    struct kinesis_sequence parent = {1795426474616, 9, 1795426499, 900};
    struct kinesis_sequence next = {1795426474616, 10, 1795426400, 900};
    struct kinesis_sequence child = {1795426474617, 0, 0, 0};
    char a[KINESIS_SEQUENCE_SIZE];
    char b[KINESIS_SEQUENCE_SIZE];

    (void)state;
    kinesis_sequence_format(&parent, a);
    kinesis_sequence_format(&next, b);
    assert_true(strcmp(a, b) < 0);
    kinesis_sequence_format(&child, a);
    assert_true(strcmp(b, a) < 0);
}

static void foreign_numbers_are_not_taken_apart(void **state)
{
    static const char *const bad[] = {"",
                                      "0",
                                      "49",
                                      "48179542647461600000000000000000421795426480000000000007",
                                      "4917954264746160000000000000000042179542648000000000000x",
                                      "491795426474616-000000000000000421795426480000000000007",
                                      "491795426474616000000000000000004217954264800000000000071"};
    struct kinesis_sequence out = {.serial = 5};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_false(kinesis_sequence_parse(str_of(bad[i]), &out));
    }
    assert_int_equal(out.serial, 5);
}

static void the_pattern_of_the_model_is_checked(void **state)
{
    char digits[131];

    (void)state;
    memset(digits, '9', sizeof(digits));
    assert_true(kinesis_sequence_is_wellformed(STR("0")));
    assert_true(kinesis_sequence_is_wellformed((struct str){digits, 129}));
    assert_false(kinesis_sequence_is_wellformed((struct str){digits, 130}));
    assert_false(kinesis_sequence_is_wellformed(STR("")));
    assert_false(kinesis_sequence_is_wellformed(STR("01")));
    assert_false(kinesis_sequence_is_wellformed(STR("1x")));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_56_digits_and_come_back),
        cmocka_unit_test(later_records_and_child_shards_have_larger_numbers),
        cmocka_unit_test(foreign_numbers_are_not_taken_apart),
        cmocka_unit_test(the_pattern_of_the_model_is_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
