/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static cJSON *parse(const char *text)
{
    struct error err = {0};
    cJSON *json = json_parse(text, strlen(text), &err);

    if (!json) {
        fail_msg("%s: %s", text, err.message);
    }
    return json;
}

static void assert_refused(const char *text, size_t len, const char *message)
{
    struct error err = {0};
    cJSON *json;
    char *exact = malloc(len + 1); /* no byte behind it, for the sanitizer */

    assert_non_null(exact);
    memcpy(exact, text, len);
    json = json_parse(exact, len, &err);
    free(exact);
    assert_null(json);
    assert_int_equal(err.code, ERROR_SYNTAX);
    assert_non_null(strstr(err.message, message));
}

static void parse_takes_one_value_and_white_space(void **state)
{
    (void)state;
    cJSON_Delete(parse(" {\"a\": [1, 2]} \r\n\t"));
    cJSON_Delete(parse("[]"));
    cJSON_Delete(parse("\"text\""));
    cJSON_Delete(parse("0"));
}

static void parse_refuses_what_is_no_json(void **state)
{
    static const char *const bad[] = {"",      " ",   "{",           "{\"1\":1,",     "{\"a\":1,}", "[1,]",
                                      "{a:1}", "nul", "\"no end",    "\"\\x\"",       "-",          "[1 2]",
                                      "'a'",   "}",   "\"\\ud800\"", "{\"a\" \"b\"}", "{\"a\":}"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_refused(bad[i], strlen(bad[i]), "no valid JSON");
    }
}

static void parse_says_where_the_mistake_is(void **state)
{
    (void)state;
    assert_refused("{\"ab\":1,?}", 10, "near byte 9 of 10");
    assert_refused("{} {}", 5, "something behind the JSON value at byte 2 of 5");
    assert_refused("1x", 2, "something behind");
}

static void parse_refuses_nul_characters(void **state)
{
    (void)state;
    assert_refused("{\"a\":\"b\0c\"}", 11, "NUL");
    assert_refused("\"a\\u0000b\"", 10, "NUL");
    cJSON_Delete(parse("\"a\\\\u0000b\"")); /* a backslash and the text u0000 */
    assert_refused("\"a\\\\\\u0000b\"", 12, "NUL");
}

static void parse_bounds_the_depth(void **state)
{
    char deep[20000];

    (void)state;
    memset(deep, '[', sizeof(deep));
    assert_refused(deep, sizeof(deep), "no valid JSON");
}

static void get_compares_names_with_case(void **state)
{
    cJSON *json = parse("{\"Name\": 1, \"name\": 2}");
    long long n = 0;

    (void)state;
    assert_true(json_int64(json, "name", 0, 9, &n));
    assert_int_equal(n, 2);
    assert_null(json_get(json, "NAME"));
    assert_null(json_get(NULL, "name"));
    assert_null(json_get(json_get(json, "name"), "name"));
    cJSON_Delete(json);
}

static void path_walks_objects(void **state)
{
    cJSON *json = parse("{\"location\": {\"coordinates\": {\"latitude\": \"-12.5\"}, \"list\": [{}]}}");

    (void)state;
    assert_string_equal(json_path(json, "location.coordinates.latitude")->valuestring, "-12.5");
    assert_true(cJSON_IsObject(json_path(json, "location")));
    assert_null(json_path(json, "location.coord.latitude"));
    assert_null(json_path(json, "location.coordinates.latitude.deeper"));
    assert_null(json_path(json, "location.list.coordinates"));
    assert_null(json_path(NULL, "a.b"));
    cJSON_Delete(json);
}

static void getters_check_the_type(void **state)
{
    cJSON *json = parse("{\"s\":\"x\",\"n\":5,\"f\":1.5,\"big\":9007199254740994,\"huge\":1e300,\"t\":true,"
                        "\"z\":null,\"neg\":-3}");
    long long n = 77;

    (void)state;
    assert_string_equal(json_string(json, "s"), "x");
    assert_null(json_string(json, "n"));
    assert_null(json_string(json, "z"));
    assert_null(json_string(json, "absent"));
    assert_false(json_int64(json, "f", 0, 9, &n));
    assert_false(json_int64(json, "s", 0, 9, &n));
    assert_false(json_int64(json, "n", 6, 9, &n));
    assert_false(json_int64(json, "n", 0, 4, &n));
    assert_false(json_int64(json, "big", 0, INT64_MAX, &n));
    assert_false(json_int64(json, "huge", INT64_MIN, INT64_MAX, &n));
    assert_int_equal(n, 77);
    assert_true(json_int64(json, "neg", -3, 0, &n));
    assert_int_equal(n, -3);
    assert_true(json_bool(json, "t", false));
    assert_true(json_bool(json, "absent", true));
    assert_false(json_bool(json, "n", false));
    cJSON_Delete(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_takes_one_value_and_white_space),
        cmocka_unit_test(parse_refuses_what_is_no_json),
        cmocka_unit_test(parse_says_where_the_mistake_is),
        cmocka_unit_test(parse_refuses_nul_characters),
        cmocka_unit_test(parse_bounds_the_depth),
        cmocka_unit_test(get_compares_names_with_case),
        cmocka_unit_test(path_walks_objects),
        cmocka_unit_test(getters_check_the_type),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
