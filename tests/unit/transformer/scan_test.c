/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "transformer/scan.h"

/* Reads over one value. The bytes are copied, so that the sanitizer sees a read behind their end. */
static bool skips(struct str text, size_t *ret_offset)
{
    char *copy = malloc(text.len + 1);
    struct scan scan;
    bool whole;

    assert_non_null(copy);
    memcpy(copy + 1, text.ptr, text.len);
    scan_init(&scan, (struct str){copy + 1, text.len});
    scan_skip(&scan);
    whole = scan_finish(&scan);
    assert_int_equal(whole, scan.problem == NULL);
    if (ret_offset) {
        *ret_offset = scan_offset(&scan);
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
    for (size_t depth = SCAN_DEPTH_CAP; depth <= SCAN_DEPTH_CAP + 1; depth++) {
        buf_reset(&text);
        for (size_t i = 0; i < depth; i++) {
            buf_add_str(&text, i % 3 == 0 ? "{\"a\":" : "[");
        }
        buf_add_char(&text, '1');
        for (size_t i = depth; i-- > 0;) {
            buf_add_char(&text, i % 3 == 0 ? '}' : ']');
        }
        assert_int_equal(skips(buf_str(&text), NULL), depth <= SCAN_DEPTH_CAP);
    }
    buf_done(&text);
}

static void members_and_elements_are_handed_out_in_order(void **state)
{
    struct scan scan;
    struct scan_string key;
    struct scan_string text;

    (void)state;
    scan_init(&scan, STR("{\"a\":[1,\"x\\ty\",[]],\"\":{}}"));
    assert_true(scan_enter(&scan, '{'));
    assert_true(scan_member(&scan, &key));
    assert_true(str_eq(key.raw, STR("a")));
    assert_false(scan_enter(&scan, '{'));
    assert_true(scan_enter(&scan, '['));
    assert_true(scan_element(&scan));
    assert_false(scan_string(&scan, &text));
    scan_skip(&scan);
    assert_true(scan_element(&scan));
    assert_true(scan_string(&scan, &text));
    assert_true(str_eq(text.raw, STR("x\\ty")));
    assert_true(text.escaped);
    assert_true(scan_element(&scan));
    assert_true(scan_enter(&scan, '['));
    assert_false(scan_element(&scan));
    assert_false(scan_element(&scan));
    assert_true(scan_member(&scan, &key));
    assert_int_equal(key.raw.len, 0);
    scan_skip(&scan);
    assert_false(scan_member(&scan, &key));
    assert_true(scan_finish(&scan));
}

static void after_a_mistake_nothing_more_is_handed_out(void **state)
{
    struct scan scan;
    struct scan_string key;

    (void)state;
    scan_init(&scan, STR("[1 2,3]"));
    assert_true(scan_enter(&scan, '['));
    assert_true(scan_element(&scan));
    scan_skip(&scan);
    assert_false(scan_element(&scan));
    assert_string_equal(scan.problem, "a comma or ] is expected");
    assert_false(scan_element(&scan));
    assert_false(scan_member(&scan, &key));
    assert_false(scan_enter(&scan, '2'));
    assert_int_equal(scan_peek(&scan), 0);
    scan_skip(&scan);
    assert_false(scan_finish(&scan));
    assert_int_equal(scan_offset(&scan), 3);
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
        assert_int_equal(scan_unescape(str_of(cases[i].raw), out), cases[i].text.len);
        assert_memory_equal(out, cases[i].text.ptr, cases[i].text.len);
        free(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read_to_their_end),
        cmocka_unit_test(a_value_cut_off_is_a_mistake),
        cmocka_unit_test(strings_are_utf8),
        cmocka_unit_test(control_characters_are_found_at_every_place),
        cmocka_unit_test(nul_bytes_are_not_the_end),
        cmocka_unit_test(nesting_has_a_cap),
        cmocka_unit_test(members_and_elements_are_handed_out_in_order),
        cmocka_unit_test(after_a_mistake_nothing_more_is_handed_out),
        cmocka_unit_test(escapes_are_resolved),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
