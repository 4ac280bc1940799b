/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/str.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/attr.h"

static void test_comparisons(void **state)
{
    static const struct {
        struct str a, b;
        bool equal, nocase, starts;
    } cases[] = {
        {STR(""), STR(""), true, true, true},
        {STR("a"), STR(""), false, false, true},
        {STR(""), STR("a"), false, false, false},
        {STR("abc"), STR("abc"), true, true, true},
        {STR("abc"), STR("aBC"), false, true, false},
        {STR("abcd"), STR("abc"), false, false, true},
        {STR("a\0b"), STR("a\0c"), false, false, false},
        {{NULL, 0}, STR(""), true, true, true},
        {{NULL, 0}, {NULL, 0}, true, true, true},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        assert_int_equal(str_eq(cases[i].a, cases[i].b), cases[i].equal);
        assert_int_equal(str_starts_with(cases[i].a, cases[i].b), cases[i].starts);
        assert_int_equal(str_eq_nocase(cases[i].a, cases[i].b), cases[i].nocase);
    }
    assert_int_equal(str_of(NULL).len, 0);
    assert_int_equal(str_of("four").len, 4);
}

static void test_numbers(void **state)
{
    static const struct {
        struct str text;
        long long min, max;
        bool valid;
        long long value;
    } cases[] = {
        {STR("0"), 0, 10, true, 0},
        {STR("-0"), -1, 1, true, 0},
        {STR("10"), 0, 10, true, 10},
        {STR("11"), 0, 10, false, 0},
        {STR("-1"), 0, 10, false, 0},
        {STR("007"), 0, 10, true, 7},
        {STR("9223372036854775807"), LLONG_MIN, LLONG_MAX, true, LLONG_MAX},
        {STR("-9223372036854775808"), LLONG_MIN, LLONG_MAX, true, LLONG_MIN},
        {STR("9223372036854775808"), LLONG_MIN, LLONG_MAX, false, 0},
        {STR("-9223372036854775809"), LLONG_MIN, LLONG_MAX, false, 0},
        {STR("99999999999999999999999999"), LLONG_MIN, LLONG_MAX, false, 0},
        {STR(""), LLONG_MIN, LLONG_MAX, false, 0},
        {STR("-"), LLONG_MIN, LLONG_MAX, false, 0},
        {STR("--1"), LLONG_MIN, LLONG_MAX, false, 0},
        {STR("+1"), LLONG_MIN, LLONG_MAX, false, 0},
        {STR(" 1"), LLONG_MIN, LLONG_MAX, false, 0},
        {STR("1 "), LLONG_MIN, LLONG_MAX, false, 0},
        {STR("1\0"), LLONG_MIN, LLONG_MAX, false, 0},
        {STR("0x10"), LLONG_MIN, LLONG_MAX, false, 0},
        {STR("1e3"), LLONG_MIN, LLONG_MAX, false, 0},
        {STR("1.0"), LLONG_MIN, LLONG_MAX, false, 0},
        {STR("\xB2"), LLONG_MIN, LLONG_MAX, false, 0},
        {{NULL, 0}, LLONG_MIN, LLONG_MAX, false, 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        long long value = 4711;
        bool valid = str_to_int64(cases[i].text, cases[i].min, cases[i].max, &value);
        if (valid != cases[i].valid || value != (valid ? cases[i].value : 4711)) {
            fail_msg("\"%.*s\": %d, %lld", STR_ARG(cases[i].text), valid, value);
        }
    }
}

/* RFC 3629; the malformed ones after the Unicode standard's table 3-7. */
static const struct {
    struct str text;
    bool valid;
    size_t length;
} utf8_cases[] = {
    {STR(""), true, 0},
    {STR("plain"), true, 5},
    {STR("a\0b"), true, 3},
    {STR("\x7F"), true, 1},
    {STR("\xC2\x80"), true, 1},
    {STR("\xDF\xBF"), true, 1},
    {STR("\xE0\xA0\x80"), true, 1},
    {STR("\xED\x9F\xBF"), true, 1},
    {STR("\xEE\x80\x80"), true, 1},
    {STR("\xEF\xBF\xBF"), true, 1},
    {STR("\xF0\x90\x80\x80"), true, 1},
    {STR("\xF4\x8F\xBF\xBF"), true, 1},
    {STR("J\xC3\xBCrgen \xF0\x9F\x98\x80!"), true, 9},
    {STR("12345678\xC3\xA9"), true, 9},
    {STR("\x80"), false, 0},
    {STR("\xBF"), false, 0},
    {STR("\xC0\x80"), false, 0},
    {STR("\xC1\xBF"), false, 0},
    {STR("\xC2"), false, 0},
    {STR("\xC2 "), false, 0},
    {STR("\xC2\xC0"), false, 0},
    {STR("\xE0\x80\x80"), false, 0},
    {STR("\xE0\x9F\xBF"), false, 0},
    {STR("\xE2\x82"), false, 0},
    {STR("\xE2\x82 "), false, 0},
    {STR("\xE2\x28\xA1"), false, 0},
    {STR("\xED\xA0\x80"), false, 0},
    {STR("\xED\xBF\xBF"), false, 0},
    {STR("\xF0\x80\x80\x80"), false, 0},
    {STR("\xF0\x8F\xBF\xBF"), false, 0},
    {STR("\xF0\x9F\x98"), false, 0},
    {STR("\xF0\x9F\x98 "), false, 0},
    {STR("\xF4\x90\x80\x80"), false, 0},
    {STR("\xF5\x80\x80\x80"), false, 0},
    {STR("\xFE"), false, 0},
    {STR("\xFF"), false, 0},
    {STR("1234567\xC3"), false, 0},
    {STR("12345678\xC3"), false, 0},
};

/* Each at every place around the eight-byte steps, in memory of exactly its size. */
static void test_utf8(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(utf8_cases); i++) {
        for (size_t before = 0; before <= 17; before++) {
            struct str text = utf8_cases[i].text;
            size_t len = before + text.len;
            char *exact = malloc(len ? len : 1);
            struct str whole = {exact, len};
            memset(exact, 'x', before);
            memcpy(exact + before, text.ptr, text.len);
            if (str_is_utf8(whole) != utf8_cases[i].valid) {
                fail_msg("case %zu behind %zu bytes", i, before);
            }
            if (utf8_cases[i].valid) {
                assert_int_equal(str_utf8_length(whole), before + utf8_cases[i].length);
            }
            free(exact);
        }
    }
}

/* All code points encode to what is accepted, and the surrogates to what is not. */
static void test_utf8_of_all_code_points(void **state)
{
    (void)state;
    for (uint32_t c = 0x800; c <= 0x10FFFF; c++) {
        unsigned char b[4];
        size_t len = c < 0x10000 ? 3 : 4;
        if (len == 3) {
            b[0] = (unsigned char)(0xE0 | c >> 12);
        } else {
            b[0] = (unsigned char)(0xF0 | c >> 18);
            b[1] = (unsigned char)(0x80 | ((c >> 12) & 63));
        }
        b[len - 2] = (unsigned char)(0x80 | ((c >> 6) & 63));
        b[len - 1] = (unsigned char)(0x80 | (c & 63));
        if (str_is_utf8((struct str){(const char *)b, len}) != (c < 0xD800 || c > 0xDFFF)) {
            fail_msg("U+%04X", c);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comparisons),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_utf8_of_all_code_points),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
