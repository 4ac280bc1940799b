/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/columns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct columns *make(const char *const *declarations, size_t count)
{
    struct columns *columns = columns_new();
    struct error err = {0};

    for (size_t i = 0; i < count; i++) {
        if (columns_add(columns, str_of(declarations[i]), &err)) {
            fail_msg("%s: %s", declarations[i], err.message);
        }
    }
    return columns;
}

static const char *const user[] = {"first VARCHAR(4) '$.name.first'", "age INTEGER '$.dob.age'",
                                   "latitude DOUBLE '$.location.coordinates.latitude'", "name VARCHAR(99)",
                                   "ok BOOLEAN '$.ok'"};
enum { FIRST, AGE, LATITUDE, NAME, OK, USER_COLUMNS };

static enum columns_result read_user(const char *json, struct value *values, char *message)
{
    struct columns *columns = make(user, USER_COLUMNS);
    enum columns_result result = columns_read(columns, str_of(json), values, message);

    columns_free(columns);
    return result;
}

static void reads_values_at_their_paths(void **state)
{
    struct value v[USER_COLUMNS];
    char message[COLUMNS_MESSAGE_SIZE];

    (void)state;
    assert_int_equal(
        read_user("{\"x\":[1,{\"dob\":{\"age\":1}}],\"name\":{\"title\":\"Ms\",\"first\":\"Anna\"},"
                  "\"location\":{\"coordinates\":{\"latitude\":\"-12.3456\",\"longitude\":\"1\"}},"
                  "\"ok\":true,\"dob\":{\"age\":18,\"date\":\"x\"}}",
                  v, message),
        COLUMNS_OK);
    assert_int_equal(v[FIRST].kind, VALUE_TEXT);
    assert_true(str_eq(v[FIRST].as.text, STR("Anna")));
    assert_true(v[AGE].kind == VALUE_WHOLE && v[AGE].as.whole == 18);
    assert_true(v[LATITUDE].kind == VALUE_REAL && v[LATITUDE].as.real == -12.3456);
    assert_true(str_eq(v[NAME].as.text, STR("{\"title\":\"Ms\",\"first\":\"Anna\"}")));
    assert_true(v[OK].kind == VALUE_WHOLE && v[OK].as.whole == 1);
}

static void what_is_not_there_is_null(void **state)
{
    struct value v[USER_COLUMNS];
    char message[COLUMNS_MESSAGE_SIZE];

    (void)state;
    assert_int_equal(read_user("{\"name\":{\"first\":null},\"dob\":17,\"location\":null}", v, message),
                     COLUMNS_OK);
    for (int i = 0; i < USER_COLUMNS; i++) {
        assert_true(i == NAME || v[i].kind == VALUE_NULL);
    }
    assert_int_equal(read_user("{}", v, message), COLUMNS_OK);
    assert_int_equal(v[NAME].kind, VALUE_NULL);
}

static void numbers_may_come_as_strings(void **state)
{
    struct value v[USER_COLUMNS];
    char message[COLUMNS_MESSAGE_SIZE];

    (void)state;
    assert_int_equal(read_user("{\"dob\":{\"age\":\" 18 \"},\"location\":{\"coordinates\":{\"latitude\":7}}}",
                               v, message),
                     COLUMNS_OK);
    assert_true(v[AGE].as.whole == 18 && v[LATITUDE].as.real == 7);
    assert_int_equal(read_user("{\"dob\":{\"age\":\"1\\u0038\"}}", v, message), COLUMNS_OK);
    assert_true(v[AGE].as.whole == 18);
    assert_int_equal(read_user("{\"dob\":{\"age\":18.0}}", v, message), COLUMNS_OK);
    assert_true(v[AGE].as.whole == 18);
}

static void values_that_do_not_fit_are_refused(void **state)
{
    static const char *const bad[] = {"{\"dob\":{\"age\":\"old\"}}",
                                      "{\"dob\":{\"age\":\"\"}}",
                                      "{\"dob\":{\"age\":18.5}}",
                                      "{\"dob\":{\"age\":2147483648}}",
                                      "{\"dob\":{\"age\":true}}",
                                      "{\"dob\":{\"age\":[18]}}",
                                      "{\"location\":{\"coordinates\":{\"latitude\":\"north\"}}}",
                                      "{\"location\":{\"coordinates\":{\"latitude\":1e999}}}",
                                      "{\"ok\":\"maybe\"}",
                                      "{\"ok\":1}"};
    struct value v[USER_COLUMNS];
    char message[COLUMNS_MESSAGE_SIZE];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_int_equal(read_user(bad[i], v, message), COLUMNS_BAD_VALUE);
    }
    read_user(bad[0], v, message);
    assert_string_equal(message, "column age INTEGER: \"old\" is not a whole number in range");
}

static void bad_json_is_refused_wherever_it_is_bad(void **state)
{
    static const char *const bad[] = {"",
                                      "null",
                                      "[]",
                                      "\"x\"",
                                      "{",
                                      "{}{}",
                                      "{\"name\":{\"first\":\"\xFF\"}}",
                                      "{\"other\":\"\xFF\"}",
                                      "{\"dob\":{\"age\":18}",
                                      "{\"dob\":{\"age\":18}},"};
    struct value v[USER_COLUMNS];
    char message[COLUMNS_MESSAGE_SIZE];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_int_equal(read_user(bad[i], v, message), COLUMNS_BAD_JSON);
    }
    assert_int_equal(read_user("{\"dob\":{\"age\":\"old\"}", v, message), COLUMNS_BAD_JSON);
    assert_string_equal(message, "byte 20: object or array without an end");
}

static void text_is_cut_to_the_columns_length_in_characters(void **state)
{
    struct value v[USER_COLUMNS];
    char message[COLUMNS_MESSAGE_SIZE];

    (void)state;
    read_user("{\"name\":{\"first\":\"Maria\"}}", v, message);
    assert_true(str_eq(v[FIRST].as.text, STR("Mari")));
    read_user("{\"name\":{\"first\":\"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\"}}", v, message);
    assert_int_equal(v[FIRST].as.text.len, 8);
    read_user("{\"name\":{\"first\":\"\xE6\x9D\x8E\"}}", v, message);
    assert_int_equal(v[FIRST].as.text.len, 3);
    read_user("{\"name\":{\"first\":\"a\\u0062cdef\"}}", v, message);
    assert_int_equal(v[FIRST].kind, VALUE_ESCAPED_TEXT);
}

static void names_with_escapes_and_repeated_members_are_found(void **state)
{
    struct value v[USER_COLUMNS];
    char message[COLUMNS_MESSAGE_SIZE];

    (void)state;
    assert_int_equal(read_user("{\"d\\u006fb\":{\"age\":1},\"dob\":{\"age\":2}}", v, message), COLUMNS_OK);
    assert_true(v[AGE].as.whole == 2); /* the last one counts */
}

static void two_columns_may_show_one_element(void **state)
{
    static const char *const declarations[] = {"a INTEGER '$.x'", "b VARCHAR(9) '$.x'",
                                               "\"c d\" DOUBLE '$.y z'"};
    struct columns *columns = make(declarations, 3);
    struct value v[3];
    char message[COLUMNS_MESSAGE_SIZE];

    (void)state;
    assert_int_equal(columns_read(columns, STR("{\"x\":5,\"y z\":1.5}"), v, message), COLUMNS_OK);
    assert_true(v[0].as.whole == 5 && str_eq(v[1].as.text, STR("5")) && v[2].as.real == 1.5);
    assert_string_equal(columns_at(columns, 2)->name, "c d");
    columns_free(columns);
}

static void bad_declarations_are_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "first",
                                      "first VARCHAR(x) '$.a'",
                                      "first VARCHAR(0) '$.a'",
                                      "first WHAT '$.a'",
                                      "first TEXT 'a'",
                                      "first TEXT '$'",
                                      "first TEXT '$.a[0]'",
                                      "first TEXT '$..a'",
                                      "first TEXT '$.a",
                                      "first VARCHAR(4 '$.a'",
                                      "\"first TEXT"};
    struct columns *columns = columns_new();
    struct error err;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        if (columns_add(columns, str_of(bad[i]), &err) == 0) {
            fail_msg("accepted: %s", bad[i]);
        }
    }
    assert_int_not_equal(columns_add(columns, (struct str){"\"a\0b\" TEXT", 10}, &err), 0);
    assert_int_equal(columns_count(columns), 0);
    columns_free(columns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_values_at_their_paths),
        cmocka_unit_test(what_is_not_there_is_null),
        cmocka_unit_test(numbers_may_come_as_strings),
        cmocka_unit_test(values_that_do_not_fit_are_refused),
        cmocka_unit_test(bad_json_is_refused_wherever_it_is_bad),
        cmocka_unit_test(text_is_cut_to_the_columns_length_in_characters),
        cmocka_unit_test(names_with_escapes_and_repeated_members_are_found),
        cmocka_unit_test(two_columns_may_show_one_element),
        cmocka_unit_test(bad_declarations_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
