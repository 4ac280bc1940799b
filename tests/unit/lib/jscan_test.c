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
#include "lib/buf.h"

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

/* Reads over one value. The bytes are copied, so that the sanitizer sees a read behind their end. */
static bool skips(struct str text, size_t *ret_offset)
{
    char *copy = malloc(text.len + 1);
    struct jscan scan;
    bool whole;

    assert_non_null(copy);
    memcpy(copy + 1, text.ptr, text.len);
    scan = jscan_start((struct str){copy + 1, text.len});
    jscan_skip(&scan);
    whole = jscan_end(&scan);
    assert_int_equal(whole, scan.problem == NULL);
    if (ret_offset) {
        *ret_offset = jscan_offset(&scan);
    }
    free(copy);
    return whole;
}

static void values_are_read_to_their_end(void **state)
{
    static const char *const values[] = {
        "0",
        "-0",
        "12",
        "1.5",
        "-1e9",
        "1E+2",
        "0.0e-0",
        "true",
        "false",
        "null",
        "\"\"",
        "[]",
        "{}",
        "[[],{},[[]]]",
        "{\"a\":{\"b\":[1,2]},\"\":\"\"}",
        " [ 1 , 2 ] ",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\"",
        "123456789012345678901234567890",
        "1234567890123456",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        if (!skips(str_of(values[i]), NULL)) {
            fail_msg("%s", values[i]);
        }
    }
}

/* Cut anywhere, a value that needs its end is a mistake at the cut. */
static void a_value_cut_off_is_a_mistake(void **state)
{
    const struct str text =
        STR("{\"name\":[\"a\\u00e9\\n\xC3\xA9 text over sixteen bytes\",{\"x\":[true,null]}]}");

    (void)state;
    assert_true(skips(text, NULL));
    for (size_t length = 0; length < text.len; length++) {
        assert_false(skips((struct str){text.ptr, length}, NULL));
    }
}

static void strings_are_utf8(void **state)
{
    static const char *const bad[] = {"\x80",
                                      "\xC3",
                                      "\xC0\x80",
                                      "\xE0\x80\x80",
                                      "\xED\xA0\x80",
                                      "\xF4\x90\x80\x80",
                                      "\xF8\x88\x80\x80",
                                      "\xC3\xA9\xC3",
                                      "\xE2\x82",
                                      "\xFF"};
    struct buf text;
    size_t offset;

    (void)state;
    buf_init(&text, 1000);
    assert_true(skips(STR("\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\""), NULL));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        for (size_t before = 0; before < 40; before++) {
            buf_reset(&text);
            buf_add_char(&text, '"');
            for (size_t n = 0; n < before; n++) {
                buf_add_char(&text, 'x');
            }
            buf_add_str(&text, bad[i]);
            buf_add_str(&text, "x\"");
            assert_false(skips(buf_str(&text), &offset));
            assert_int_equal(offset, 1 + before);
        }
    }
    buf_done(&text);
}

static void control_characters_are_found_at_every_place(void **state)
{
    char text[70];
    size_t offset;

    (void)state;
    for (size_t place = 1; place + 1 < sizeof(text); place++) {
        for (char c = 0; c < 0x20; c++) {
            memset(text, 'x', sizeof(text));
            text[0] = text[sizeof(text) - 1] = '"';
            text[place] = c;
            assert_false(skips((struct str){text, sizeof(text)}, &offset));
            assert_int_equal(offset, place);
        }
    }
}

static void nul_bytes_are_not_the_end(void **state)
{
    (void)state;
    assert_false(skips((struct str){"1\0", 2}, NULL));
    assert_false(skips((struct str){"\0", 1}, NULL));
    assert_false(skips((struct str){"[\0]", 3}, NULL));
    assert_false(skips((struct str){"\"\\\0\"", 4}, NULL));
}

static void nesting_has_a_cap(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, 1 << 20);
    for (size_t depth = JSCAN_DEPTH_MAX; depth <= JSCAN_DEPTH_MAX + 1; depth++) {
        buf_reset(&text);
        for (size_t i = 0; i < depth; i++) {
            buf_add_str(&text, i % 3 == 0 ? "{\"a\":" : "[");
        }
        buf_add_char(&text, '1');
        for (size_t i = depth; i-- > 0;) {
            buf_add_char(&text, i % 3 == 0 ? '}' : ']');
        }
        assert_int_equal(skips(buf_str(&text), NULL), depth <= JSCAN_DEPTH_MAX);
    }
    buf_done(&text);
}

static void a_skipped_value_tells_how_deep_it_is(void **state)
{
    struct jscan scan = jscan_start(STR("[{\"a\":[{}]}, 7, []]"));

    (void)state;
    jscan_array(&scan);
    assert_true(jscan_element(&scan));
    jscan_skip(&scan);
    assert_int_equal(scan.deepest, 3);
    assert_true(jscan_element(&scan));
    jscan_skip(&scan);
    assert_int_equal(scan.deepest, 0);
    assert_true(jscan_element(&scan));
    jscan_skip(&scan);
    assert_int_equal(scan.deepest, 1);
    assert_false(jscan_element(&scan));
    assert_true(jscan_end(&scan));
}

static void a_caller_may_allow_any_depth(void **state)
{
    const size_t depths[] = {JSCAN_DEPTH_MAX + 1, 100000};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(depths); i++) {
        struct jscan scan;
        struct buf text;

        buf_init(&text, 1 << 22);
        for (size_t n = 0; n < depths[i]; n++) {
            buf_add_str(&text, n % 3 == 0 ? "{\"a\":" : "[");
        }
        buf_add_char(&text, '1');
        for (size_t n = depths[i]; n-- > 0;) {
            buf_add_char(&text, n % 3 == 0 ? '}' : ']');
        }
        scan = jscan_start(buf_str(&text));
        scan.depth_max = depths[i];
        jscan_skip(&scan);
        assert_true(jscan_end(&scan));
        assert_int_equal(scan.deepest, depths[i]);
        scan = jscan_start(buf_str(&text));
        scan.depth_max = depths[i] - 1;
        jscan_skip(&scan);
        assert_false(jscan_end(&scan));
        buf_done(&text);
    }
}

static void a_nul_escape_is_told(void **state)
{
    struct jscan scan = jscan_start(STR("[\"\\\\u0000\",\"a\\u0000\",{\"\\u0000\":1},\"\\u0001\"]"));
    const bool told[] = {false, true, true, false};

    (void)state;
    jscan_array(&scan);
    for (size_t i = 0; i < ARRAY_LENGTH(told); i++) {
        assert_true(jscan_element(&scan));
        scan.nul_escape = false;
        jscan_skip(&scan);
        assert_int_equal(scan.nul_escape, told[i]);
    }
}

static void a_caller_may_allow_any_bytes(void **state)
{
    struct jscan scan = jscan_start(STR("\"a\xFF\xC3 and \xED\xA0\x80\""));

    (void)state;
    scan.any_bytes = true;
    jscan_skip(&scan);
    assert_true(jscan_end(&scan));
}

static void members_and_elements_are_handed_out_in_order(void **state)
{
    struct jscan scan;
    struct str key;
    struct str text;

    (void)state;
    scan = jscan_start(STR("{\"a\":[1,\"x\\ty\",[]],\"\":{}}"));
    assert_true(jscan_enter(&scan, '{'));
    assert_true(jscan_member(&scan, &key));
    assert_true(str_eq(key, STR("a")));
    assert_false(jscan_enter(&scan, '{'));
    assert_true(jscan_enter(&scan, '['));
    assert_true(jscan_element(&scan));
    assert_false(jscan_take_string(&scan, &text));
    jscan_skip(&scan);
    assert_true(jscan_element(&scan));
    assert_true(jscan_take_string(&scan, &text));
    assert_true(str_eq(text, STR("x\\ty")));
    assert_true(scan.escaped);
    assert_true(jscan_element(&scan));
    assert_true(jscan_enter(&scan, '['));
    assert_false(jscan_element(&scan));
    assert_false(jscan_element(&scan));
    assert_true(jscan_member(&scan, &key));
    assert_int_equal(key.len, 0);
    jscan_skip(&scan);
    assert_false(jscan_member(&scan, &key));
    assert_true(jscan_end(&scan));
}

static void after_a_mistake_nothing_more_is_handed_out(void **state)
{
    struct jscan scan;
    struct str key;

    (void)state;
    scan = jscan_start(STR("[1 2,3]"));
    assert_true(jscan_enter(&scan, '['));
    assert_true(jscan_element(&scan));
    jscan_skip(&scan);
    assert_false(jscan_element(&scan));
    assert_string_equal(scan.problem, "a comma or ] is expected");
    assert_false(jscan_element(&scan));
    assert_false(jscan_member(&scan, &key));
    assert_false(jscan_enter(&scan, '2'));
    assert_int_equal(jscan_first(&scan), 0);
    jscan_skip(&scan);
    assert_false(jscan_end(&scan));
    assert_int_equal(jscan_offset(&scan), 3);
}

static void escapes_are_resolved(void **state)
{
    static const struct {
        const char *raw;
        struct str text;
    } cases[] = {
        {"plain", STR("plain")},
        {"\\\"\\\\\\/\\b\\f\\n\\r\\t", STR("\"\\/\b\f\n\r\t")},
        {"\\u0041\\u00e9\\u20AC", STR("A\xC3\xA9\xE2\x82\xAC")},
        {"a\\u0000b", {"a\0b", 3}},
        {"\\ud83d\\ude00!", STR("\xF0\x9F\x98\x80!")},
        {"\\ud83d", STR("\xEF\xBF\xBD")},
        {"\\ude00\\ud83d", STR("\xEF\xBF\xBD\xEF\xBF\xBD")},
        {"\\ud83d\\u0041", STR("\xEF\xBF\xBD"
                               "A")},
        {"\\ud83d\\n", STR("\xEF\xBF\xBD\n")},
        {"\xC3\xA9\\n", STR("\xC3\xA9\n")},
        {"", STR("")},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t size = strlen(cases[i].raw);
        char *out = malloc(size + 1);
        assert_non_null(out);
        assert_int_equal(jscan_unescape(str_of(cases[i].raw), out), cases[i].text.len);
        assert_memory_equal(out, cases[i].text.ptr, cases[i].text.len);
        free(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid_texts),
        cmocka_unit_test(test_invalid_texts),
        cmocka_unit_test(test_members_and_elements),
        cmocka_unit_test(test_a_wrong_type_fails_everything_behind_it),
        cmocka_unit_test(test_numbers_that_do_not_fit),
        cmocka_unit_test(values_are_read_to_their_end),
        cmocka_unit_test(a_value_cut_off_is_a_mistake),
        cmocka_unit_test(strings_are_utf8),
        cmocka_unit_test(control_characters_are_found_at_every_place),
        cmocka_unit_test(nul_bytes_are_not_the_end),
        cmocka_unit_test(nesting_has_a_cap),
        cmocka_unit_test(a_skipped_value_tells_how_deep_it_is),
        cmocka_unit_test(a_caller_may_allow_any_depth),
        cmocka_unit_test(a_nul_escape_is_told),
        cmocka_unit_test(a_caller_may_allow_any_bytes),
        cmocka_unit_test(members_and_elements_are_handed_out_in_order),
        cmocka_unit_test(after_a_mistake_nothing_more_is_handed_out),
        cmocka_unit_test(escapes_are_resolved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
