/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/log.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "lib/clock.h"

static int real_stderr;
static FILE *capture;
static char line[70000];

static int set_up(void **state)
{
    (void)state;
    capture = tmpfile();
    real_stderr = dup(STDERR_FILENO);
    return capture && real_stderr >= 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    fclose(capture);
    close(real_stderr);
    return 0;
}

static void capture_start(void)
{
    assert_int_equal(ftruncate(fileno(capture), 0), 0);
    rewind(capture);
    fflush(stderr);
    dup2(fileno(capture), STDERR_FILENO);
}

/* What was logged since capture_start(). */
static const char *captured(void)
{
    size_t len;

    dup2(real_stderr, STDERR_FILENO);
    rewind(capture);
    len = fread(line, 1, sizeof(line) - 1, capture);
    line[len] = '\0';
    return line;
}

#define CAPTURE(statement) (capture_start(), (statement), captured())

static void write_all_kinds(void)
{
    LOG_INFO("all kinds", LOG_STR("s", "a \"b\"\n"), LOG_STRN("n", ((struct str){"xyz", 2})),
             LOG_INT("i", INT64_MIN), LOG_UINT("u", UINT64_MAX), LOG_DOUBLE("d", 0.5), LOG_BOOL("b", true),
             LOG_STR("none", NULL));
}

static void test_json(void **state)
{
    const char *text;
    cJSON *json;
    const char *ts;

    (void)state;
    log_init("tester", LOG_LEVEL_INFO, LOG_FORMAT_JSON);
    text = CAPTURE(write_all_kinds());
    assert_non_null(strstr(
        text, "\"level\":\"info\",\"service\":\"tester\",\"event\":\"all kinds\",\"s\":\"a \\\"b\\\"\\n\","
              "\"n\":\"xy\",\"i\":-9223372036854775808,\"u\":18446744073709551615,\"d\":0.5,"
              "\"b\":true,\"none\":\"\"}\n"));
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
    json = cJSON_Parse(text);
    ts = cJSON_GetStringValue(cJSON_GetObjectItem(json, "ts"));
    assert_non_null(ts);
    assert_true(clock_parse_iso(ts) > clock_wall_ms() - 60000);
    cJSON_Delete(json);
}

static void test_text(void **state)
{
    const char *text;

    (void)state;
    log_init("tester", LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
    text = CAPTURE(write_all_kinds());
    assert_string_equal(text + 12,
                        " info  tester: all kinds s=\"a \\\"b\\\"\\n\" n=xy i=-9223372036854775808 "
                        "u=18446744073709551615 d=0.5 b=true none=\"\"\n");
    assert_int_equal(text[2], ':');
    assert_int_equal(text[8], '.');
}

static void log_at_all_levels(void)
{
    LOG_ERROR("e");
    LOG_WARN("w");
    LOG_INFO("i");
    LOG_DEBUG("d");
}

static void test_threshold(void **state)
{
    static const char *const order = "ewid";

    (void)state;
    for (int level = LOG_LEVEL_ERROR; level <= (int)LOG_LEVEL_DEBUG; level++) {
        const char *text;
        log_init("t", (enum log_level)level, LOG_FORMAT_TEXT);
        text = CAPTURE(log_at_all_levels());
        for (int i = 0; i < 4; i++) {
            char end[] = {'t', ':', ' ', order[i], '\n', '\0'};
            assert_int_equal(strstr(text, end) != NULL, i <= level);
        }
    }
}

static void log_numbers_that_json_has_not(void)
{
    LOG_INFO("numbers", LOG_DOUBLE("nan", (double)NAN), LOG_DOUBLE("inf", (double)INFINITY),
             LOG_DOUBLE("minus", -(double)INFINITY), LOG_DOUBLE("big", 1e300));
}

static void test_json_has_no_nan(void **state)
{
    cJSON *json;

    (void)state;
    log_init("tester", LOG_LEVEL_INFO, LOG_FORMAT_JSON);
    json = cJSON_Parse(CAPTURE(log_numbers_that_json_has_not()));
    assert_non_null(json);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(json, "nan")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(json, "inf")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(json, "minus")));
    assert_true(cJSON_IsNumber(cJSON_GetObjectItem(json, "big")));
    cJSON_Delete(json);
}

static void log_too_much(void)
{
    static char much[20000];

    memset(much, '\n', sizeof(much) - 1);
    LOG_WARN("too much", LOG_STR("much", much));
}

/* A line over the cap is still one line of the format that the reader parses. */
static void test_line_that_is_too_long(void **state)
{
    const char *text;
    cJSON *json;

    (void)state;
    log_init("tester", LOG_LEVEL_INFO, LOG_FORMAT_JSON);
    text = CAPTURE(log_too_much());
    json = cJSON_Parse(text);
    assert_non_null(json);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(json, "event")), "too much");
    assert_int_equal(text[strlen(text) - 1], '\n');
    cJSON_Delete(json);
    log_init("tester", LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
    text = CAPTURE(log_too_much());
    assert_non_null(strstr(text, " warn  tester: too much"));
    assert_int_equal(text[strlen(text) - 1], '\n');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_threshold),
        cmocka_unit_test(test_json_has_no_nan),
        cmocka_unit_test(test_line_that_is_too_long),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
