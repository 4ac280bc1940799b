/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/lib/creds_stand_in.h"

#define ROLES "/latest/meta-data/iam/security-credentials/"

/* The service as the test wants it; what it was asked is counted. */
struct service {
    const char *token; /* NULL: refused with token_status */
    int token_status;
    const char *roles; /* NULL: 404 */
    int credentials_status;
    const char *code;
    const char *access_key;
    const char *expiration;
    unsigned tokens;
    unsigned unauthorized;
};

static struct service service;

static void answer_token(struct stand_in *server, struct httpd_request *request)
{
    stand_in_assert_header(server, "X-aws-ec2-metadata-token-ttl-seconds", "21600");
    service.tokens++;
    if (service.token) {
        httpd_reply_text(request, 200, service.token);
    } else {
        httpd_reply_text(request, service.token_status, "no");
    }
}

static void answer_credentials(struct httpd_request *request)
{
    char body[512];

    snprintf(
        body, sizeof(body),
        "{\"Code\":\"%s\",\"LastUpdated\":\"2026-11-23T11:00:00Z\",\"Type\":\"AWS-HMAC\","
        "\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"SECRET\",\"Token\":\"TOKEN\",\"Expiration\":\"%s\","
        "\"Message\":\"why\"}",
        service.code, service.access_key, service.expiration);
    httpd_reply(request, service.credentials_status, "text/plain", body, strlen(body));
}

static void answer_imds(struct stand_in *server, struct httpd_request *request)
{
    char *token = stand_in_take_header(server, "X-aws-ec2-metadata-token");

    if (strcmp(server->target, "/latest/api/token") == 0 && strcmp(server->method, "PUT") == 0) {
        answer_token(server, request);
    } else if (!token || !service.token || strcmp(token, service.token) != 0) {
        service.unauthorized++;
        httpd_reply_text(request, 401, "");
    } else if (strcmp(server->target, ROLES) == 0) {
        httpd_reply_text(request, service.roles ? 200 : 404, service.roles ? service.roles : "");
    } else if (strcmp(server->target, ROLES "the-role") == 0) {
        answer_credentials(request);
    } else {
        httpd_reply_text(request, 404, "");
    }
    free(token);
}

static int set_up(void **state)
{
    struct provider_test *test = provider_test_new(answer_imds);

    provider_test_set(test, "AWS_EC2_METADATA_SERVICE_ENDPOINT", test->server.url);
    test->provider = creds_imds_provider(&test->context);
    service = (struct service){.token = "session-token",
                               .roles = "the-role\nanother",
                               .credentials_status = 200,
                               .code = "Success",
                               .access_key = "ASIA",
                               .expiration = IN_AN_HOUR};
    *state = test;
    return 0;
}

static int tear_down(void **state)
{
    provider_test_free(*state);
    return 0;
}

static void role_credentials_are_found(void **state)
{
    struct provider_test *test = *state;

    provider_test_found(test, "ASIA", "TOKEN");
    assert_int_equal(test->creds.expires_ms, clock_parse_iso(IN_AN_HOUR));
    assert_int_equal(service.unauthorized, 0); /* version 1 was never tried */
}

static void session_token_is_used_again(void **state)
{
    struct provider_test *test = *state;

    provider_test_found(test, "ASIA", "TOKEN");
    service.access_key = "ASIB";
    provider_test_found(test, "ASIB", "TOKEN");
    assert_int_equal(service.tokens, 1);
}

static void refused_session_token_is_renewed_once(void **state)
{
    struct provider_test *test = *state;

    provider_test_found(test, "ASIA", "TOKEN");
    service.token = "another-token";
    provider_test_found(test, "ASIA", "TOKEN");
    assert_int_equal(service.tokens, 2);
    assert_int_equal(service.unauthorized, 1);
}

static void missing_service_and_role_are_absent(void **state)
{
    static const int statuses[] = {403, 404, 405};
    struct provider_test *test = *state;

    service.roles = NULL;
    provider_test_missed(test, CREDS_ABSENT, false, "no role");
    service.token = NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(statuses); i++) {
        struct creds_provider fresh = creds_imds_provider(&test->context);
        test->provider.free(test->provider.state);
        test->provider = fresh;
        service.token_status = statuses[i];
        provider_test_missed(test, CREDS_ABSENT, false, "session token");
    }
    httpd_stop(test->server.httpd);
    test->server.httpd = httpd_start("127.0.0.2", 0, NULL, stand_in_handle, &test->server, NULL);
    provider_test_missed(test, CREDS_ABSENT, false, "");
}

static void trouble_of_the_service_is_a_failure(void **state)
{
    struct provider_test *test = *state;

    service.code = "AssumeRoleUnauthorizedAccess";
    provider_test_missed(test, CREDS_FAILED, true, "AssumeRoleUnauthorizedAccess: why");
    service.code = "Success";
    service.credentials_status = 500;
    provider_test_missed(test, CREDS_FAILED, true, "HTTP 500");
    service.credentials_status = 200;
    service.roles = "bad role/../name";
    provider_test_missed(test, CREDS_FAILED, true, "role's name");
    service.roles = "";
    provider_test_missed(test, CREDS_FAILED, true, "role's name");
    service.roles = "the-role";
    service.token = NULL;
    service.token_status = 500;
    test->provider.free(test->provider.state);
    test->provider = creds_imds_provider(&test->context);
    provider_test_missed(test, CREDS_FAILED, true, "session token");
}

static void last_set_goes_on_while_the_service_has_no_other(void **state)
{
    struct provider_test *test = *state;
    int64_t soonest_ms = clock_wall_ms() + 10 * 60 * 1000;

    provider_test_found(test, "ASIA", "TOKEN");
    service.code = "Trouble";
    provider_test_found(test, "ASIA", "TOKEN");
    assert_in_range(test->creds.expires_ms, soonest_ms, soonest_ms + 6 * 60 * 1000);
    service.code = "Success"; /* and a set that has expired already */
    service.access_key = "ASIC";
    service.expiration = "2026-11-23T11:59:59Z";
    provider_test_found(test, "ASIC", "TOKEN");
    assert_in_range(test->creds.expires_ms, soonest_ms, soonest_ms + 6 * 60 * 1000);
}

static void switch_turns_it_off(void **state)
{
    struct provider_test *test = *state;

    provider_test_set(test, "AWS_EC2_METADATA_DISABLED", "True");
    provider_test_missed(test, CREDS_ABSENT, false, "AWS_EC2_METADATA_DISABLED");
    assert_int_equal(test->server.requests, 0);
}

static void wrong_endpoint_mode_is_named(void **state)
{
    struct provider_test *test = *state;

    provider_test_set(test, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "");
    provider_test_set(test, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv5");
    provider_test_missed(test, CREDS_FAILED, false, "IPv4 or IPv6");
}

static void without_a_client_it_is_absent(void **state)
{
    struct provider_test *test = *state;
    struct creds_context context = test->context;

    context.http = NULL;
    test->provider.free(test->provider.state);
    test->provider = creds_imds_provider(&context);
    provider_test_missed(test, CREDS_ABSENT, false, "HTTP client");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(role_credentials_are_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(session_token_is_used_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refused_session_token_is_renewed_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(missing_service_and_role_are_absent, set_up, tear_down),
        cmocka_unit_test_setup_teardown(trouble_of_the_service_is_a_failure, set_up, tear_down),
        cmocka_unit_test_setup_teardown(last_set_goes_on_while_the_service_has_no_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(switch_turns_it_off, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wrong_endpoint_mode_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_client_it_is_absent, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
