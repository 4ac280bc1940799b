/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/attr.h"
#include "lib/quota.h"

static void users_per_seconds_are_read(void **state)
{
    struct quota quota = {0};

    (void)state;
    assert_true(quota_parse(STR("18000/300"), &quota));
    assert_int_equal(quota.users, 18000);
    assert_int_equal(quota.seconds, 300);
    assert_null(quota_check("1/1"));
}

static void anything_else_is_refused_and_leaves_the_result_alone(void **state)
{
    static const char *const wrong[] = {"",    "18000", "/",     "1/",  "/1",    "0/1",
                                        "1/0", "-1/1",  "1/1/1", "a/b", "1 / 1", "1/86401"};
    struct quota quota = {7, 8};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        assert_false(quota_parse(str_of(wrong[i]), &quota));
        assert_non_null(quota_check(wrong[i]));
    }
    assert_int_equal(quota.users, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(users_per_seconds_are_read),
        cmocka_unit_test(anything_else_is_refused_and_leaves_the_result_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
