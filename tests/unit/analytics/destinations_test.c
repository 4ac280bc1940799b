/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/destinations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void one_name_is_for_every_table(void **state)
{
    char name[DESTINATIONS_NAME_SIZE];

    (void)state;
    assert_null(destinations_check("users-to-s3"));
    assert_true(destinations_find("users-to-s3", "ANY", name));
    assert_string_equal(name, "users-to-s3");
}

static void tables_are_mapped_and_the_rest_goes_to_the_bare_name(void **state)
{
    static const char map[] = "DESTINATION_USER_DATA=users-to-s3, minors = m.1,rest";
    static const char *const tables[] = {"destination_user_data", "MINORS", "x"};
    char name[DESTINATIONS_NAME_SIZE];

    (void)state;
    assert_null(destinations_check(map));
    assert_true(destinations_find(map, "destination_user_data", name));
    assert_string_equal(name, "users-to-s3");
    assert_true(destinations_find(map, "MINORS", name));
    assert_string_equal(name, "m.1");
    assert_true(destinations_find(map, "OTHER", name));
    assert_string_equal(name, "rest");
    assert_false(destinations_find("A=b", "C", name));
    assert_true(destinations_all_known(map, tables, 3, name, sizeof(name)));
    assert_false(destinations_all_known(map, tables, 1, name, sizeof(name)));
    assert_string_equal(name, "minors");
}

static void bad_names_are_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "a b",
                                      "A=",
                                      "a,b",
                                      "A=b,",
                                      "A=b/c",
                                      "0123456789012345678901234567890123456789012345678901234567890123x"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (!destinations_check(bad[i])) {
            fail_msg("accepted: %s", bad[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_name_is_for_every_table),
        cmocka_unit_test(tables_are_mapped_and_the_rest_goes_to_the_bare_name),
        cmocka_unit_test(bad_names_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
