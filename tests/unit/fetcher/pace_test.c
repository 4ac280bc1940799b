/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fetcher/pace.h"

/* Users sent in [begin, end) by a loop that looks every `step` microseconds. */
static int sent(struct pace *pace, int64_t begin_us, int64_t end_us, int64_t step_us)
{
    int count = 0;

    for (int64_t now = begin_us; now < end_us; now += step_us) {
        while (pace_take(pace, now)) {
            count++;
        }
    }
    return count;
}

static void a_rate_is_kept_evenly(void **state)
{
    struct pace pace;

    (void)state;
    pace_init(&pace, 10);
    assert_int_equal(sent(&pace, 1000000, 2000000, 1000), 10);
    assert_int_equal(sent(&pace, 2000000, 3000000, 1000), 10);
    pace_init(&pace, 5000);
    assert_in_range(sent(&pace, 1000000, 2000000, 1000), 4995, 5005);
}

static void fractions_of_a_user_per_second_work(void **state)
{
    struct pace pace;

    (void)state;
    pace_init(&pace, 0.5);
    assert_true(pace_take(&pace, 1000000));
    assert_false(pace_take(&pace, 1000000));
    assert_int_equal(pace_wait_us(&pace, 1500000), 1500000);
    assert_true(pace_take(&pace, 3000000));
}

static void a_pause_is_not_followed_by_a_burst(void **state)
{
    struct pace pace;
    int burst = 0;

    (void)state;
    pace_init(&pace, 1000);
    assert_true(pace_take(&pace, 1000000));
    while (pace_take(&pace, 61000000)) {
        burst++;
    }
    assert_in_range(burst, 1, 101);
}

static void zero_means_no_limit(void **state)
{
    struct pace pace;

    (void)state;
    pace_init(&pace, 0);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(pace_wait_us(&pace, 5), 0);
        assert_true(pace_take(&pace, 5));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rate_is_kept_evenly),
        cmocka_unit_test(fractions_of_a_user_per_second_work),
        cmocka_unit_test(a_pause_is_not_followed_by_a_burst),
        cmocka_unit_test(zero_means_no_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
