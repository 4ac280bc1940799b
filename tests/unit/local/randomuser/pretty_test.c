/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "local/randomuser/pretty.h"

static void prints(const char *compact, const char *pretty)
{
    struct buf out;

    buf_init(&out, 4096);
    pretty_print(str_of(compact), &out);
    assert_string_equal(out.data, pretty);
    buf_done(&out);
}

static void objects_and_arrays_are_indented(void **state)
{
    (void)state;
    prints("{\"a\":[1,2],\"b\":{\"c\":null}}",
           "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {\n    \"c\": null\n  }\n}");
}

static void empty_ones_stay_on_their_line(void **state)
{
    (void)state;
    prints("{\"a\":[],\"b\":{}}", "{\n  \"a\": [],\n  \"b\": {}\n}");
}

static void strings_are_left_alone(void **state)
{
    (void)state;
    prints("[\"a,b:{c}\\\"[\\\\\"]", "[\n  \"a,b:{c}\\\"[\\\\\"\n]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_and_arrays_are_indented),
        cmocka_unit_test(empty_ones_stay_on_their_line),
        cmocka_unit_test(strings_are_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
