/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "local/aws/auth.h"

#include <string.h>

#include "lib/hash.h"

enum { HEADERS = 5 };

/* 2026-11-23T12:00:00Z */
static const int64_t now_ms = 1795435200000;

struct signed_request {
    struct auth_input input;
    struct sigv4_header headers[HEADERS];
    char date[SIGV4_DATE_SIZE];
    char hash[HASH_SHA256_HEX_SIZE];
    struct buf authorization;
};

/* A request signed at `signed_ms` with the right keys. */
static void make(struct signed_request *out, const char *service, int64_t signed_ms)
{
    struct sigv4_identity identity = {.access_key = STR("AK"),
                                      .secret_key = STR("SK"),
                                      .region = STR("us-east-1"),
                                      .service = str_of(service)};
    struct sigv4_request request = {.method = STR("POST"), .path = STR("/"), .header_count = 3};

    memset(out, 0, sizeof(*out));
    buf_init(&out->authorization, 4096);
    sigv4_date(signed_ms, out->date);
    hash_sha256_hex("{}", 2, out->hash);
    out->headers[0] = (struct sigv4_header){STR("Host"), STR("localhost:4566")};
    out->headers[1] = (struct sigv4_header){STR("X-Amz-Date"), str_of(out->date)};
    out->headers[2] = (struct sigv4_header){STR("X-Amz-Content-Sha256"), str_of(out->hash)};
    request.headers = out->headers;
    request.payload_hash = str_of(out->hash);
    assert_int_equal(sigv4_authorization(&request, &identity, out->date, &out->authorization), 0);
    out->headers[3] = (struct sigv4_header){STR("Authorization"), buf_str(&out->authorization)};
    out->headers[4] = (struct sigv4_header){STR("User-Agent"), STR("unsigned")};
    out->input = (struct auth_input){.service = service,
                                     .region = "us-east-1",
                                     .access_key = "AK",
                                     .secret_key = "SK",
                                     .method = STR("POST"),
                                     .path = STR("/"),
                                     .body = STR("{}"),
                                     .headers = out->headers,
                                     .header_count = HEADERS,
                                     .now_ms = now_ms};
}

static void expect_refusal(struct signed_request *request, int status, const char *code)
{
    struct auth_refusal refusal = {0};

    assert_false(auth_check(&request->input, &refusal));
    assert_string_equal(refusal.code, code);
    assert_int_equal(refusal.status, status);
    buf_done(&request->authorization);
}

static void expect_accepted(struct signed_request *request)
{
    struct auth_refusal refusal = {0};

    assert_true(auth_check(&request->input, &refusal));
    buf_done(&request->authorization);
}

static void a_right_signature_is_accepted(void **state)
{
    struct signed_request request;

    (void)state;
    make(&request, "kinesis", now_ms);
    expect_accepted(&request);
    make(&request, "s3", now_ms);
    expect_accepted(&request);
}

static void the_json_services_allow_five_minutes_and_s3_fifteen(void **state)
{
    struct signed_request request;
    const int64_t minute = 60000;

    (void)state;
    make(&request, "kinesis", now_ms - 5 * minute);
    expect_accepted(&request);
    make(&request, "kinesis", now_ms - 5 * minute - 1000);
    expect_refusal(&request, 400, "InvalidSignatureException");
    make(&request, "firehose", now_ms + 5 * minute + 1000);
    expect_refusal(&request, 400, "InvalidSignatureException");
    make(&request, "s3", now_ms - 15 * minute);
    expect_accepted(&request);
    make(&request, "s3", now_ms + 15 * minute + 1000);
    expect_refusal(&request, 403, "RequestTimeTooSkewed");
}

static void the_text_names_both_times(void **state)
{
    struct signed_request request;
    struct auth_refusal refusal;

    (void)state;
    make(&request, "kinesis", now_ms - 3600000);
    assert_false(auth_check(&request.input, &refusal));
    assert_string_equal(refusal.message, "Signature expired: 20261123T110000Z is now earlier than "
                                         "20261123T115500Z (20261123T120000Z - 5 min.)");
    buf_done(&request.authorization);
}

static void every_way_of_being_wrong_has_its_code(void **state)
{
    struct signed_request request;

    (void)state;
    make(&request, "kinesis", now_ms);
    request.input.body = STR("{ }");
    expect_refusal(&request, 400, "InvalidSignatureException");
    make(&request, "kinesis", now_ms);
    request.input.secret_key = "other";
    expect_refusal(&request, 400, "InvalidSignatureException");
    make(&request, "kinesis", now_ms);
    request.input.access_key = "other";
    expect_refusal(&request, 400, "UnrecognizedClientException");
    make(&request, "kinesis", now_ms);
    request.input.region = "eu-west-1";
    expect_refusal(&request, 400, "InvalidSignatureException");
    make(&request, "firehose", now_ms);
    request.input.service = "kinesis";
    expect_refusal(&request, 400, "InvalidSignatureException");
    make(&request, "kinesis", now_ms);
    request.input.header_count = 3;
    expect_refusal(&request, 400, "MissingAuthenticationTokenException");
    make(&request, "kinesis", now_ms);
    request.headers[3].value.len = 30;
    expect_refusal(&request, 400, "IncompleteSignatureException");
    make(&request, "kinesis", now_ms);
    request.headers[1].name = STR("X-Other");
    expect_refusal(&request, 400, "IncompleteSignatureException");
    make(&request, "kinesis", now_ms);
    request.headers[0].value = STR("elsewhere");
    expect_refusal(&request, 400, "InvalidSignatureException");
}

static void s3_has_its_own_codes(void **state)
{
    struct signed_request request;

    (void)state;
    make(&request, "s3", now_ms);
    request.input.body = STR("{ }");
    expect_refusal(&request, 400, "XAmzContentSHA256Mismatch");
    make(&request, "s3", now_ms);
    request.input.secret_key = "other";
    expect_refusal(&request, 403, "SignatureDoesNotMatch");
    make(&request, "s3", now_ms);
    request.input.access_key = "other";
    expect_refusal(&request, 403, "InvalidAccessKeyId");
    make(&request, "s3", now_ms);
    request.input.header_count = 3;
    expect_refusal(&request, 403, "AccessDenied");
    make(&request, "s3", now_ms);
    request.headers[2].value = STR("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
    expect_refusal(&request, 403, "SignatureDoesNotMatch"); /* it was signed with another one */
}

static void dates_are_read_strictly(void **state)
{
    (void)state;
    assert_int_equal(auth_parse_date(STR("20261123T120000Z")), now_ms);
    assert_int_equal(auth_parse_date(STR("20261123T120000")), -1);
    assert_int_equal(auth_parse_date(STR("2026-11-23T12:00")), -1);
    assert_int_equal(auth_parse_date(STR("")), -1);
}

/* --- presigned URLs --- */

#define EXAMPLE                                                                                              \
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2F"  \
    "aws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature="

/* The example of the S3 API reference, with another query or time. */
static void expect_presigned(const char *query, int64_t at_ms, const char *code)
{
    static const struct sigv4_header headers[] = {{STR("Host"), STR("examplebucket.s3.amazonaws.com")}};
    struct auth_refusal refusal = {0};
    struct auth_input input = {.service = "s3",
                               .region = "us-east-1",
                               .access_key = "AKIAIOSFODNN7EXAMPLE",
                               .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                               .method = STR("GET"),
                               .path = STR("/test.txt"),
                               .query = str_of(query),
                               .headers = headers,
                               .header_count = 1,
                               .now_ms = at_ms};

    assert_int_equal(auth_check(&input, &refusal), code == NULL);
    if (code) {
        assert_string_equal(refusal.code, code);
    }
}

static const char example_url[] = EXAMPLE "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
static const int64_t example_ms = 1369353600000;

static void a_presigned_url_is_good_until_it_expires(void **state)
{
    (void)state;
    expect_presigned(example_url, example_ms, NULL);
    expect_presigned(example_url, example_ms + 86400000, NULL);
    expect_presigned(example_url, example_ms + 86400001, "AccessDenied");
    expect_presigned(example_url, example_ms - 15 * 60000, NULL);
    expect_presigned(example_url, example_ms - 15 * 60000 - 1, "AccessDenied");
}

static void a_presigned_url_that_was_changed_is_refused(void **state)
{
    char changed[sizeof(example_url) + 16];

    (void)state;
    memcpy(changed, example_url, sizeof(example_url));
    changed[sizeof(example_url) - 2] = '5';
    expect_presigned(changed, example_ms, "SignatureDoesNotMatch");
    memcpy(changed, example_url, sizeof(example_url));
    memcpy(changed + sizeof(example_url) - 1, "&acl=1", 7);
    expect_presigned(changed, example_ms, "SignatureDoesNotMatch");
    memcpy(strstr(changed, "Expires=86400"), "Expires=86401", 13);
    expect_presigned(changed, example_ms, "SignatureDoesNotMatch");
    memcpy(strstr(changed, "us-east-1"), "eu-east-1", 9);
    expect_presigned(changed, example_ms, "AuthorizationQueryParametersError");
}

static void signatures_of_version_2_are_refused_as_such(void **state)
{
    struct signed_request request;

    (void)state;
    expect_presigned("AWSAccessKeyId=AK&Signature=x&Expires=1", example_ms, "InvalidRequest");
    make(&request, "s3", now_ms);
    request.headers[3].value = STR("AWS AK:signature");
    expect_refusal(&request, 400, "InvalidRequest");
}

static void parameters_of_presigned_urls_are_read_strictly(void **state)
{
    static const char *const wrong[] = {
        "X-Amz-Algorithm=AWS4-HMAC-SHA256",
        "X-Amz-Algorithm=MD5&X-Amz-Credential=a&X-Amz-Date=b&X-Amz-Expires=1&X-Amz-SignedHeaders=host&"
        "X-Amz-Signature=c",
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-Date=b&X-Amz-Expires=1&X-Amz-"
        "SignedHeaders="
        "host&X-Amz-Signature=c",
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2F20130524%2Fb%2Fs3%2Faws4_request&X-Amz-Date=b&"
        "X-Amz-Expires=604801&X-Amz-SignedHeaders=host&X-Amz-Signature=c",
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2F20130524%2Fb%2Fs3%2Faws4_request&X-Amz-Date=b&"
        "X-Amz-Expires=-1&X-Amz-SignedHeaders=host&X-Amz-Signature=c"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        expect_presigned(wrong[i], example_ms, "AuthorizationQueryParametersError");
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_right_signature_is_accepted),
        cmocka_unit_test(the_json_services_allow_five_minutes_and_s3_fifteen),
        cmocka_unit_test(the_text_names_both_times),
        cmocka_unit_test(every_way_of_being_wrong_has_its_code),
        cmocka_unit_test(s3_has_its_own_codes),
        cmocka_unit_test(dates_are_read_strictly),
        cmocka_unit_test(a_presigned_url_is_good_until_it_expires),
        cmocka_unit_test(a_presigned_url_that_was_changed_is_refused),
        cmocka_unit_test(parameters_of_presigned_urls_are_read_strictly),
        cmocka_unit_test(signatures_of_version_2_are_refused_as_such),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
