/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/creds_sts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/clock.h"

#define ANSWER(call)                                                                                         \
    "<" call "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <" call "Result>\n"           \
    "    <AssumedRoleUser><Arn>arn</Arn><AssumedRoleId>AROA:x</AssumedRoleId></AssumedRoleUser>\n"           \
    "    <Credentials><SecretAccessKey>SEC/RET+</SecretAccessKey>"                                           \
    "<SessionToken>TO&#x2B;KEN==</SessionToken>"                                                             \
    "<Expiration>2099-11-23T18:00:00Z</Expiration><AccessKeyId>ASIA</AccessKeyId></Credentials>\n"           \
    "  </" call "Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></" call "Response>\n"

static void bodies_hold_the_parameters(void **state)
{
    struct sts_role role = {.arn = "arn:aws:iam::111122223333:role/a+b",
                            .session_name = "me@example.com",
                            .external_id = "x y&z",
                            .duration_s = 900};
    struct buf out;

    (void)state;
    buf_init(&out, 4096);
    assert_int_equal(sts_assume_role_body(&role, 5, &out), 0);
    assert_string_equal(out.data,
                        "Action=AssumeRole&Version=2011-06-15"
                        "&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fa%2Bb"
                        "&RoleSessionName=me%40example.com&DurationSeconds=900&ExternalId=x%20y%26z");
    buf_reset(&out);
    role = (struct sts_role){.arn = "arn"};
    assert_int_equal(sts_web_identity_body(&role, STR("ey.J+/="), 1795435200000LL, &out), 0);
    assert_string_equal(out.data, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn"
                                  "&RoleSessionName=userstream-1795435200000&WebIdentityToken=ey.J%2B%2F%3D");
    buf_done(&out);
}

static void both_answers_are_read(void **state)
{
    static const char *const answers[] = {ANSWER("AssumeRole"), ANSWER("AssumeRoleWithWebIdentity")};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(answers); i++) {
        struct error err = {0};
        struct creds creds = {0};

        if (!sts_read_answer(200, str_of(answers[i]), &creds, &err)) {
            fail_msg("%s", err.message);
        }
        assert_string_equal(creds.access_key, "ASIA");
        assert_string_equal(creds.secret_key, "SEC/RET+");
        assert_string_equal(creds.session_token, "TO+KEN==");
        assert_int_equal(creds.expires_ms, clock_parse_iso("2099-11-23T18:00:00Z"));
        creds_done(&creds);
    }
}

static void unusable_answers_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "{}",
        "<html>",
        ANSWER("GetSessionToken"),
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId>",
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId>"
        "<SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken><Expiration>now</Expiration>"
        "</Credentials></AssumeRoleResult></AssumeRoleResponse>",
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A&#10;B</AccessKeyId>"
        "<SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken>"
        "<Expiration>2099-11-23T18:00:00Z</Expiration>"
        "</Credentials></AssumeRoleResult></AssumeRoleResponse>"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        struct error err = {0};
        struct creds creds = {0};

        assert_false(sts_read_answer(200, str_of(bad[i]), &creds, &err));
        assert_int_not_equal(err.code, ERROR_NONE);
        assert_null(creds.access_key);
    }
}

static void failures_are_sorted(void **state)
{
    static const struct {
        int status;
        const char *code;
        bool retriable;
    } cases[] = {
        {403, "AccessDenied", false},
        {400, "ExpiredTokenException", true},
        {400, "InvalidIdentityToken", false},
        {403, "IDPRejectedClaim", false},
        {400, "IDPCommunicationError", true},
        {403, "RegionDisabledException", false},
        {400, "Throttling", true},
        {500, "InternalFailure", true},
        {503, "ServiceUnavailable", true},
        {400, "MalformedPolicyDocument", false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct error err = {0};
        struct creds creds = {0};
        char xml[512];

        snprintf(
            xml, sizeof(xml),
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>"
            "<Code>%s</Code><Message>first line\nsecond</Message></Error><RequestId>r</RequestId>"
            "</ErrorResponse>",
            cases[i].code);
        assert_false(sts_read_answer(cases[i].status, str_of(xml), &creds, &err));
        assert_int_equal(err.retriable, cases[i].retriable);
        assert_non_null(strstr(err.message, cases[i].code));
        assert_non_null(strstr(err.message, "first line"));
        assert_null(strstr(err.message, "second"));
    }
}

static void failure_without_xml_has_its_status(void **state)
{
    struct error err = {0};
    struct creds creds = {0};

    (void)state;
    assert_false(sts_read_answer(502, STR("<html>Bad"), &creds, &err));
    assert_true(err.retriable);
    assert_string_equal(err.message, "STS: HTTP 502 with 9 bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_hold_the_parameters),         cmocka_unit_test(both_answers_are_read),
        cmocka_unit_test(unusable_answers_are_refused),       cmocka_unit_test(failures_are_sorted),
        cmocka_unit_test(failure_without_xml_has_its_status),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
