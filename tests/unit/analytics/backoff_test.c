/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/backoff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void grows_to_a_cap_and_starts_over_after_success(void **state)
{
    struct backoff backoff = {0};
    int64_t last = 0;

    (void)state;
    for (int i = 0; i < 40; i++) {
        int64_t most = 0;
        for (uint64_t random = 0; random < 20000; random += 7) {
            struct backoff copy = backoff;
            int64_t delay = backoff_failed(&copy, AWS_THROTTLED, 1000, random);
            most = delay > most ? delay : most;
            assert_int_equal(copy.due_ms, 1000 + delay);
        }
        assert_in_range(most, last, 10000);
        last = most;
        backoff_failed(&backoff, AWS_THROTTLED, 1000, 1);
    }
    assert_in_range(last, 9900, 10000);
    assert_int_equal(backoff.attempts, 40);
    backoff_succeeded(&backoff);
    assert_true(backoff.attempts == 0 && backoff.due_ms == 0);
    assert_in_range(backoff_failed(&backoff, AWS_RETRY, 0, 99), 0, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_to_a_cap_and_starts_over_after_success),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
