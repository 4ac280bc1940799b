/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/creds_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define KEYS "aws_access_key_id = AKID\naws_secret_access_key = SECRET\n"

static int make(const char *config, struct creds_plan *plan, struct error *err)
{
    struct creds_files files;
    int r;

    *err = (struct error){0};
    assert_int_equal(creds_files_parse(str_of(config), STR(""), &files, err), 0);
    r = creds_plan_make(&files, "p", plan, err);
    creds_files_done(&files);
    return r;
}

static void plan_of(const char *config, struct creds_plan *plan)
{
    struct error err;

    if (make(config, plan, &err) < 0) {
        fail_msg("%s", err.message);
    }
}

static void static_keys(void **state)
{
    struct creds_plan plan;

    (void)state;
    plan_of("[profile p]\nregion = eu-west-1\n" KEYS "aws_session_token = TOKEN\n", &plan);
    assert_int_equal(plan.base, CREDS_BASE_KEYS);
    assert_string_equal(plan.access_key, "AKID");
    assert_string_equal(plan.secret_key, "SECRET");
    assert_string_equal(plan.session_token, "TOKEN");
    assert_string_equal(plan.region, "eu-west-1");
    assert_int_equal(plan.role_count, 0);
    creds_plan_done(&plan);
}

static void roles_are_chained_from_the_source(void **state)
{
    struct creds_plan plan;

    (void)state;
    plan_of("[profile p]\nrole_arn = last\nsource_profile = q\nrole_session_name = me\nexternal_id = x\n"
            "duration_seconds = 900\n"
            "[profile q]\nrole_arn = first\nsource_profile = r\n"
            "[profile r]\n" KEYS,
            &plan);
    assert_int_equal(plan.base, CREDS_BASE_KEYS);
    assert_string_equal(plan.access_key, "AKID");
    assert_int_equal(plan.role_count, 2);
    assert_string_equal(plan.roles[1].arn, "first");
    assert_string_equal(plan.roles[0].arn, "last");
    assert_string_equal(plan.roles[0].session_name, "me");
    assert_string_equal(plan.roles[0].external_id, "x");
    assert_int_equal(plan.roles[0].duration_s, 900);
    creds_plan_done(&plan);
}

static void profile_may_be_its_own_source(void **state)
{
    struct creds_plan plan;

    (void)state;
    plan_of("[profile p]\nrole_arn = role\nsource_profile = p\n" KEYS, &plan);
    assert_int_equal(plan.base, CREDS_BASE_KEYS);
    assert_int_equal(plan.role_count, 1);
    creds_plan_done(&plan);
}

static void source_with_keys_gives_these(void **state)
{
    struct creds_plan plan;

    (void)state;
    plan_of("[profile p]\nrole_arn = role\nsource_profile = q\n[profile q]\nrole_arn = x\nsource_profile = "
            "p\n" KEYS,
            &plan);
    assert_int_equal(plan.base, CREDS_BASE_KEYS);
    assert_int_equal(plan.role_count, 1);
    creds_plan_done(&plan);
}

static void credential_sources(void **state)
{
    static const struct {
        const char *config;
        enum creds_base base;
    } cases[] = {{"[profile p]\nrole_arn = a\ncredential_source = Environment\n", CREDS_BASE_ENVIRONMENT},
                 {"[profile p]\nrole_arn = a\ncredential_source = EcsContainer\n", CREDS_BASE_CONTAINER},
                 {"[profile p]\nrole_arn = a\ncredential_source = Ec2InstanceMetadata\n",
                  CREDS_BASE_INSTANCE}};
    struct creds_plan plan;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        plan_of(cases[i].config, &plan);
        assert_int_equal(plan.base, cases[i].base);
        assert_int_equal(plan.role_count, 1);
        creds_plan_done(&plan);
    }
}

static void process_web_identity_and_sso(void **state)
{
    struct creds_plan plan;

    (void)state;
    plan_of("[profile p]\ncredential_process = /bin/x \"a b\" # note\n", &plan);
    assert_int_equal(plan.base, CREDS_BASE_PROCESS);
    assert_string_equal(plan.command, "/bin/x \"a b\"");
    creds_plan_done(&plan);
    plan_of("[profile p]\nrole_arn = a\nrole_session_name = s\nweb_identity_token_file = /t\n", &plan);
    assert_int_equal(plan.base, CREDS_BASE_WEB_IDENTITY);
    assert_string_equal(plan.token_file, "/t");
    assert_string_equal(plan.web_identity_role.arn, "a");
    assert_string_equal(plan.web_identity_role.session_name, "s");
    assert_int_equal(plan.role_count, 0);
    creds_plan_done(&plan);
    plan_of("[profile p]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\n"
            "[sso-session corp]\nsso_start_url = https://x\nsso_region = eu-west-1\n",
            &plan);
    assert_int_equal(plan.base, CREDS_BASE_SSO);
    assert_string_equal(plan.sso_session, "corp");
    assert_string_equal(plan.sso_start_url, "https://x");
    assert_string_equal(plan.sso_region, "eu-west-1");
    creds_plan_done(&plan);
    plan_of("[profile p]\nsso_start_url = https://y\nsso_region = r\nsso_account_id = 1\nsso_role_name = r\n",
            &plan);
    assert_null(plan.sso_session);
    assert_string_equal(plan.sso_start_url, "https://y");
    creds_plan_done(&plan);
}

static void profile_without_credentials_has_none(void **state)
{
    struct creds_plan plan;

    (void)state;
    plan_of("[profile p]\nregion = eu-west-1\n", &plan);
    assert_int_equal(plan.base, CREDS_BASE_NONE);
    assert_string_equal(plan.region, "eu-west-1");
    creds_plan_done(&plan);
}

static void mistakes_are_named(void **state)
{
    static const struct {
        const char *config;
        const char *message;
    } cases[] = {
        {"", "no profile p"},
        {"[profile p]\naws_access_key_id = A\n", "needed together"},
        {"[profile p]\nrole_arn = a\n", "either source_profile or credential_source"},
        {"[profile p]\nrole_arn = a\nsource_profile = q\ncredential_source = Environment\n[profile q]\n" KEYS,
         "either source_profile or credential_source"},
        {"[profile p]\nrole_arn = a\nsource_profile = gone\n", "no profile gone"},
        {"[profile p]\nrole_arn = a\nsource_profile = q\n[profile q]\nregion = x\n", "q has no credentials"},
        {"[profile p]\nrole_arn = a\nsource_profile = q\n[profile q]\nrole_arn = b\nsource_profile = p\n",
         "loop"},
        {"[profile p]\nrole_arn = a\nsource_profile = p\n", "needed together"},
        {"[profile p]\nrole_arn = a\ncredential_source = Moon\n", "credential_source: Environment"},
        {"[profile p]\nrole_arn = a\nmfa_serial = m\nsource_profile = p\n" KEYS, "mfa_serial"},
        {"[profile p]\nrole_arn = a\nduration_seconds = 1h\nsource_profile = p\n" KEYS, "duration_seconds"},
        {"[profile p]\nsso_account_id = 1\n", "sso_start_url"},
    };
    struct creds_plan plan;
    struct error err;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        assert_int_equal(make(cases[i].config, &plan, &err), -ERROR_CONFIG);
        if (!strstr(err.message, cases[i].message)) {
            fail_msg("'%s' is not in '%s'", cases[i].message, err.message);
        }
        creds_plan_done(&plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(static_keys),
        cmocka_unit_test(roles_are_chained_from_the_source),
        cmocka_unit_test(profile_may_be_its_own_source),
        cmocka_unit_test(source_with_keys_gives_these),
        cmocka_unit_test(credential_sources),
        cmocka_unit_test(process_web_identity_and_sso),
        cmocka_unit_test(profile_without_credentials_has_none),
        cmocka_unit_test(mistakes_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
