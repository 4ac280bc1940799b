/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/attr.h"

static bool accepts(struct str text)
{
    struct scan scan;
    struct scan_value value;

    scan_init(&scan, text);
    return scan_value(&scan, &value) && scan_end(&scan);
}

static void accepts_every_kind_of_value(void **state)
{
    static const char *const good[] = {"null",
                                       "true",
                                       "false",
                                       "0",
                                       "-0",
                                       "-12.5e+3",
                                       "1E9",
                                       "\"\"",
                                       "\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"",
                                       "{}",
                                       "[]",
                                       " [ 1 , {\"a\" : [ ] } ] \n",
                                       "{\"a\":{\"b\":[null,true]},\"c\":\"\xC3\xA9\"}"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
        assert_true(accepts(str_of(good[i])));
    }
}

static void refuses_what_is_not_json(void **state)
{
    static const char *const bad[] = {"",
                                      " ",
                                      "nul",
                                      "tru",
                                      "True",
                                      "01",
                                      "-",
                                      "+1",
                                      ".5",
                                      "1.",
                                      "1e",
                                      "1e+",
                                      "0x1",
                                      "NaN",
                                      "\"",
                                      "\"\\x\"",
                                      "\"\\u12g4\"",
                                      "\"\\u12",
                                      "\"a\nb\"",
                                      "'a'",
                                      "{",
                                      "{\"a\"",
                                      "{\"a\":",
                                      "{\"a\":1",
                                      "{\"a\":1,",
                                      "{\"a\":1,}",
                                      "{a:1}",
                                      "{\"a\" 1}",
                                      "{,}",
                                      "[",
                                      "[1",
                                      "[1,",
                                      "[1,]",
                                      "[,]",
                                      "[1 2]",
                                      "]",
                                      "}",
                                      "1 2",
                                      "{}{}",
                                      "\"a\"b",
                                      "\"\xC3\"",
                                      "\"\xED\xA0\x80\"",
                                      "\"\xC0\x80\"",
                                      "\"abcdefgh\x01\"",
                                      "\"abcdefghi\xFF\""};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        if (accepts(str_of(bad[i]))) {
            fail_msg("accepted: %s", bad[i]);
        }
    }
    assert_false(accepts((struct str){"\"a\0b\"", 5}));
    assert_false(accepts((struct str){"1\0", 2}));
}

static void refuses_nesting_beyond_the_cap(void **state)
{
    char text[2 * SCAN_DEPTH_CAP + 4];
    size_t depth = SCAN_DEPTH_CAP;

    (void)state;
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    assert_true(accepts((struct str){text, 2 * depth}));
    depth++;
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    assert_false(accepts((struct str){text, 2 * depth}));
}

static void reads_no_byte_behind_its_text(void **state)
{
    static const char text[] = "{\"abcdefgh\":\"\\u00e9\xC3\xA9 and more\",\"n\":[-1.5e3,true,false,null]}";

    (void)state;
    for (size_t len = 0; len < sizeof(text) - 1; len++) {
        char *exact = malloc(len ? len : 1); /* the sanitizer guards its end */
        memcpy(exact, text, len);
        assert_false(accepts((struct str){exact, len}));
        free(exact);
    }
}

static void walks_members_and_elements(void **state)
{
    struct scan scan;
    struct scan_value key;
    struct scan_value value;
    bool first = true;
    int members = 0;

    (void)state;
    scan_init(&scan, STR(" { \"a\" : 1 , \"b\" : [ 2, 3 ] , \"\\u0063\" : \"x\" } "));
    assert_true(scan_enter(&scan, '{'));
    while (scan_member(&scan, &first, &key)) {
        assert_true(scan_value(&scan, &value));
        members++;
    }
    assert_int_equal(members, 3);
    assert_true(scan_text_is(&key, STR("c")));
    assert_int_equal(value.kind, SCAN_STRING);
    assert_true(scan_end(&scan));
    assert_int_equal(scan.depth, 0);
}

static void says_where_the_problem_is(void **state)
{
    struct scan scan;
    struct scan_value value;

    (void)state;
    scan_init(&scan, STR("[1, x]"));
    assert_false(scan_value(&scan, &value));
    assert_int_equal(scan_position(&scan), 4);
    assert_string_equal(scan.problem, "not a JSON value");
    /* Everything behind the first problem stays false and keeps it. */
    assert_false(scan_value(&scan, &value));
    assert_false(scan_end(&scan));
    assert_string_equal(scan.problem, "not a JSON value");
}

static void resolves_escapes(void **state)
{
    static const struct {
        const char *text;
        const char *plain;
    } cases[] = {
        {"", ""},
        {"plain", "plain"},
        {"\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t"},
        {"\\u0041\\u00e9\\u20AC", "A\xC3\xA9\xE2\x82\xAC"},
        {"\\ud83d\\ude00!", "\xF0\x9F\x98\x80!"},
        {"\\ud83d", "\xEF\xBF\xBD"},
        {"\\ude00x", "\xEF\xBF\xBDx"},
        {"\\ud83d\\u0041", "\xEF\xBF\xBD"
                           "A"},
        {"\\ud83d\\ud83d\\ude00", "\xEF\xBF\xBD\xF0\x9F\x98\x80"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char out[64];
        size_t len = scan_unescape(str_of(cases[i].text), out);
        char same[64];
        assert_int_equal(len, strlen(cases[i].plain));
        assert_memory_equal(out, cases[i].plain, len);
        /* In place. */
        memcpy(same, cases[i].text, strlen(cases[i].text) + 1);
        assert_int_equal(scan_unescape(str_of(same), same), len);
        assert_memory_equal(same, cases[i].plain, len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_every_kind_of_value),
        cmocka_unit_test(refuses_what_is_not_json),
        cmocka_unit_test(refuses_nesting_beyond_the_cap),
        cmocka_unit_test(reads_no_byte_behind_its_text),
        cmocka_unit_test(walks_members_and_elements),
        cmocka_unit_test(says_where_the_problem_is),
        cmocka_unit_test(resolves_escapes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
