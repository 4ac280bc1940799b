/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/dedup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static bool seen(struct dedup *dedup, int number)
{
    char data[16];

    snprintf(data, sizeof(data), "%d", number);
    return dedup_seen(dedup, STR("key"), str_of(data));
}

static void key_and_data_are_told_apart(void **state)
{
    struct dedup *dedup = dedup_new(100);

    (void)state;
    assert_false(dedup_seen(dedup, STR("ab"), STR("c")));
    assert_false(dedup_seen(dedup, STR("a"), STR("bc")));
    assert_false(dedup_seen(dedup, STR(""), STR("abc")));
    assert_false(dedup_seen(dedup, STR("abc"), STR("")));
    assert_true(dedup_seen(dedup, STR("ab"), STR("c")));
    assert_true(dedup_seen(dedup, STR("abc"), STR("")));
    dedup_free(dedup);
}

static void the_window_is_kept_and_what_is_twice_as_old_forgotten(void **state)
{
    static const int windows[] = {1, 2, 3, 7, 1000};

    (void)state;
    for (size_t w = 0; w < sizeof(windows) / sizeof(windows[0]); w++) {
        int window = windows[w];
        struct dedup *dedup = dedup_new((size_t)window);
        for (int i = 0; i < 5 * window; i++) {
            assert_false(seen(dedup, i));
        }
        for (int i = 4 * window; i < 5 * window; i++) {
            assert_true(seen(dedup, i));
        }
        assert_false(seen(dedup, 0));
        assert_false(seen(dedup, 2 * window));
        dedup_free(dedup);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_and_data_are_told_apart),
        cmocka_unit_test(the_window_is_kept_and_what_is_twice_as_old_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
