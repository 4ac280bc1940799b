/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "lib/error.h"

static void assert_holds(const struct buf *buf, const char *text)
{
    assert_int_equal(buf->len, strlen(text));
    assert_string_equal(buf->data ? buf->data : "", text);
}

static void test_appends_and_always_ends_in_nul(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf, 100);
    assert_int_equal(buf_str(&buf).len, 0);
    assert_non_null(buf_str(&buf).ptr);
    buf_add(&buf, NULL, 0);
    buf_add(&buf, "ab\0cd", 3);
    assert_int_equal(buf.len, 3);
    assert_int_equal(buf.data[3], 0);
    buf_reset(&buf);
    assert_string_equal(buf.data, "");
    buf_add_str(&buf, "one ");
    buf_add_char(&buf, '2');
    buf_addf(&buf, " %s %05d", "three", 4);
    assert_holds(&buf, "one 2 three 00004");
    assert_int_equal(buf_error(&buf), 0);
    buf_done(&buf);
    assert_null(buf.data);
    buf_add_str(&buf, "again");
    assert_holds(&buf, "again");
    buf_done(&buf);
}

/* All caps around the first sizes, filled by single bytes and at once: never more than the cap, nor less. */
static void test_cap_is_exact(void **state)
{
    static char text[2050];

    (void)state;
    memset(text, 'x', sizeof(text));
    for (size_t cap = 0; cap <= 2048;
         cap = cap < 8 || (cap & 255) > 253 || (cap & 255) < 3 ? cap + 1 : cap + 61) {
        struct buf buf;
        buf_init(&buf, cap);
        for (size_t i = 0; i < cap; i++) {
            buf_add_char(&buf, 'x');
        }
        assert_int_equal(buf_error(&buf), 0);
        buf_add_char(&buf, 'y');
        assert_int_equal(buf_error(&buf), -ERROR_LIMIT);
        assert_int_equal(buf.len, cap);
        buf_done(&buf);
        buf_add(&buf, text, cap);
        assert_int_equal(buf_error(&buf), 0);
        assert_true(buf.size <= cap + 1);
        buf_reset(&buf);
        buf_add(&buf, text, cap + 1);
        assert_int_equal(buf_error(&buf), -ERROR_LIMIT);
        assert_int_equal(buf.len, 0);
        buf_done(&buf);
    }
}

static void test_failure_sticks_and_keeps_the_contents(void **state)
{
    struct buf buf;
    size_t len = 5;

    (void)state;
    buf_init(&buf, 10);
    buf_add_str(&buf, "12345678");
    buf_add_str(&buf, "9ab");
    assert_holds(&buf, "12345678");
    buf_add_char(&buf, '9');
    buf_addf(&buf, "%d", 9);
    buf_add_json_string(&buf, "", 0);
    buf_add_base64(&buf, "", 0);
    assert_holds(&buf, "12345678");
    assert_null(buf_reserve(&buf, 0));
    assert_int_equal(buf_error(&buf), -ERROR_LIMIT);
    assert_null(buf_take(&buf, &len));
    assert_int_equal(len, 5);
    assert_int_equal(buf_error(&buf), 0);
    buf_add_str(&buf, "0123456789");
    assert_int_equal(buf_error(&buf), 0);
    buf_add(&buf, "x", SIZE_MAX);
    assert_int_equal(buf_error(&buf), -ERROR_LIMIT);
    buf_reset(&buf);
    buf_add_base64(&buf, "x", SIZE_MAX);
    assert_int_equal(buf_error(&buf), -ERROR_LIMIT);
    buf_done(&buf);
}

static void test_json_strings(void **state)
{
    static const struct {
        struct str text;
        const char *json;
    } cases[] = {
        {STR(""), "\"\""},
        {STR("plain ~!#[]"), "\"plain ~!#[]\""},
        {STR("\"\\/"), "\"\\\"\\\\/\""},
        {STR("\n\r\t\b\f\x01\x1F\x7F"), "\"\\n\\r\\t\\u0008\\u000c\\u0001\\u001f\\u007f\""},
        {STR("a\0b"), "\"a\\u0000b\""},
        {STR("J\xC3\xBCrgen \xE2\x82\xAC \xF0\x9F\x98\x80"),
         "\"J\xC3\xBCrgen \xE2\x82\xAC \xF0\x9F\x98\x80\""},
        {STR("\xFF"), "\"\xEF\xBF\xBD\""},
        {STR("a\xC3"), "\"a\xEF\xBF\xBD\""},
        {STR("\xC3x"), "\"\xEF\xBF\xBDx\""},
        {STR("\xE2\x82"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
        {STR("\xC0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
        {STR("\xED\xA0\x80!"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD!\""},
        {STR("\xF4\x90\x80\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
        {STR("\x80\xC3\xA9"), "\"\xEF\xBF\xBD\xC3\xA9\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf buf;
        cJSON *parsed;
        buf_init(&buf, 1000);
        buf_add_json_string(&buf, cases[i].text.ptr, cases[i].text.len);
        assert_holds(&buf, cases[i].json);
        parsed = cJSON_Parse(buf.data);
        assert_true(cJSON_IsString(parsed));
        cJSON_Delete(parsed);
        buf_done(&buf);
    }
}

static void test_json_string_of_every_byte(void **state)
{
    (void)state;
    for (int c = 1; c < 256; c++) {
        char text[3] = {'<', (char)c, '>'};
        struct buf buf;
        cJSON *parsed;
        buf_init(&buf, 100);
        buf_add_json_string(&buf, text, 3);
        assert_true(str_is_utf8(buf_str(&buf)));
        parsed = cJSON_Parse(buf.data);
        assert_true(cJSON_IsString(parsed));
        if (c < 0x80) {
            assert_memory_equal(parsed->valuestring, text, 3);
        } else {
            assert_string_equal(parsed->valuestring, "<\xEF\xBF\xBD>");
        }
        cJSON_Delete(parsed);
        buf_done(&buf);
    }
}

static void test_base64(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf, 12);
    buf_add_char(&buf, '>');
    buf_add_base64(&buf, "fooba", 5);
    assert_holds(&buf, ">Zm9vYmE=");
    buf_add_base64(&buf, "x", 1);
    assert_int_equal(buf_error(&buf), -ERROR_LIMIT);
    assert_holds(&buf, ">Zm9vYmE=");
    buf_done(&buf);
}

static void test_consume(void **state)
{
    static const struct {
        size_t count;
        const char *left;
    } cases[] = {{0, "abcdef"}, {1, "bcdef"}, {5, "f"}, {6, ""}, {7, ""}, {SIZE_MAX, ""}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf buf;
        buf_init(&buf, 100);
        buf_consume(&buf, 3);
        buf_add_str(&buf, "abcdef");
        buf_consume(&buf, cases[i].count);
        assert_holds(&buf, cases[i].left);
        buf_add_str(&buf, "!");
        assert_int_equal(buf.data[buf.len - 1], '!');
        buf_done(&buf);
    }
}

static void test_take(void **state)
{
    struct buf buf;
    size_t len = 9;
    char *bytes;

    (void)state;
    buf_init(&buf, 10);
    bytes = buf_take(&buf, &len);
    assert_string_equal(bytes, "");
    assert_int_equal(len, 0);
    free(bytes);
    buf_add_str(&buf, "mine");
    bytes = buf_take(&buf, NULL);
    assert_string_equal(bytes, "mine");
    free(bytes);
    assert_null(buf.data);
    assert_int_equal(buf.len, 0);
    assert_int_equal(buf.cap, 10);
    buf_init(&buf, 0);
    bytes = buf_take(&buf, &len);
    assert_string_equal(bytes, "");
    free(bytes);
}

static void test_reserve_and_commit(void **state)
{
    struct buf buf;
    char *room;

    (void)state;
    buf_init(&buf, 1000);
    buf_add_str(&buf, "ab");
    room = buf_reserve(&buf, 998);
    memset(room, 'x', 998);
    buf_commit(&buf, 3);
    assert_holds(&buf, "abxxx");
    assert_null(buf_reserve(&buf, 996));
    buf_done(&buf);
}

static void test_wipe(void **state)
{
    char secret[] = "secret";
    struct buf buf;

    (void)state;
    buf_wipe(secret, 3);
    assert_memory_equal(secret, "\0\0\0ret", 7);
    buf_init(&buf, 10);
    buf_done_secret(&buf);
    buf_add_str(&buf, "key");
    buf_done_secret(&buf);
    assert_null(buf.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_appends_and_always_ends_in_nul),
        cmocka_unit_test(test_cap_is_exact),
        cmocka_unit_test(test_failure_sticks_and_keeps_the_contents),
        cmocka_unit_test(test_json_strings),
        cmocka_unit_test(test_json_string_of_every_byte),
        cmocka_unit_test(test_base64),
        cmocka_unit_test(test_consume),
        cmocka_unit_test(test_take),
        cmocka_unit_test(test_reserve_and_commit),
        cmocka_unit_test(test_wipe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
