/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "local/aws/kinesis_hash.h"

static void the_hash_key_is_the_md5_as_a_number(void **state)
{
    char text[HASH_KEY_SIZE];

    (void)state;
    /* MD5("a") = 0cc175b9c0f1b6a831c399e269772661 */
    kinesis_hash_format(kinesis_hash_of(STR("a")), text);
    assert_string_equal(text, "16955237001963240173058271559858726497");
}

static void decimal_numbers_below_2_to_128_are_read_and_written(void **state)
{
    static const char *const good[] = {"0", "1", "340282366920938463463374607431768211455",
                                       "170141183460469231731687303715884105728"};
    char text[HASH_KEY_SIZE];
    hash_key key;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
        assert_true(kinesis_hash_parse(str_of(good[i]), &key));
        kinesis_hash_format(key, text);
        assert_string_equal(text, good[i]);
    }
    assert_true(kinesis_hash_parse(STR("340282366920938463463374607431768211455"), &key));
    assert_true(key == HASH_KEY_MAX);
}

static void anything_else_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "-1",
                                      "01",
                                      "1a",
                                      "340282366920938463463374607431768211456",
                                      "999999999999999999999999999999999999999",
                                      "1000000000000000000000000000000000000000"};
    hash_key key = 7;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_false(kinesis_hash_parse(str_of(bad[i]), &key));
    }
    assert_true(key == 7);
}

static void ranges_cover_everything_without_gap_or_overlap(void **state)
{
    static const unsigned counts[] = {1, 2, 3, 5, 7, 1000};

    (void)state;
    for (size_t c = 0; c < ARRAY_LENGTH(counts); c++) {
        hash_key expected = 0;
        for (unsigned i = 0; i < counts[c]; i++) {
            hash_key start;
            hash_key end;
            kinesis_hash_range(i, counts[c], &start, &end);
            assert_true(start == expected && end >= start);
            expected = end + 1;
        }
        assert_true(expected == 0); /* one behind the last is 2^128 */
    }
}

static void two_shards_meet_in_the_middle(void **state)
{
    hash_key start;
    hash_key end;

    (void)state;
    kinesis_hash_range(1, 2, &start, &end);
    assert_true(start == (hash_key)1 << 127);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hash_key_is_the_md5_as_a_number),
        cmocka_unit_test(decimal_numbers_below_2_to_128_are_read_and_written),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(ranges_cover_everything_without_gap_or_overlap),
        cmocka_unit_test(two_shards_meet_in_the_middle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
