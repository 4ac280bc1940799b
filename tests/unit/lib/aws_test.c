/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/aws.h"

#include "lib/aws_error.h"
#include "tests/unit/lib/stand_in.h"

#include <time.h>

#include "lib/sigv4.h"

/* --- endpoints -------------------------------------------------------------------------------------------
 */

static void assert_endpoint(const struct aws_config *config, enum aws_service service, const char *expected)
{
    struct buf out;

    buf_init(&out, 1024);
    assert_int_equal(aws_endpoint(config, service, &out), 0);
    assert_string_equal(out.data, expected);
    buf_done(&out);
}

static void endpoint_follows_the_partition(void **state)
{
    static const struct {
        const char *region;
        const char *plain;
        const char *fips_dualstack;
    } cases[] = {
        {"eu-west-1", "https://kinesis.eu-west-1.amazonaws.com", "https://kinesis-fips.eu-west-1.api.aws"},
        {"mx-central-1", "https://kinesis.mx-central-1.amazonaws.com",
         "https://kinesis-fips.mx-central-1.api.aws"},
        {"cn-north-1", "https://kinesis.cn-north-1.amazonaws.com.cn",
         "https://kinesis-fips.cn-north-1.api.amazonwebservices.com.cn"},
        {"us-gov-west-1", "https://kinesis.us-gov-west-1.amazonaws.com",
         "https://kinesis-fips.us-gov-west-1.api.aws"},
        {"eusc-de-east-1", "https://kinesis.eusc-de-east-1.amazonaws.eu",
         "https://kinesis-fips.eusc-de-east-1.api.amazonwebservices.eu"},
        {"us-iso-east-1", "https://kinesis.us-iso-east-1.c2s.ic.gov",
         "https://kinesis-fips.us-iso-east-1.api.aws.ic.gov"},
        {"us-isob-east-1", "https://kinesis.us-isob-east-1.sc2s.sgov.gov",
         "https://kinesis-fips.us-isob-east-1.api.aws.scloud"},
        {"eu-isoe-west-1", "https://kinesis.eu-isoe-west-1.cloud.adc-e.uk",
         "https://kinesis-fips.eu-isoe-west-1.api.cloud-aws.adc-e.uk"},
        {"us-isof-south-1", "https://kinesis.us-isof-south-1.csp.hci.ic.gov",
         "https://kinesis-fips.us-isof-south-1.api.aws.hci.ic.gov"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct aws_config config = {.region = cases[i].region};

        assert_endpoint(&config, AWS_KINESIS, cases[i].plain);
        config.use_fips = true;
        config.use_dualstack = true;
        assert_endpoint(&config, AWS_KINESIS, cases[i].fips_dualstack);
    }
}

static void endpoint_override_goes_by_service_then_for_all(void **state)
{
    struct aws_config config = {.default_region = "us-east-1"};

    (void)state;
    assert_endpoint(&config, AWS_FIREHOSE, "https://firehose.us-east-1.amazonaws.com");
    config.endpoint_url = "http://127.0.0.1:4566//";
    assert_endpoint(&config, AWS_FIREHOSE, "http://127.0.0.1:4566");
    config.endpoint_url_kinesis = "http://kinesis.test/base/";
    assert_endpoint(&config, AWS_KINESIS, "http://kinesis.test/base");
    assert_endpoint(&config, AWS_FIREHOSE, "http://127.0.0.1:4566");
}

static void region_is_required_and_cannot_leave_the_host_name(void **state)
{
    static const char *const bad[] = {"evil.example/", "US-EAST-1", "us east", "-a", "a@b", "a:1"};
    struct aws_config config = {0};
    struct error err = {0};

    (void)state;
    assert_null(aws_client_new(&config, AWS_KINESIS, NULL, NULL, &err));
    assert_int_equal(err.code, ERROR_CONFIG);
    assert_non_null(strstr(err.message, "AWS_REGION"));
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        config.region = bad[i];
        assert_null(aws_client_new(&config, AWS_KINESIS, NULL, NULL, &err));
        assert_int_equal(err.code, ERROR_CONFIG);
    }
    config.region = NULL;
    config.default_region = "eu-central-1";
    assert_string_equal(aws_region(&config), "eu-central-1");
    config.region = "eu-west-1";
    assert_string_equal(aws_region(&config), "eu-west-1");
}

/* --- errors ----------------------------------------------------------------------------------------------
 */

static void error_code_is_bare(void **state)
{
    static const struct {
        const char *header;
        const char *type;
        const char *expected;
    } cases[] = {
        {"", "ResourceNotFoundException", "ResourceNotFoundException"},
        {"", "com.amazonaws.kinesis#ResourceNotFoundException", "ResourceNotFoundException"},
        {"", "com.amazon.coral.service#ThrottlingException", "ThrottlingException"},
        {"ThrottlingException:http://internal.amazon.com/coral/com.amazon.coral.availability/", "Other",
         "ThrottlingException"},
        {"aws.protocoltests#FooError:http://example.com/#frag", "", "FooError"},
        {"", "", ""},
        {"", "#", ""},
    };
    char code[96];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        aws_error_code(str_of(cases[i].header), str_of(cases[i].type), code, sizeof(code));
        assert_string_equal(code, cases[i].expected);
    }
    aws_error_code(STR("TooLongForThis"), STR(""), code, 5);
    assert_string_equal(code, "TooL");
}

static void refusals_are_sorted(void **state)
{
    static const struct {
        int status;
        const char *code;
        enum aws_outcome expected;
    } cases[] = {
        {200, "", AWS_OK},
        {400, "ProvisionedThroughputExceededException", AWS_THROTTLED},
        {400, "LimitExceededException", AWS_THROTTLED},
        {400, "KMSThrottlingException", AWS_THROTTLED},
        {429, "", AWS_THROTTLED},
        {503, "SlowDown", AWS_THROTTLED},
        {503, "ServiceUnavailableException", AWS_THROTTLED},
        {503, "ServiceUnavailable", AWS_UNKNOWN},
        {500, "InternalFailure", AWS_UNKNOWN},
        {400, "InternalFailure", AWS_UNKNOWN},
        {502, "", AWS_UNKNOWN},
        {504, "", AWS_UNKNOWN},
        {408, "", AWS_UNKNOWN},
        {400, "RequestTimeout", AWS_RETRY},
        {400, "ExpiredTokenException", AWS_RETRY},
        {403, "InvalidSignatureException", AWS_REFUSED},
        {400, "ResourceNotFoundException", AWS_REFUSED},
        {400, "ValidationException", AWS_REFUSED},
        {400, "InvalidArgumentException", AWS_REFUSED},
        {400, "AccessDeniedException", AWS_REFUSED},
        {400, "UnrecognizedClientException", AWS_REFUSED},
        {400, "KMSDisabledException", AWS_REFUSED},
        {403, "", AWS_REFUSED},
        {301, "", AWS_REFUSED},
        {400, "throttlingexception", AWS_REFUSED},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        if (aws_classify(cases[i].status, cases[i].code) != cases[i].expected) {
            fail_msg("%d %s is sorted as %d", cases[i].status, cases[i].code,
                     (int)aws_classify(cases[i].status, cases[i].code));
        }
    }
}

/* --- calls, against a server in this process --------------------------------------------------------------
 */

struct fixture {
    struct stand_in server;
    char *variables[4];
    struct creds_context context;
    struct creds_chain *creds;
    struct aws_config config;
    struct aws_client *client;
    bool done;
    struct aws_response response;
    char body[1024];
};

static int set_up(void **state)
{
    static char access_key[] = "AWS_ACCESS_KEY_ID=AKIDEXAMPLE";
    static char secret_key[] = "AWS_SECRET_ACCESS_KEY=secret";
    static char token[] = "AWS_SESSION_TOKEN=TOKEN/+==";
    struct fixture *f = calloc(1, sizeof(*f));
    struct error err = {0};

    assert_non_null(f);
    stand_in_start(&f->server, NULL);
    f->server.ctx = f;
    f->variables[0] = access_key;
    f->variables[1] = secret_key;
    f->variables[2] = token;
    f->context = (struct creds_context){.environment = f->variables, .http = f->server.http};
    f->creds = creds_chain_new(&f->context);
    assert_non_null(f->creds);
    f->config = (struct aws_config){.region = "us-east-1", .endpoint_url = f->server.url};
    f->client = aws_client_new(&f->config, AWS_KINESIS, f->server.http, f->creds, &err);
    assert_non_null(f->client);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    aws_client_free(f->client);
    creds_chain_free(f->creds);
    stand_in_stop(&f->server);
    free(f);
    return 0;
}

static void on_done(void *ctx, const struct aws_response *response)
{
    struct fixture *f = ctx;

    f->done = true;
    f->response = *response;
    f->response.body = NULL;
    snprintf(f->body, sizeof(f->body), "%s",
             response->body && response->body->data ? response->body->data : "");
}

static void call(struct fixture *f, void (*answer)(struct stand_in *, struct httpd_request *))
{
    struct error err = {0};

    f->server.answer = answer;
    f->done = false;
    if (aws_call(f->client, "Kinesis_20131202.PutRecords", STR("{\"a\":1}"), 5000, on_done, f, &err) < 0) {
        fail_msg("%s", err.message);
    }
    assert_false(f->done); /* never before http_poll() */
    stand_in_until(&f->server, &f->done);
}

static void answer_ok(struct stand_in *server, struct httpd_request *request)
{
    (void)server;
    httpd_reply(request, 200, "application/x-amz-json-1.1", "{\"ok\":true}", 11);
}

/* Checks the request's signature as a service would. */
static void assert_signature(const struct fixture *f, struct str secret)
{
    static const char *const names[] = {"content-type", "host", "x-amz-date", "x-amz-security-token",
                                        "x-amz-target"};
    char *values[ARRAY_LENGTH(names)];
    char *authorization = stand_in_take_header(&f->server, "Authorization");
    struct sigv4_header headers[ARRAY_LENGTH(names)];
    char hash[HASH_SHA256_HEX_SIZE];
    struct sigv4_request request = {
        .method = str_of(f->server.method),
        .path = str_of(f->server.target),
        .headers = headers,
        .header_count = ARRAY_LENGTH(names),
    };
    struct sigv4_claim claim;

    assert_non_null(authorization);
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        values[i] = stand_in_take_header(&f->server, names[i]);
        assert_non_null(values[i]);
        headers[i] = (struct sigv4_header){str_of(names[i]), str_of(values[i])};
    }
    hash_sha256_hex(f->server.body.data, f->server.body.len, hash);
    request.payload_hash = str_of(hash);
    assert_true(sigv4_parse_authorization(str_of(authorization), &claim));
    assert_true(
        str_eq(claim.signed_headers, STR("content-type;host;x-amz-date;x-amz-security-token;x-amz-target")));
    assert_true(str_eq(claim.service, STR("kinesis")));
    assert_true(sigv4_verify(&request, &claim, secret, str_of(values[2])));
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        free(values[i]);
    }
    free(authorization);
}

static void call_posts_a_signed_request(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 2; i++) { /* the second with the signing key that was kept */
        call(f, answer_ok);
        assert_int_equal(f->response.outcome, AWS_OK);
        assert_int_equal(f->response.status, 200);
        assert_string_equal(f->body, "{\"ok\":true}");
        assert_string_equal(f->response.code, "");
        assert_string_equal(f->server.method, "POST");
        assert_string_equal(f->server.target, "/");
        assert_string_equal(f->server.body.data, "{\"a\":1}");
        stand_in_assert_header(&f->server, "X-Amz-Target", "Kinesis_20131202.PutRecords");
        stand_in_assert_header(&f->server, "Content-Type", "application/x-amz-json-1.1");
        stand_in_assert_header(&f->server, "X-Amz-Security-Token", "TOKEN/+==");
        stand_in_assert_header(&f->server, "Host", f->server.host);
        stand_in_assert_header(&f->server, "Expect", NULL);
        assert_signature(f, STR("secret"));
    }
}

static void new_credentials_sign_with_a_new_key(void **state)
{
    static char rotated[] = "AWS_SECRET_ACCESS_KEY=rotated";
    struct fixture *f = *state;

    call(f, answer_ok);
    assert_signature(f, STR("secret"));
    f->variables[1] = rotated;
    creds_chain_expire(f->creds);
    call(f, answer_ok);
    assert_signature(f, STR("rotated"));
}

static void answer_not_found(struct stand_in *server, struct httpd_request *request)
{
    static const char body[] = "{\"__type\":\"com.amazonaws.kinesis#ResourceNotFoundException\","
                               "\"message\":\"Stream demo not found.\"}";

    (void)server;
    httpd_reply_header(request, "x-amzn-RequestId", "req-1");
    httpd_reply(request, 400, "application/x-amz-json-1.1", body, sizeof(body) - 1);
}

static void refusal_has_code_message_and_request_id(void **state)
{
    struct fixture *f = *state;

    call(f, answer_not_found);
    assert_int_equal(f->response.outcome, AWS_REFUSED);
    assert_string_equal(f->response.code, "ResourceNotFoundException");
    assert_false(f->response.error.retriable);
    assert_string_equal(f->response.error.message,
                        "Kinesis_20131202.PutRecords: HTTP 400 ResourceNotFoundException: "
                        "Stream demo not found. (request req-1)");
}

static void code_is_read_from_json_and_xml(void **state)
{
    static const struct {
        const char *header;
        const char *body;
        const char *code;
        const char *message;
    } cases[] = {
        {"", "{\"__type\":\"a#B\",\"message\":\"m\"}", "B", "m"},
        {"", "{\"__type\":\"B\",\"Message\":\"first\\r\\nsecond\"}", "B", "first"},
        {"C:http://x/", "{\"__type\":\"B\"}", "C", ""},
        {"", "<Error><Code>AccessDenied</Code><Message>No &amp; no</Message></Error>", "AccessDenied",
         "No & no"},
        {"", "<Response><Errors><Error><Code>RequestExpired</Code></Error></Errors></Response>",
         "RequestExpired", ""},
        {"C", "<Error><Code>AccessDenied</Code></Error>", "C", ""},
        {"", "<Error><Message>no code</Message></Error>", "", ""},
        {"", "<html><body>Forbidden</body></html>", "", ""},
        {"", "<Error><Code>Cut", "", ""},
        {"", "Forbidden", "", ""},
        {"", "", "", ""},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char code[96] = "unset";
        char message[64] = "unset";
        aws_error_read(str_of(cases[i].header), str_of(cases[i].body), code, sizeof(code), message,
                       sizeof(message));
        assert_string_equal(code, cases[i].code);
        assert_string_equal(message, cases[i].message);
    }
}

static void a_call_under_way_is_forgotten_with_the_client(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};

    f->done = false;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(
            aws_call(f->client, "Kinesis_20131202.PutRecords", STR("{}"), 5000, on_done, f, &err), 0);
    }
    aws_client_free(f->client); /* what it keeps, the leak checker would tell */
    f->client = NULL;
    assert_false(f->done);
}

static void answer_html(struct stand_in *server, struct httpd_request *request)
{
    (void)server;
    httpd_reply(request, 502, "text/html", "<html>", 6);
}

static void answer_of_a_proxy_is_unknown(void **state)
{
    struct fixture *f = *state;

    call(f, answer_html);
    assert_int_equal(f->response.outcome, AWS_UNKNOWN);
    assert_string_equal(f->response.code, "");
    assert_non_null(strstr(f->response.error.message, "HTTP 502"));
    assert_non_null(strstr(f->response.error.message, "text/html"));
}

static void answer_xml(struct stand_in *server, struct httpd_request *request)
{
    static const char body[] =
        "<?xml version=\"1.0\"?>\n<ErrorResponse xmlns=\"https://x/\"><Error><Type>Sender</Type>"
        "<Code>ExpiredToken</Code><Message>Too old.\nTOKEN/+==</Message></Error>"
        "<RequestId>1</RequestId></ErrorResponse>";

    (void)server;
    httpd_reply(request, 403, "text/xml", body, sizeof(body) - 1);
}

static void refusal_in_xml_counts_as_well(void **state)
{
    struct fixture *f = *state;

    call(f, answer_xml);
    assert_string_equal(f->response.code, "ExpiredToken");
    assert_int_equal(f->response.outcome, AWS_RETRY);
    assert_non_null(strstr(f->response.error.message, "HTTP 403 ExpiredToken: Too old."));
    assert_null(strstr(f->response.error.message, "TOKEN"));
}

static void answer_quoting_the_token(struct stand_in *server, struct httpd_request *request)
{
    static const char body[] = "{\"Message\":\"The signature does not match.\\n\\nThe Canonical String was\\n"
                               "x-amz-security-token:TOKEN/+==\"}";

    (void)server;
    httpd_reply_header(request, "x-amzn-ErrorType", "InvalidSignatureException:http://x/");
    httpd_reply(request, 403, "application/x-amz-json-1.1", body, sizeof(body) - 1);
}

static void message_never_quotes_the_token(void **state)
{
    struct fixture *f = *state;

    call(f, answer_quoting_the_token);
    assert_string_equal(f->response.code, "InvalidSignatureException");
    assert_int_equal(f->response.outcome, AWS_REFUSED); /* the clocks agree */
    assert_int_equal(f->response.error.code, ERROR_AUTH);
    assert_non_null(strstr(f->response.error.message, "The signature does not match."));
    assert_null(strstr(f->response.error.message, "TOKEN"));
}

static void answer_expired(struct stand_in *server, struct httpd_request *request)
{
    static const char body[] = "{\"__type\":\"ExpiredTokenException\",\"message\":\"expired\"}";

    (void)server;
    httpd_reply(request, 400, "application/x-amz-json-1.1", body, sizeof(body) - 1);
}

static void expired_token_asks_the_chain_for_another(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};

    call(f, answer_expired);
    assert_int_equal(f->response.outcome, AWS_RETRY);
    /* The environment has no other: the chain says so, and does not hammer. */
    assert_int_equal(aws_call(f->client, "T", STR("{}"), 1000, on_done, f, &err), -ERROR_AUTH);
    assert_true(err.retriable);
    assert_non_null(strstr(err.message, "there are no newer ones"));
}

static void answer_abort(struct stand_in *server, struct httpd_request *request)
{
    (void)server;
    httpd_abort(request);
}

static void reset_after_the_request_is_unknown(void **state)
{
    struct fixture *f = *state;

    call(f, answer_abort);
    assert_int_equal(f->response.outcome, AWS_UNKNOWN);
    assert_int_equal(f->response.status, 0);
}

static void no_connection_is_certain(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};

    httpd_stop(f->server.httpd);
    f->server.httpd = httpd_start("127.0.0.2", 0, NULL, stand_in_handle, &f->server, &err);
    assert_non_null(f->server.httpd);
    call(f, NULL);
    assert_int_equal(f->response.outcome, AWS_RETRY);
    assert_true(f->response.error.retriable);
}

/* A server whose clock is `ctx` seconds before ours, and that insists on it. */
struct skewed {
    struct fixture *f;
    long seconds;
    bool age;
    const char *code;
};

static void answer_skewed(struct stand_in *server, struct httpd_request *request)
{
    const struct skewed *skewed = server->ctx;
    time_t now = time(NULL) + skewed->seconds;
    struct tm tm;
    char date[64];
    char x_amz_date[SIGV4_DATE_SIZE];
    char *sent = stand_in_take_header(server, "X-Amz-Date");
    bool right;

    sigv4_date((int64_t)now * 1000, x_amz_date);
    right = strncmp(sent, x_amz_date, 11) == 0; /* "20150830T12": by the hour is enough */
    free(sent);
    gmtime_r(&now, &tm);
    strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
    httpd_reply_header(request, "Date", date);
    if (skewed->age) {
        httpd_reply_header(request, "Age", "3");
    }
    if (right && !skewed->code) {
        httpd_reply(request, 200, "application/x-amz-json-1.1", "{}", 2);
    } else {
        char body[256];
        snprintf(body, sizeof(body), "{\"__type\":\"%s\",\"message\":\"Signature expired: now\"}",
                 skewed->code ? skewed->code : "InvalidSignatureException");
        httpd_reply(request, 403, "application/x-amz-json-1.1", body, strlen(body));
    }
}

static void wrong_clock_is_corrected_and_the_call_tried_again(void **state)
{
    struct fixture *f = *state;
    struct skewed skewed = {.f = f, .seconds = -7200};

    f->server.ctx = &skewed;
    call(f, answer_skewed);
    assert_int_equal(f->response.outcome, AWS_RETRY);
    call(f, answer_skewed);
    assert_int_equal(f->response.outcome, AWS_OK);
    skewed.seconds = 0; /* and back, when a server's clock is set right */
    call(f, answer_skewed);
    assert_int_equal(f->response.outcome, AWS_RETRY);
    call(f, answer_skewed);
    assert_int_equal(f->response.outcome, AWS_OK);
}

static void corrected_clock_does_not_excuse_a_wrong_key(void **state)
{
    struct fixture *f = *state;
    struct skewed skewed = {.f = f, .seconds = -7200, .code = "SignatureDoesNotMatch"};

    f->server.ctx = &skewed;
    call(f, answer_skewed);
    assert_int_equal(f->response.outcome, AWS_RETRY);
    call(f, answer_skewed);
    assert_int_equal(f->response.outcome, AWS_REFUSED);
}

static void date_of_a_cached_answer_is_not_believed(void **state)
{
    struct fixture *f = *state;
    struct skewed skewed = {.f = f, .seconds = -7200, .age = true};

    f->server.ctx = &skewed;
    call(f, answer_skewed);
    assert_int_equal(f->response.outcome, AWS_REFUSED);
}

static void small_difference_is_left_alone(void **state)
{
    struct fixture *f = *state;
    struct skewed skewed = {.f = f, .seconds = -120, .code = "InvalidSignatureException"};

    f->server.ctx = &skewed;
    call(f, answer_skewed);
    assert_int_equal(f->response.outcome, AWS_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endpoint_follows_the_partition),
        cmocka_unit_test(endpoint_override_goes_by_service_then_for_all),
        cmocka_unit_test(region_is_required_and_cannot_leave_the_host_name),
        cmocka_unit_test(error_code_is_bare),
        cmocka_unit_test(refusals_are_sorted),
        cmocka_unit_test(code_is_read_from_json_and_xml),
        cmocka_unit_test_setup_teardown(call_posts_a_signed_request, set_up, tear_down),
        cmocka_unit_test_setup_teardown(new_credentials_sign_with_a_new_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refusal_has_code_message_and_request_id, set_up, tear_down),
        cmocka_unit_test_setup_teardown(answer_of_a_proxy_is_unknown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refusal_in_xml_counts_as_well, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_call_under_way_is_forgotten_with_the_client, set_up, tear_down),
        cmocka_unit_test_setup_teardown(message_never_quotes_the_token, set_up, tear_down),
        cmocka_unit_test_setup_teardown(expired_token_asks_the_chain_for_another, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reset_after_the_request_is_unknown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_connection_is_certain, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wrong_clock_is_corrected_and_the_call_tried_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(corrected_clock_does_not_excuse_a_wrong_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(date_of_a_cached_answer_is_not_believed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(small_difference_is_left_alone, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
