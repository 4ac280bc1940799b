/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fetcher/quota.h"

static void the_whole_quota_is_there_at_the_start(void **state)
{
    struct quota_bucket bucket;

    (void)state;
    quota_init(&bucket, (struct quota){1000, 10}, 5000);
    assert_int_equal(quota_wait_ms(&bucket, 1000, 5000), 0);
    quota_spend(&bucket, 1000, 5000);
    assert_true(quota_wait_ms(&bucket, 1, 5000) > 0);
}

static void what_was_spent_comes_back_after_the_span(void **state)
{
    struct quota_bucket bucket;
    int64_t wait_ms;

    (void)state;
    quota_init(&bucket, (struct quota){1000, 10}, 0);
    quota_spend(&bucket, 600, 0);
    quota_spend(&bucket, 400, 4000);
    wait_ms = quota_wait_ms(&bucket, 500, 5000);
    assert_in_range(wait_ms, 5000, 5000 + 2 * 157); /* the first 600, up to two slots late */
    assert_int_equal(quota_wait_ms(&bucket, 500, 5000 + wait_ms), 0);
    assert_true(quota_wait_ms(&bucket, 700, 5000 + wait_ms) > 0);
}

static void no_span_ever_holds_more_than_the_quota(void **state)
{
    enum { STEPS = 4000 };
    static int64_t asked[STEPS]; /* per 10 ms */
    struct quota_bucket bucket;
    int64_t total = 0;

    (void)state;
    quota_init(&bucket, (struct quota){1000, 5}, 0);
    for (int i = 0; i < STEPS; i++) {
        int64_t users = 1 + (i * 7919) % 130;
        if (quota_wait_ms(&bucket, users, i * 10) == 0) {
            quota_spend(&bucket, users, i * 10);
            asked[i] = users;
        }
        total += asked[i];
    }
    for (int begin = 0; begin + 500 < STEPS; begin++) {
        int64_t in_span = 0;
        for (int i = begin; i < begin + 500; i++) {
            in_span += asked[i];
        }
        assert_in_range(in_span, 0, 1000);
    }
    assert_true(total > 7 * 1000); /* and most of what is allowed in 40 s is used */
}

static void a_request_larger_than_the_quota_goes_when_all_is_free(void **state)
{
    struct quota_bucket bucket;

    (void)state;
    quota_init(&bucket, (struct quota){100, 1}, 0);
    assert_int_equal(quota_wait_ms(&bucket, 5000, 0), 0);
    quota_spend(&bucket, 5000, 0);
    assert_true(quota_wait_ms(&bucket, 5000, 900) > 0);
    assert_int_equal(quota_wait_ms(&bucket, 5000, 1100), 0);
}

static void a_long_sleep_forgets_everything(void **state)
{
    struct quota_bucket bucket;

    (void)state;
    quota_init(&bucket, (struct quota){100, 1}, 0);
    quota_spend(&bucket, 100, 0);
    assert_int_equal(quota_wait_ms(&bucket, 100, 1000000000), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_quota_is_there_at_the_start),
        cmocka_unit_test(what_was_spent_comes_back_after_the_span),
        cmocka_unit_test(no_span_ever_holds_more_than_the_quota),
        cmocka_unit_test(a_request_larger_than_the_quota_goes_when_all_is_free),
        cmocka_unit_test(a_long_sleep_forgets_everything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
