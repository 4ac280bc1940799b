/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fetcher/position.h"

static void pages_count_up_and_a_new_seed_follows_page_10000(void **state)
{
    struct position position;

    (void)state;
    position_set(&position, "demo", 9999);
    position_next(&position);
    assert_int_equal(position.page, 10000);
    assert_string_equal(position.seed, "demo");
    position_next(&position);
    assert_int_equal(position.page, 1);
    assert_string_equal(position.seed, "demo~2");
    position.page = POSITION_PAGE_MAX;
    position_next(&position);
    assert_string_equal(position.seed, "demo~3");
}

static void a_run_that_goes_on_with_a_later_seed_follows_the_same_rule(void **state)
{
    struct position position;

    (void)state;
    position_set(&position, "demo~99", POSITION_PAGE_MAX);
    position_next(&position);
    assert_string_equal(position.seed, "demo~100");
    position_set(&position, "a~b", POSITION_PAGE_MAX);
    position_next(&position);
    assert_string_equal(position.seed, "a~b~2");
    position_set(&position, "a~", POSITION_PAGE_MAX);
    position_next(&position);
    assert_string_equal(position.seed, "a~~2");
}

static void the_default_seed_is_clean_and_valid(void **state)
{
    char seed[POSITION_SEED_SIZE];

    (void)state;
    position_default_seed(seed, sizeof(seed), "pod 7:a/ü", 1795392000123, 0xABCDE);
    assert_string_equal(seed, "pod-7-a----1795392000123-bcde");
    assert_null(position_seed_check(seed));
    position_default_seed(seed, sizeof(seed), "", 1, 0);
    assert_string_equal(seed, "host-1-0000");
    position_default_seed(seed, sizeof(seed), "a-very-long-host-name.of-a-very-long.domain.example.com",
                          1795392000123, 1);
    assert_null(position_seed_check(seed));
}

static void seeds_that_would_not_fit_a_key_or_a_url_are_refused(void **state)
{
    char longest[POSITION_SEED_MAX + 2];

    (void)state;
    memset(longest, 'x', sizeof(longest));
    longest[POSITION_SEED_MAX + 1] = '\0';
    assert_non_null(position_seed_check(longest));
    assert_null(position_seed_check(longest + 1));
    assert_null(position_seed_check("demo~2._-"));
    assert_non_null(position_seed_check("a:b"));
    assert_non_null(position_seed_check("a b"));
    assert_non_null(position_seed_check("é"));
}

static void the_key_is_seed_page_and_index(void **state)
{
    struct position position;
    char key[POSITION_KEY_SIZE];

    (void)state;
    position_set(&position, "demo~2", 10000);
    assert_int_equal(position_key(&position, 4999, key), strlen("demo~2:10000:4999"));
    assert_string_equal(key, "demo~2:10000:4999");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_count_up_and_a_new_seed_follows_page_10000),
        cmocka_unit_test(a_run_that_goes_on_with_a_later_seed_follows_the_same_rule),
        cmocka_unit_test(the_default_seed_is_clean_and_valid),
        cmocka_unit_test(seeds_that_would_not_fit_a_key_or_a_url_are_refused),
        cmocka_unit_test(the_key_is_seed_page_and_index),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
