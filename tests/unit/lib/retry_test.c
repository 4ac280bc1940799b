/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/retry.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/attr.h"

static void test_ceiling_doubles_up_to_the_cap(void **state)
{
    static const struct {
        struct retry_policy policy;
        unsigned attempt;
        int64_t ceiling_ms;
    } cases[] = {
        {{100, 20000}, 0, 100},
        {{100, 20000}, 1, 200},
        {{100, 20000}, 7, 12800},
        {{100, 20000}, 8, 20000},
        {{100, 20000}, 9, 20000},
        {{100, 20000}, UINT_MAX, 20000},
        {{100, 50}, 0, 50},
        {{100, 100}, 5, 100},
        {{0, 20000}, 5, 0},
        {{0, 0}, 0, 0},
        {{1, INT64_MAX - 1}, 62, 1LL << 62},
        {{1, INT64_MAX - 1}, 63, INT64_MAX - 1},
        {{1, INT64_MAX - 1}, UINT_MAX, INT64_MAX - 1},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct retry_policy *policy = &cases[i].policy;
        uint64_t ceiling = (uint64_t)cases[i].ceiling_ms;
        assert_int_equal(retry_delay_ms(policy, cases[i].attempt, 0), 0);
        assert_int_equal(retry_delay_ms(policy, cases[i].attempt, ceiling), ceiling);
        assert_int_equal(retry_delay_ms(policy, cases[i].attempt, ceiling + 1), 0);
    }
}

static void test_whole_range_is_used_and_never_left(void **state)
{
    struct retry_policy policy = {10, 1000};
    unsigned seen[41] = {0};

    (void)state;
    for (uint64_t random = 0; random < 4100; random++) {
        int64_t delay = retry_delay_ms(&policy, 2, random * 0x9E3779B97F4A7C15);
        assert_in_range(delay, 0, 40);
        seen[delay]++;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(seen); i++) {
        assert_true(seen[i] > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ceiling_doubles_up_to_the_cap),
        cmocka_unit_test(test_whole_range_is_used_and_never_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
