/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "local/aws/firehose_prefix.h"

#include <string.h>

/* 2026-11-03T04:05:06Z */
static const struct firehose_object_name base = {.prefix = "",
                                                 .error_prefix = "",
                                                 .stream = "s",
                                                 .version = 1,
                                                 .oldest_ms = 1793678706789,
                                                 .uuid = "UUID"};

#define SUFFIX "s-1-2026-11-03-04-05-06-UUID"

static void expect_key(struct firehose_object_name name, const char *expected)
{
    struct buf key;

    buf_init(&key, 2048);
    assert_int_equal(firehose_object_key(&name, &key), 0);
    assert_string_equal(key.data, expected);
    buf_done(&key);
}

static void expect_prefix(const char *prefix, const char *expected)
{
    struct firehose_object_name name = base;

    name.prefix = prefix;
    assert_null(firehose_prefix_problem(prefix, false));
    expect_key(name, expected);
}

static void the_default_is_the_hour_in_utc(void **state)
{
    (void)state;
    expect_prefix("", "2026/11/03/04/" SUFFIX);
}

static void a_prefix_without_a_timestamp_gets_the_hour(void **state)
{
    (void)state;
    expect_prefix("raw", "raw2026/11/03/04/" SUFFIX);
    expect_prefix("raw/", "raw/2026/11/03/04/" SUFFIX);
    expect_prefix("!{firehose:random-string}/", "aaaaaaaaaaa/2026/11/03/04/" SUFFIX);
}

static void timestamps_follow_their_pattern(void **state)
{
    (void)state;
    expect_prefix("y=!{timestamp:yyyy}/m=!{timestamp:MM}/", "y=2026/m=11/" SUFFIX);
    expect_prefix("!{timestamp:'year='yyyy-MM-dd'T'HH:mm:ss}/", "year=2026-11-03T04:05:06/" SUFFIX);
    expect_prefix("!{timestamp:yy/DDD}/", "26/307/" SUFFIX);
}

static void errors_go_under_their_type(void **state)
{
    struct firehose_object_name name = base;

    (void)state;
    name.error_type = "processing-failed";
    expect_key(name, "processing-failed/2026/11/03/04/" SUFFIX);
    name.prefix = "good/";
    expect_key(name, "good/processing-failed/2026/11/03/04/" SUFFIX);
    name.error_prefix = "bad/!{firehose:error-output-type}/!{timestamp:yyyy}/";
    expect_key(name, "bad/processing-failed/2026/" SUFFIX);
    name.error_prefix = "bad/";
    expect_key(name, "bad/2026/11/03/04/" SUFFIX);
}

static void wrong_prefixes_are_named(void **state)
{
    static const char *const bad[] = {"!{nonsense}", "!{timestamp:yyyy",   "!{timestamp:QQQ}",
                                      "/a",          "!{timestamp:'open}", "!{firehose:error-output-type}/"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_non_null(firehose_prefix_problem(bad[i], false));
    }
    assert_null(firehose_prefix_problem("e/!{firehose:error-output-type}/", true));
    assert_non_null(firehose_prefix_problem("e/!{timestamp:yyyy}/", true));
    assert_null(firehose_prefix_problem("e/", true));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_is_the_hour_in_utc),
        cmocka_unit_test(a_prefix_without_a_timestamp_gets_the_hour),
        cmocka_unit_test(timestamps_follow_their_pattern),
        cmocka_unit_test(errors_go_under_their_type),
        cmocka_unit_test(wrong_prefixes_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
