/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/creds_files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static void assert_value(const struct creds_files *files, const char *profile, const char *key,
                         const char *expected)
{
    char *value = creds_files_dup(files, profile, key);

    if (expected) {
        assert_non_null(value);
        assert_string_equal(value, expected);
    } else {
        assert_null(value);
    }
    free(value);
}

static void profiles_are_found_in_both_files(void **state)
{
    static const char config[] = "[default]\nregion = eu-west-1\nOutput = json\nempty =\n"
                                 "[profile dev]\nregion = us-east-1\nregion = us-west-2\nrole_arn = config\n"
                                 "[profile   \"my name\"]\nregion = quoted\n"
                                 "[profiledev2]\nregion = no\n"
                                 "[other]\nregion = no\n"
                                 "[sso-session corp]\nsso_region = eu-central-1\n";
    static const char credentials[] = "[dev]\naws_access_key_id = AKID\nrole_arn = credentials\n"
                                      "[keys]\naws_access_key_id = AK2\n[profile x]\nkey = 1\n";
    struct creds_files files;
    struct error err = {0};
    char *value;

    (void)state;
    assert_int_equal(creds_files_parse(str_of(config), str_of(credentials), &files, &err), 0);
    assert_value(&files, "default", "region", "eu-west-1");
    assert_value(&files, "default", "output", "json"); /* keys without case */
    assert_value(&files, "default", "empty", NULL);
    assert_value(&files, "dev", "region", "us-west-2"); /* the last counts */
    assert_value(&files, "dev", "aws_access_key_id", "AKID");
    assert_value(&files, "dev", "role_arn", "credentials"); /* the credentials file goes before */
    assert_value(&files, "my name", "region", "quoted");
    assert_value(&files, "dev2", "region", NULL);
    assert_value(&files, "other", "region", NULL); /* the configuration file wants "profile" before it */
    assert_true(creds_files_has(&files, "keys"));
    assert_false(creds_files_has(&files, "other"));
    assert_false(creds_files_has(&files, "Dev"));
    value = creds_files_dup_session(&files, "corp", "sso_region");
    assert_string_equal(value, "eu-central-1");
    free(value);
    creds_files_done(&files);
}

static void mistakes_name_the_file(void **state)
{
    struct creds_files files;
    struct error err = {0};

    (void)state;
    assert_int_equal(creds_files_parse(STR("[a\n"), STR(""), &files, &err), -ERROR_SYNTAX);
    assert_non_null(strstr(err.message, "configuration file: line 1"));
    creds_files_done(&files);
    assert_int_equal(creds_files_parse(STR(""), STR("\nkey\n"), &files, &err), -ERROR_SYNTAX);
    assert_non_null(strstr(err.message, "credentials file: line 2"));
    creds_files_done(&files);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void files_are_those_of_the_environment_or_of_home(void **state)
{
    char directory[] = "/tmp/creds_files_XXXXXX";
    char home[64];
    char config[128];
    char path[96];
    char command[128];
    char *variables[] = {home, NULL, NULL};
    struct creds_files files;
    struct error err = {0};

    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(home, sizeof(home), "HOME=%s", directory);
    assert_int_equal(creds_files_read(variables, &files, &err), 0); /* none are there */
    assert_false(creds_files_has(&files, "default"));
    creds_files_done(&files);
    snprintf(command, sizeof(command), "mkdir %s/.aws", directory);
    assert_int_equal(system(command), 0);
    snprintf(path, sizeof(path), "%s/.aws/credentials", directory);
    write_file(path, "[default]\naws_access_key_id = HOME\n");
    assert_int_equal(creds_files_read(variables, &files, &err), 0);
    assert_value(&files, "default", "aws_access_key_id", "HOME");
    creds_files_done(&files);
    snprintf(path, sizeof(path), "%s/own", directory);
    write_file(path, "[default]\naws_access_key_id = OWN\n");
    snprintf(config, sizeof(config), "AWS_SHARED_CREDENTIALS_FILE=%s", path);
    variables[1] = config;
    assert_int_equal(creds_files_read(variables, &files, &err), 0);
    assert_value(&files, "default", "aws_access_key_id", "OWN");
    creds_files_done(&files);
    snprintf(config, sizeof(config), "AWS_CONFIG_FILE=%s", directory); /* no file */
    assert_int_equal(creds_files_read(variables, &files, &err), -ERROR_IO);
    creds_files_done(&files);
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(profiles_are_found_in_both_files),
        cmocka_unit_test(mistakes_name_the_file),
        cmocka_unit_test(files_are_those_of_the_environment_or_of_home),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
