/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/lib/creds_stand_in.h"

static int status;

static void answer_sts(struct stand_in *server, struct httpd_request *request)
{
    static const char good[] =
        "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
        "<AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>SECRET</SecretAccessKey>"
        "<SessionToken>TOKEN</SessionToken><Expiration>" IN_AN_HOUR "</Expiration></Credentials>"
        "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>";
    static const char bad[] = "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredTokenException</Code>"
                              "<Message>Token expired</Message></Error></ErrorResponse>";
    const char *body = status == 200 ? good : bad;

    (void)server;
    httpd_reply(request, status, "text/xml", body, strlen(body));
}

static int set_up(void **state)
{
    struct provider_test *test = provider_test_new(answer_sts);
    char path[128];

    provider_test_write(test, "token", "ey.first", path);
    provider_test_set(test, "AWS_ENDPOINT_URL_STS", test->server.url);
    provider_test_set(test, "AWS_WEB_IDENTITY_TOKEN_FILE", path);
    provider_test_set(test, "AWS_ROLE_ARN", "arn:role");
    provider_test_set(test, "AWS_ROLE_SESSION_NAME", "session");
    test->provider = creds_web_identity_provider(&test->context);
    status = 200;
    *state = test;
    return 0;
}

static int tear_down(void **state)
{
    provider_test_free(*state);
    return 0;
}

static void token_is_exchanged_without_a_signature(void **state)
{
    struct provider_test *test = *state;

    provider_test_found(test, "ASIA", "TOKEN");
    assert_int_equal(test->creds.expires_ms, clock_parse_iso(IN_AN_HOUR));
    assert_string_equal(test->server.method, "POST");
    assert_string_equal(test->server.target, "/");
    stand_in_assert_header(&test->server, "Authorization", NULL);
    stand_in_assert_header(&test->server, "Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
    assert_string_equal(test->server.body.data,
                        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Arole"
                        "&RoleSessionName=session&WebIdentityToken=ey.first");
}

static void token_file_is_read_every_time(void **state)
{
    struct provider_test *test = *state;
    char path[128];

    provider_test_found(test, "ASIA", "TOKEN");
    provider_test_write(test, "token", "ey.second", path);
    provider_test_found(test, "ASIA", "TOKEN");
    assert_non_null(strstr(test->server.body.data, "WebIdentityToken=ey.second"));
}

static void failure_of_sts_is_told(void **state)
{
    struct provider_test *test = *state;

    status = 400;
    provider_test_missed(test, CREDS_FAILED, true, "STS: HTTP 400 ExpiredTokenException: Token expired");
    status = 200;
    provider_test_found(test, "ASIA", "TOKEN");
}

static void settings_are_needed_together(void **state)
{
    struct provider_test *test = *state;

    provider_test_set(test, "AWS_ROLE_ARN", "");
    provider_test_missed(test, CREDS_FAILED, false, "AWS_ROLE_ARN");
    provider_test_set(test, "AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent/token");
    provider_test_set(test, "AWS_ROLE_ARN", "arn");
    provider_test_missed(test, CREDS_FAILED, false, "No such file");
    provider_test_set(test, "AWS_WEB_IDENTITY_TOKEN_FILE", "");
    provider_test_missed(test, CREDS_ABSENT, false, "AWS_WEB_IDENTITY_TOKEN_FILE");
}

static void without_a_client_it_fails(void **state)
{
    struct provider_test *test = *state;
    struct creds_context context = test->context;

    context.http = NULL;
    test->provider.free(test->provider.state);
    test->provider = creds_web_identity_provider(&context);
    provider_test_missed(test, CREDS_FAILED, false, "HTTP client");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(token_is_exchanged_without_a_signature, set_up, tear_down),
        cmocka_unit_test_setup_teardown(token_file_is_read_every_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(failure_of_sts_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(settings_are_needed_together, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_client_it_fails, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
