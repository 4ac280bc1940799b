/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "local/randomuser/window.h"

static void without_a_quota_everything_passes(void **state)
{
    struct window window = {0};
    int64_t wait_s = 0;

    (void)state;
    assert_true(window_take(&window, 0, 5000, &wait_s));
    assert_true(window_take(&window, 0, 5000, &wait_s));
}

static void a_full_window_refuses_until_it_is_over(void **state)
{
    struct window window = {.quota = {100, 10}};
    int64_t wait_s = 0;

    (void)state;
    assert_true(window_take(&window, 1000, 60, &wait_s));
    assert_true(window_take(&window, 2000, 60, &wait_s)); /* users are counted after the answer, as there */
    assert_false(window_take(&window, 4500, 1, &wait_s));
    assert_int_equal(wait_s, 7);
    assert_true(window_take(&window, 11000, 1, &wait_s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_quota_everything_passes),
        cmocka_unit_test(a_full_window_refuses_until_it_is_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
