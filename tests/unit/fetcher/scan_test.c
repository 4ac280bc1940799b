/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fetcher/scan.h"
#include "lib/attr.h"

static bool accepts(const char *text)
{
    struct scan scan;
    struct str value;
    bool whole;

    scan_init(&scan, str_of(text));
    whole = scan_value(&scan, &value);
    scan_space(&scan);
    whole = whole && scan_at_end(&scan);
    scan_done(&scan);
    return whole;
}

static void accepts_what_rfc_8259_allows(void **state)
{
    static const char *const right[] = {
        "0",
        "-0",
        "12.5e-3",
        "1E+2",
        "true",
        "null",
        "\"\"",
        "[]",
        "{}",
        " [ 1 , 2 ] ",
        "{\"a\":{}}",
        "{\"a\":[1,{}]}",
        "\"\\u00e9\\n\"",
        "\"é\"",
        "[[[[]]]]",
        "{ \"a\" : 1 , \"b\" : [ ] }",
        "\"a long string without anything special in it\"",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(right); i++) {
        if (!accepts(right[i])) {
            fail_msg("refused: %s", right[i]);
        }
    }
}

static void refuses_what_lenient_parsers_let_pass(void **state)
{
    static const char *const wrong[] = {
        "",
        "01",
        "1.",
        ".5",
        "-",
        "1e",
        "+1",
        "0x10",
        "NaN",
        "tru",
        "truex",
        "\"",
        "\"\x01\"",
        "\"\n\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{1:2}",
        "[}",
        "{]",
        "[1]]",
        "\x01[]",
        "[\x0b]",
        "\"\\",
        "{\"a\":1",
        "['a']",
        "\"a long string that has a tab\tin it\"",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        if (accepts(wrong[i])) {
            fail_msg("accepted: %s", wrong[i]);
        }
    }
}

static void finds_where_a_value_ends_and_how_deep_it_is(void **state)
{
    struct scan scan;
    struct str value;

    (void)state;
    scan_init(&scan, STR(" {\"a\":[{}]} , 7"));
    assert_true(scan_value(&scan, &value));
    assert_true(str_eq(value, STR("{\"a\":[{}]}")));
    assert_int_equal(scan.depth, 3);
    scan_space(&scan);
    assert_true(scan_expect(&scan, ','));
    assert_true(scan_value(&scan, &value));
    assert_true(str_eq(value, STR("7")));
    assert_int_equal(scan.depth, 0);
    scan_done(&scan);
}

static void tells_a_nul_escape(void **state)
{
    struct scan scan;
    struct str value;

    (void)state;
    scan_init(&scan, STR("[\"a\\u0000\"] [\"\\\\u0000\"]"));
    assert_true(scan_value(&scan, &value));
    assert_true(scan.nul_escape);
    assert_true(scan_value(&scan, &value));
    assert_false(scan.nul_escape);
    scan_done(&scan);
}

static void a_text_that_ends_too_early_is_told_from_a_wrong_one(void **state)
{
    static const char *const cut[] = {"{\"a\":", "[1", "\"abc", "tr", "{\"a\":1,", "\"\\", "\"\\u00", "-"};
    struct scan scan;
    struct str value;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cut); i++) {
        scan_init(&scan, str_of(cut[i]));
        assert_false(scan_value(&scan, &value));
        assert_true(scan_at_end(&scan));
        assert_non_null(scan.problem);
        scan_done(&scan);
    }
    scan_init(&scan, STR("{\"a\" 1}"));
    assert_false(scan_value(&scan, &value));
    assert_false(scan_at_end(&scan));
    assert_int_equal(scan.at, 5);
    scan_done(&scan);
}

static void depth_costs_no_stack_and_has_a_cap(void **state)
{
    size_t len = SCAN_DEPTH_MAX + 10;
    char *text = test_malloc(len);
    struct scan scan;
    struct str value;

    (void)state;
    memset(text, '[', len);
    scan_init(&scan, (struct str){text, len});
    assert_false(scan_value(&scan, &value));
    assert_string_equal(scan.problem, "nested too deep");
    scan_done(&scan);
    test_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_what_rfc_8259_allows),
        cmocka_unit_test(refuses_what_lenient_parsers_let_pass),
        cmocka_unit_test(finds_where_a_value_ends_and_how_deep_it_is),
        cmocka_unit_test(tells_a_nul_escape),
        cmocka_unit_test(a_text_that_ends_too_early_is_told_from_a_wrong_one),
        cmocka_unit_test(depth_costs_no_stack_and_has_a_cap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
