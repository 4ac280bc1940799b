/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ini.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_entry(const struct ini *ini, size_t i, const char *section, const char *key,
                         const char *value)
{
    assert_true(i < ini->count);
    assert_true(str_eq(ini->entries[i].section, str_of(section)));
    assert_true(str_eq(ini->entries[i].key, str_of(key)));
    assert_true(str_eq(ini->entries[i].value, str_of(value)));
}

static void sections_and_properties_are_read(void **state)
{
    static const char text[] = "\xEF\xBB\xBF# comment\n"
                               "; another\r\n"
                               "[default]\r\n"
                               "region=eu-west-1\r\n"
                               "  \n"
                               "aws_access_key_id = AKID  # mine\n"
                               "aws_secret_access_key\t=\tse#cr;et= \n"
                               "empty =\n"
                               "gone = ; all comment\n"
                               "[ profile  dev ] # work\n"
                               "key = last line";
    struct error err = {0};
    struct ini ini;

    (void)state;
    assert_int_equal(ini_parse(str_of(text), &ini, &err), 0);
    assert_int_equal(ini.count, 8);
    assert_entry(&ini, 0, "default", "", "");
    assert_entry(&ini, 1, "default", "region", "eu-west-1");
    assert_entry(&ini, 2, "default", "aws_access_key_id", "AKID");
    assert_entry(&ini, 3, "default", "aws_secret_access_key", "se#cr;et=");
    assert_entry(&ini, 4, "default", "empty", "");
    assert_entry(&ini, 5, "default", "gone", "");
    assert_entry(&ini, 7, "profile  dev", "key", "last line");
    ini_done(&ini);
}

static void nested_settings_are_passed_over(void **state)
{
    static const char text[] = "[profile a]\ns3 =\n  region = nested\n\taddressing = path\nregion = outer\n"
                               "[profile b]\n  indented = 1\n  too = 2\n    nested = 3\n";
    struct error err = {0};
    struct ini ini;

    (void)state;
    assert_int_equal(ini_parse(str_of(text), &ini, &err), 0);
    assert_int_equal(ini.count, 6);
    assert_entry(&ini, 1, "profile a", "s3", "");
    assert_entry(&ini, 2, "profile a", "region", "outer");
    assert_entry(&ini, 4, "profile b", "indented", "1");
    assert_entry(&ini, 5, "profile b", "too", "2");
    ini_done(&ini);
}

static void mistakes_are_named_by_line_and_not_quoted(void **state)
{
    static const char *const bad[] = {"secret = before a section\n",
                                      "[a]\nsecret\n",
                                      "[a]\n= secret\n",
                                      "[secret\n",
                                      "[]\nsecret=1\n",
                                      "[a] secret\n"};
    struct error err;
    struct ini ini;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        err = (struct error){0};
        assert_int_equal(ini_parse(str_of(bad[i]), &ini, &err), -ERROR_SYNTAX);
        assert_non_null(strstr(err.message, "line "));
        assert_null(strstr(err.message, "secret"));
    }
    assert_int_equal(ini_parse(STR(""), &ini, &err), 0);
    assert_int_equal(ini.count, 0);
}

static void lines_and_entries_are_bounded(void **state)
{
    enum { SIZE = INI_LINE_CAP + 100 };
    char *text = malloc(SIZE);
    struct error err = {0};
    struct ini ini;

    (void)state;
    assert_non_null(text);
    memset(text, 'x', SIZE);
    memcpy(text, "[a]\nk=", 6);
    assert_int_equal(ini_parse((struct str){text, SIZE}, &ini, &err), -ERROR_LIMIT);
    for (size_t i = 4; i + 4 <= SIZE; i += 4) {
        memcpy(text + i, "k=1\n", 4);
    }
    assert_int_equal(ini_parse((struct str){text, SIZE / 4 * 4}, &ini, &err), -ERROR_LIMIT);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sections_and_properties_are_read),
        cmocka_unit_test(nested_settings_are_passed_over),
        cmocka_unit_test(mistakes_are_named_by_line_and_not_quoted),
        cmocka_unit_test(lines_and_entries_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
