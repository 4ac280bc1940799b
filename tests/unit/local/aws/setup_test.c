/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "local/aws/setup.h"

static void lists_of_streams_are_checked(void **state)
{
    (void)state;
    assert_null(setup_check_streams("users:2"));
    assert_null(setup_check_streams("users:2,other_one.x-y:1"));
    assert_null(setup_check_streams("users:2,"));
    assert_non_null(setup_check_streams("users"));
    assert_non_null(setup_check_streams("users:0"));
    assert_non_null(setup_check_streams("users:1001"));
    assert_non_null(setup_check_streams("a b:1"));
    assert_non_null(setup_check_streams(",users:1"));
    assert_non_null(setup_check_streams(":1"));
}

static void lists_of_delivery_streams_are_checked(void **state)
{
    (void)state;
    assert_null(setup_check_delivery_streams("users-to-s3:user-data,b:bucket"));
    assert_non_null(setup_check_delivery_streams("users-to-s3:Bad_Bucket"));
    assert_non_null(setup_check_delivery_streams("users-to-s3"));
    assert_non_null(setup_check_delivery_streams(
        "a2345678901234567890123456789012345678901234567890123456789012345:bucket"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_of_streams_are_checked),
        cmocka_unit_test(lists_of_delivery_streams_are_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
