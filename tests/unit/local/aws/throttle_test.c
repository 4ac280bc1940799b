/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "local/aws/throttle.h"

static void one_second_gives_its_allowance_and_no_more(void **state)
{
    struct throttle throttle = {0};
    int passed = 0;

    (void)state;
    for (int i = 0; i < 1500; i++) {
        if (throttle_allows(&throttle, 1000, 1, 5000)) {
            throttle_take(&throttle, 1000, 1, 5000);
            passed++;
        }
    }
    assert_int_equal(passed, 1000);
}

static void the_allowance_comes_back_with_time(void **state)
{
    struct throttle throttle = {0};

    (void)state;
    throttle_take(&throttle, 1000, 1000, 5000);
    assert_false(throttle_allows(&throttle, 1000, 1, 5000));
    assert_true(throttle_allows(&throttle, 1000, 10, 5010));
    assert_false(throttle_allows(&throttle, 1000, 11, 5010));
    assert_true(throttle_allows(&throttle, 1000, 1000, 6000));
}

static void what_is_larger_than_a_second_passes_alone(void **state)
{
    struct throttle throttle = {0};

    (void)state;
    assert_true(throttle_allows(&throttle, 1000, 3000, 5000));
    throttle_take(&throttle, 1000, 3000, 5000);
    assert_false(throttle_allows(&throttle, 1000, 1, 7000));
    assert_true(throttle_allows(&throttle, 1000, 1, 7010));
    assert_false(throttle_allows(&throttle, 1000, 3000, 7010));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_second_gives_its_allowance_and_no_more),
        cmocka_unit_test(the_allowance_comes_back_with_time),
        cmocka_unit_test(what_is_larger_than_a_second_passes_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
