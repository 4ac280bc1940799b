/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/rate.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Answers of 500 records every 10 ms from `from` to `to`, a share of which is throttled. */
static void run(struct rate *rate, int64_t from, int64_t to, double share)
{
    for (int64_t now = from; now < to; now += 10) {
        size_t throttled = (size_t)(500 * share);
        rate_report(rate, now, 500 - throttled, throttled);
    }
}

static void test_no_limit_without_throttling(void **state)
{
    struct rate rate;

    (void)state;
    rate_init(&rate, 0);
    run(&rate, 0, 5000, 0);
    assert_true(isinf(rate.limit));
    assert_int_equal(rate_delay_ms(&rate, 5000), 0);
    assert_true(rate_limit(&rate) == 0);
}

static void test_a_burst_at_the_start_sets_no_limit_out_of_nothing(void **state)
{
    struct rate rate;

    (void)state;
    rate_init(&rate, 0);
    rate_report(&rate, 5000, 100, 1);
    assert_true(isinf(rate.limit));
}

static void test_few_throttled_records_hardly_slow_down(void **state)
{
    struct rate rate;

    (void)state;
    rate_init(&rate, 0);
    run(&rate, 0, 2000, 0);
    run(&rate, 2000, 10000, 0.01);
    assert_true(isinf(rate.limit) || rate.limit > 40000); /* 50,000 a second were stored */
}

static void test_a_stream_that_refuses_everything_is_asked_less_and_less_but_always(void **state)
{
    struct rate rate;

    (void)state;
    rate_init(&rate, 0);
    run(&rate, 0, 2000, 0);
    run(&rate, 2000, 4000, 1);
    assert_true(rate.limit < 10000);
    run(&rate, 4000, 60000, 1);
    assert_true(rate.limit >= 100);
    assert_true(rate.limit < 10000);
}

static void test_the_limit_grows_back_and_goes(void **state)
{
    struct rate rate;
    double low;

    (void)state;
    rate_init(&rate, 0);
    run(&rate, 0, 2000, 0);
    run(&rate, 2000, 4000, 1);
    low = rate.limit;
    run(&rate, 4000, 8000, 0);
    assert_true(rate.limit > 2 * low);
    run(&rate, 8000, 20000, 0);
    assert_true(isinf(rate.limit));
}

static void test_a_batch_beyond_the_tokens_delays_the_next(void **state)
{
    struct rate rate;
    int64_t delay;

    (void)state;
    rate_init(&rate, 0);
    rate.limit = 1000;
    assert_int_equal(rate_delay_ms(&rate, 1000), 0);
    rate_spend(&rate, 500);
    delay = rate_delay_ms(&rate, 1000);
    assert_true(delay > 300 && delay <= 501);
    assert_int_equal(rate_delay_ms(&rate, 1000 + delay), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_limit_without_throttling),
        cmocka_unit_test(test_a_burst_at_the_start_sets_no_limit_out_of_nothing),
        cmocka_unit_test(test_few_throttled_records_hardly_slow_down),
        cmocka_unit_test(test_a_stream_that_refuses_everything_is_asked_less_and_less_but_always),
        cmocka_unit_test(test_the_limit_grows_back_and_goes),
        cmocka_unit_test(test_a_batch_beyond_the_tokens_delays_the_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
