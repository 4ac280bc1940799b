/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void test_split(void **state)
{
    static const struct {
        const char *text;
        const char *parts; /* scheme|user|authority|host|port|path|query */
    } cases[] = {
        {"http://h", "http||h|h|80||"},
        {"https://example.com/", "https||example.com|example.com|443|/|"},
        {"HTTPS://Example.com:8443/a/b?c=d#e", "HTTPS||Example.com:8443|Example.com|8443|/a/b|c=d"},
        {"http://h?q", "http||h|h|80||q"},
        {"http://h#f?q", "http||h|h|80||"},
        {"http://h/p?a?b/c", "http||h|h|80|/p|a?b/c"},
        {"http://u:p@h:1/", "http|u:p|h:1|h|1|/|"},
        {"http://u@v@h/@", "http|u@v|h|h|80|/@|"},
        {"http://[::1]:8080/x", "http||[::1]:8080|::1|8080|/x|"},
        {"http://[::1]", "http||[::1]|::1|80||"},
        {"http://h:65535", "http||h:65535|h|65535||"},
        {"http://127.0.0.1:0001/", "http||127.0.0.1:0001|127.0.0.1|1|/|"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct url url;
        char parts[256];
        assert_true(url_split(str_of(cases[i].text), &url));
        snprintf(parts, sizeof(parts), "%.*s|%.*s|%.*s|%.*s|%d|%.*s|%.*s", STR_ARG(url.scheme),
                 STR_ARG(url.user), STR_ARG(url.authority), STR_ARG(url.host), url.port, STR_ARG(url.path),
                 STR_ARG(url.query));
        assert_string_equal(parts, cases[i].parts);
    }
}

static void test_split_refuses(void **state)
{
    static const struct str cases[] = {
        STR(""),
        STR("http"),
        STR("http:/h"),
        STR("http://"),
        STR("http:///p"),
        STR("://h"),
        STR("ftp://h"),
        STR("httpx://h"),
        STR("h/p"),
        STR("http://:80"),
        STR("http://h:"),
        STR("http://h:0"),
        STR("http://h:65536"),
        STR("http://h:x"),
        STR("http://h:-1"),
        STR("http://["),
        STR("http://[]"),
        STR("http://[::1"),
        STR("http://[::1]x"),
        STR("http://[::1]:"),
        STR("http://a:b:1"),
        STR("http://u@"),
        STR("http://h/ "),
        STR("http://h\n"),
        STR("http://h/\x7F"),
        STR("http://h\0/"),
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct url url = {.port = 7};
        if (url_split(cases[i], &url)) {
            fail_msg("taken: %.*s", STR_ARG(cases[i]));
        }
        assert_int_equal(url.port, 7);
    }
}

static void test_decode(void **state)
{
    static const struct {
        struct str text;
        bool plus_is_space;
        const char *decoded; /* NULL: refused */
    } cases[] = {
        {STR(""), true, ""},
        {STR("a+b%2B"), true, "a b+"},
        {STR("a+b%2B"), false, "a+b+"},
        {STR("%41%7e"), true, "A~"},
        {STR("%e2%82%AC"), true, "\xE2\x82\xAC"},
        {STR("%"), true, NULL},
        {STR("%4"), true, NULL},
        {STR("%4g"), true, NULL},
        {STR("%g4"), true, NULL},
        {STR("%%41"), true, NULL},
        {STR("a%00"), true, NULL},
        {STR("a\0"), true, NULL},
        {STR("1234567"), true, "1234567"},
        {STR("12345678"), true, NULL},
        {STR("%31234567"), true, "1234567"},
        {STR("%+1"), true, NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char out[8];
        size_t len = 99;
        bool good = url_decode(cases[i].text, cases[i].plus_is_space, out, sizeof(out), &len);
        assert_int_equal(good, cases[i].decoded != NULL);
        if (good) {
            assert_string_equal(out, cases[i].decoded);
            assert_int_equal(len, strlen(out));
        } else {
            assert_int_equal(len, 99);
        }
    }
    assert_false(url_decode(STR(""), true, NULL, 0, NULL));
}

static void test_encode(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf, 100);
    url_encode(&buf, STR("AZaz09-._~ /%+&=\xC3\xA9\0*"), false);
    assert_string_equal(buf.data, "AZaz09-._~%20%2F%25%2B%26%3D%C3%A9%00%2A");
    buf_reset(&buf);
    url_encode(&buf, STR("/a b/"), true);
    assert_string_equal(buf.data, "/a%20b/");
    buf_done(&buf);
}

static void test_every_byte_survives(void **state)
{
    (void)state;
    for (int c = 1; c < 256; c++) {
        char byte = (char)c, out[4];
        struct buf buf;
        buf_init(&buf, 3);
        url_encode(&buf, (struct str){&byte, 1}, c % 2);
        assert_true(url_decode(buf_str(&buf), true, out, 2, NULL));
        assert_int_equal(out[0], byte);
        buf_done(&buf);
    }
}

static void test_query_find(void **state)
{
    static const struct {
        const char *query;
        const char *name;
        const char *value; /* NULL: absent */
    } cases[] = {
        {"", "a", NULL},           {"a", "a", ""},        {"a=", "a", ""},         {"a=1", "a", "1"},
        {"b=1&a=2&a=3", "a", "2"}, {"&&a=1&", "a", "1"},  {"aa=1", "a", NULL},     {"a=1", "aa", NULL},
        {"A=1", "a", NULL},        {"a=b=c", "a", "b=c"}, {"%61=%62", "a", "%62"}, {"a+b=1", "a b", "1"},
        {"%6=1", "a", NULL},       {"=1", "", "1"},       {"a&b", "b", ""},        {"a=1&a%00=2", "a", "1"},
        {"x=a", "a", NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct str value = STR("untouched");
        bool found = url_query_find(str_of(cases[i].query), str_of(cases[i].name), &value);
        assert_int_equal(found, cases[i].value != NULL);
        assert_true(str_eq(value, found ? str_of(cases[i].value) : STR("untouched")));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_split_refuses),
        cmocka_unit_test(test_decode),
        cmocka_unit_test(test_encode),
        cmocka_unit_test(test_every_byte_survives),
        cmocka_unit_test(test_query_find),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
