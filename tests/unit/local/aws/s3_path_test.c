/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "local/aws/s3_path.h"

#include <string.h>

static void bucket_names_follow_the_rules_of_s3(void **state)
{
    static const char *const good[] = {"abc", "user-data", "a.b.c", "123"};
    static const char *const bad[] = {
        "",     "ab",  "Abc", "-ab", "ab-",
        "a..b", ".ab", "a_b", "a/b", "a234567890123456789012345678901234567890123456789012345678901234"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
        assert_true(s3_is_bucket_name(str_of(good[i])));
    }
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_false(s3_is_bucket_name(str_of(bad[i])));
    }
}

static void keys_that_leave_the_folder_or_are_no_paths_are_refused(void **state)
{
    static const char *const bad[] = {"", ".", "..", "../a", "a/..", "a/../b", "a/./b", "/a", "a/", "a//b"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_non_null(s3_key_problem(str_of(bad[i])));
    }
    assert_non_null(s3_key_problem((struct str){"a\0b", 3}));
    assert_null(s3_key_problem(STR("a")));
    assert_null(s3_key_problem(STR("...")));
    assert_null(s3_key_problem(STR("2026/11/03/.hidden..x")));
}

static void paths_are_taken_apart_and_decoded(void **state)
{
    struct s3_path path;
    char longest[3200];

    (void)state;
    assert_int_equal(s3_path_parse(STR("/"), &path), S3_PATH_OK);
    assert_string_equal(path.bucket, "");
    assert_int_equal(s3_path_parse(STR("/data"), &path), S3_PATH_OK);
    assert_string_equal(path.bucket, "data");
    assert_string_equal(path.key, "");
    assert_int_equal(s3_path_parse(STR("/data/a%20b/c+d%C3%BC"), &path), S3_PATH_OK);
    assert_string_equal(path.key, "a b/c+d\xC3\xBC");
    assert_int_equal(s3_path_parse(STR("/UPPER/x"), &path), S3_PATH_BAD_BUCKET);
    assert_int_equal(s3_path_parse(STR("/data/%zz"), &path), S3_PATH_BAD_ESCAPE);
    assert_int_equal(s3_path_parse(STR("/data/%00"), &path), S3_PATH_BAD_ESCAPE);
    memset(longest, 'x', sizeof(longest));
    memcpy(longest, "/data/", 6);
    assert_int_equal(s3_path_parse((struct str){longest, 6 + 1024}, &path), S3_PATH_OK);
    assert_int_equal(s3_path_parse((struct str){longest, 6 + 1025}, &path), S3_PATH_LONG_KEY);
    assert_int_equal(s3_path_parse((struct str){longest, sizeof(longest)}, &path), S3_PATH_LONG_KEY);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(bucket_names_follow_the_rules_of_s3),
        cmocka_unit_test(keys_that_leave_the_folder_or_are_no_paths_are_refused),
        cmocka_unit_test(paths_are_taken_apart_and_decoded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
