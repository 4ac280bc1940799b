/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/lib/creds_stand_in.h"

#define GOOD                                                                                                 \
    "{\"AccessKeyId\":\"ASIA\",\"SecretAccessKey\":\"SECRET\",\"Token\":\"TOKEN/+=\","                       \
    "\"Expiration\":\"" IN_AN_HOUR "\",\"AccountId\":\"111122223333\",\"RoleArn\":\"arn\"}"

struct scripted {
    int status;
    const char *body;
};

static struct scripted script;

static void answer_script(struct stand_in *server, struct httpd_request *request)
{
    (void)server;
    httpd_reply(request, script.status, "application/json", script.body, strlen(script.body));
}

static int set_up(void **state)
{
    struct provider_test *test = provider_test_new(answer_script);
    char url[128];

    snprintf(url, sizeof(url), "%s/v1/credentials?x=1", test->server.url);
    provider_test_set(test, "AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
    test->provider = creds_container_provider(&test->context);
    script = (struct scripted){200, GOOD};
    *state = test;
    return 0;
}

static int tear_down(void **state)
{
    provider_test_free(*state);
    return 0;
}

static void full_uri_gives_credentials(void **state)
{
    struct provider_test *test = *state;

    provider_test_found(test, "ASIA", "TOKEN/+=");
    assert_int_equal(test->creds.expires_ms, clock_parse_iso(IN_AN_HOUR));
    assert_string_equal(test->server.method, "GET");
    assert_string_equal(test->server.target, "/v1/credentials?x=1");
    stand_in_assert_header(&test->server, "Accept", "application/json");
    stand_in_assert_header(&test->server, "Authorization", NULL);
}

static void token_variable_goes_into_authorization(void **state)
{
    struct provider_test *test = *state;

    provider_test_set(test, "AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc");
    provider_test_found(test, "ASIA", "TOKEN/+=");
    stand_in_assert_header(&test->server, "Authorization", "Basic abc");
    provider_test_set(test, "AWS_CONTAINER_AUTHORIZATION_TOKEN", "abc\r\nX-Evil: 1");
    provider_test_missed(test, CREDS_FAILED, false, "line end");
}

static void token_file_goes_before_and_is_read_every_time(void **state)
{
    struct provider_test *test = *state;
    char path[128];

    provider_test_write(test, "token", "first", path);
    provider_test_set(test, "AWS_CONTAINER_AUTHORIZATION_TOKEN", "unused");
    provider_test_set(test, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path);
    provider_test_found(test, "ASIA", "TOKEN/+=");
    stand_in_assert_header(&test->server, "Authorization", "first");
    provider_test_write(test, "token", "second", path);
    provider_test_found(test, "ASIA", "TOKEN/+=");
    stand_in_assert_header(&test->server, "Authorization", "second");
    provider_test_write(test, "token", "with\nline", path);
    provider_test_missed(test, CREDS_FAILED, false, "line end");
    provider_test_write(test, "token", "", path);
    provider_test_missed(test, CREDS_FAILED, true, "empty");
    unlink(path);
    provider_test_missed(test, CREDS_FAILED, false, "No such file");
}

static void errors_are_sorted(void **state)
{
    static const struct {
        struct scripted script;
        bool retriable;
        const char *message;
    } cases[] = {
        {{400, "{\"Code\":\"InvalidToken\",\"Message\":\"bad\"}"}, false, "HTTP 400 InvalidToken: bad"},
        {{404, "{\"code\":\"NotFound\",\"message\":\"no\"}"}, false, "HTTP 404 NotFound: no"},
        {{500, "{\"Code\":\"InternalServerError\"}"}, true, "HTTP 500 InternalServerError"},
        {{429, "slow"}, true, "HTTP 429"},
        {{200, "<html>"}, true, "no credentials"},
        {{200, ""}, true, "no credentials"},
        {{200, "{}"}, true, "Expiration"},
        {{200, "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"S\",\"Token\":\"T\",\"Expiration\":\"soon\"}"},
         true,
         "Expiration"},
        {{200, "{\"AccessKeyId\":\"A\",\"Token\":\"T\",\"Expiration\":\"" IN_AN_HOUR "\"}"},
         false,
         "no credentials"},
        {{200, "{\"AccessKeyId\":\"A\\r\\nB\",\"SecretAccessKey\":\"S\",\"Token\":\"T\",\"Expiration\":"
               "\"" IN_AN_HOUR "\"}"},
         false,
         "printable"},
        {{200, "{\"Code\":\"Expired\",\"Message\":\"why\"}"}, true, "Expired: why"},
    };
    struct provider_test *test = *state;

    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        script = cases[i].script;
        provider_test_missed(test, CREDS_FAILED, cases[i].retriable, cases[i].message);
    }
    script = (struct scripted){200, GOOD};
    httpd_stop(test->server.httpd);
    test->server.httpd = httpd_start("127.0.0.2", 0, NULL, stand_in_handle, &test->server, NULL);
    provider_test_missed(test, CREDS_FAILED, true, "");
}

static void proxy_is_never_used(void **state)
{
    struct provider_test *test = *state;

    setenv("http_proxy", "http://127.0.0.1:9", 1);
    setenv("HTTP_PROXY", "http://127.0.0.1:9", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:9", 1);
    provider_test_found(test, "ASIA", "TOKEN/+=");
    unsetenv("http_proxy");
    unsetenv("HTTP_PROXY");
    unsetenv("ALL_PROXY");
}

static void free_cancels_a_fetch_under_way(void **state)
{
    struct provider_test *test = *state;

    test->provider.fetch(test->provider.state, NOW_MS, provider_test_answer, test);
    test->provider.free(test->provider.state);
    test->provider.free = NULL;
    for (int i = 0; i < 5; i++) {
        stand_in_turn(&test->server);
    }
    assert_false(test->answered);
}

/* --- which URLs are asked ------------------------------------------------------------------------------- */

static enum creds_outcome url_of(const char *variable, const char *value, const char *expected)
{
    char *text;
    char *variables[2] = {NULL, NULL};
    struct error err = {0};
    enum creds_outcome outcome;
    struct buf url;

    assert_true(asprintf(&text, "%s=%s", variable, value) > 0);
    variables[0] = text;
    buf_init(&url, 1000);
    outcome = creds_container_url(variables, &url, &err);
    if (expected) {
        assert_string_equal(url.data, expected);
    }
    buf_done(&url);
    free(text);
    return outcome;
}

static void relative_uri_is_a_path_of_the_ecs_agent(void **state)
{
    static const char name[] = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";

    (void)state;
    assert_int_equal(url_of(name, "/v2/credentials/x", "http://169.254.170.2/v2/credentials/x"), CREDS_FOUND);
    assert_int_equal(url_of(name, "@evil.example/", NULL), CREDS_FAILED);
    assert_int_equal(url_of(name, ":80@evil.example/", NULL), CREDS_FAILED);
    assert_int_equal(url_of(name, ".evil.example/", NULL), CREDS_FAILED);
    assert_int_equal(url_of("OTHER", "x", NULL), CREDS_ABSENT);
}

static void full_uri_is_https_or_an_allowed_host(void **state)
{
    static const char *const allowed[] = {"http://127.0.0.1:8080/x",
                                          "http://127.1.2.3/",
                                          "http://localhost/x",
                                          "http://LocalHost:1/x",
                                          "http://[::1]/x",
                                          "http://169.254.170.2/x",
                                          "http://169.254.170.23/v1/credentials",
                                          "http://[fd00:ec2::23]/v1",
                                          "https://any.example/x"};
    static const char *const refused[] = {"http://any.example/x",
                                          "http://169.254.169.254/x",
                                          "http://169.254.170.24/x",
                                          "http://128.0.0.1/x",
                                          "http://127.0.0.1.evil.example/",
                                          "http://[fd00:ec2::24]/",
                                          "http://[::2]/",
                                          "http://localhost.evil.example/",
                                          "http://127.0.0.1@evil.example/",
                                          "https://user:pw@any.example/",
                                          "ftp://127.0.0.1/",
                                          "/relative",
                                          ""};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(allowed); i++) {
        assert_int_equal(url_of("AWS_CONTAINER_CREDENTIALS_FULL_URI", allowed[i], allowed[i]), CREDS_FOUND);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
        assert_int_not_equal(url_of("AWS_CONTAINER_CREDENTIALS_FULL_URI", refused[i], NULL), CREDS_FOUND);
    }
}

static void relative_uri_goes_before_the_full_one(void **state)
{
    char relative[] = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/r";
    char full[] = "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://localhost/f";
    char *variables[] = {full, relative, NULL};
    struct error err = {0};
    struct buf url;

    (void)state;
    buf_init(&url, 1000);
    assert_int_equal(creds_container_url(variables, &url, &err), CREDS_FOUND);
    assert_string_equal(url.data, "http://169.254.170.2/r");
    buf_done(&url);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(full_uri_gives_credentials, set_up, tear_down),
        cmocka_unit_test_setup_teardown(token_variable_goes_into_authorization, set_up, tear_down),
        cmocka_unit_test_setup_teardown(token_file_goes_before_and_is_read_every_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(errors_are_sorted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(proxy_is_never_used, set_up, tear_down),
        cmocka_unit_test_setup_teardown(free_cancels_a_fetch_under_way, set_up, tear_down),
        cmocka_unit_test(relative_uri_is_a_path_of_the_ecs_agent),
        cmocka_unit_test(full_uri_is_https_or_an_allowed_host),
        cmocka_unit_test(relative_uri_goes_before_the_full_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
