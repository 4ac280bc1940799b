/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jscan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/attr.h"

static bool valid(const char *text)
{
    struct jscan scan = jscan_start(str_of(text));

    jscan_skip(&scan);
    return jscan_end(&scan);
}

static void test_valid_texts(void **state)
{
    static const char *const texts[] = {
        "0",
        "-0",
        "1",
        "-12.5e+10",
        "1E5",
        "true",
        "false",
        "null",
        "\"\"",
        "\"a\\u00e4\\n\\\"\"",
        "[]",
        "{}",
        " [ 1 , 2 ] ",
        "{\"a\":{\"b\":[{},[]]},\"c\":null}",
        "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        assert_true(valid(texts[i]));
    }
}

static void test_invalid_texts(void **state)
{
    static const char *const texts[] = {
        "",
        " ",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "+1",
        "tru",
        "nulL",
        "\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\u123",
        "\"a\nb\"",
        "[",
        "]",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\":1 \"b\":2}",
        "1 2",
        "[1]]",
        "\"\\",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        assert_false(valid(texts[i]));
    }
}

static void test_depth_is_bounded(void **state)
{
    char text[2 * JSCAN_DEPTH_MAX + 3];

    (void)state;
    memset(text, '[', JSCAN_DEPTH_MAX);
    memset(text + JSCAN_DEPTH_MAX, ']', JSCAN_DEPTH_MAX);
    text[2 * JSCAN_DEPTH_MAX] = '\0';
    assert_true(valid(text));
    memset(text, '[', JSCAN_DEPTH_MAX + 1);
    memset(text + JSCAN_DEPTH_MAX + 1, ']', JSCAN_DEPTH_MAX + 1);
    text[2 * JSCAN_DEPTH_MAX + 2] = '\0';
    assert_false(valid(text));
}

static void test_members_and_elements(void **state)
{
    struct jscan scan = jscan_start(STR("{\"n\":-7,\"list\":[\"a\",null,\"b\\\"\"],\"skip\":{\"x\":[1]}}"));
    struct str name;
    struct str text;
    int64_t number = 0;
    size_t strings = 0;

    (void)state;
    jscan_object(&scan);
    while (jscan_member(&scan, &name)) {
        if (str_eq(name, STR("n"))) {
            jscan_int(&scan, &number);
        } else if (str_eq(name, STR("list"))) {
            jscan_array(&scan);
            while (jscan_element(&scan)) {
                jscan_string_or_null(&scan, &text);
                strings += text.ptr != NULL;
            }
        } else {
            jscan_skip(&scan);
        }
    }
    assert_true(jscan_end(&scan));
    assert_int_equal(number, -7);
    assert_int_equal(strings, 2);
    assert_true(str_eq(text, STR("b\\\"")));
}

static void test_a_wrong_type_fails_everything_behind_it(void **state)
{
    struct jscan scan = jscan_start(STR("{\"a\":\"text\",\"b\":1}"));
    struct str name;
    int64_t number = 5;

    (void)state;
    jscan_object(&scan);
    assert_true(jscan_member(&scan, &name));
    jscan_int(&scan, &number);
    assert_int_equal(number, 5);
    assert_false(jscan_member(&scan, &name));
    assert_false(jscan_end(&scan));
}

static void test_numbers_that_do_not_fit(void **state)
{
    struct jscan scan = jscan_start(STR("9223372036854775808"));
    int64_t number = 1;

    (void)state;
    jscan_int(&scan, &number);
    assert_false(jscan_end(&scan));
    assert_int_equal(number, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid_texts),
        cmocka_unit_test(test_invalid_texts),
        cmocka_unit_test(test_depth_is_bounded),
        cmocka_unit_test(test_members_and_elements),
        cmocka_unit_test(test_a_wrong_type_fails_everything_behind_it),
        cmocka_unit_test(test_numbers_that_do_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
