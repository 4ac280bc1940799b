/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/msk_iam.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/base64.h"

#define NOW_MS 1440938160999LL /* 2015-08-30T12:36:00.999Z */

static struct creds make(const char *token, int64_t expires_ms)
{
    struct creds creds = {0};

    assert_true(creds_make("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token, expires_ms,
                           &creds, NULL));
    return creds;
}

/* The URL inside a token; the caller frees it. */
static char *decode(struct str token)
{
    size_t padded = (token.len + 3) / 4 * 4;
    char *text = malloc(padded + 1);
    char *url = malloc(padded);
    size_t len = 0;

    assert_true(text && url);
    for (size_t i = 0; i < padded; i++) {
        char c = i < token.len ? token.ptr[i] : '=';
        assert_true(c != '+' && c != '/' && (c != '=' || i >= token.len));
        text[i] = c == '-' ? '+' : c == '_' ? '/' : c;
    }
    assert_true(base64_decode((struct str){text, padded}, url, &len));
    url[len] = '\0';
    free(text);
    return url;
}

static void token_is_a_presigned_url(void **state)
{
    struct creds creds = make(NULL, 0);
    int64_t expires_ms = 0;
    struct buf token;
    char *url;

    (void)state;
    buf_init(&token, MSK_IAM_TOKEN_CAP);
    assert_int_equal(msk_iam_token(&creds, "eu-west-1", "userstream/1.0 x", NOW_MS, &token, &expires_ms), 0);
    assert_int_equal(expires_ms, 1440938160000LL + 900 * 1000);
    url = decode(buf_str(&token));
    assert_non_null(strstr(url, "https://kafka.eu-west-1.amazonaws.com/?Action=kafka-cluster%3AConnect"
                                "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830"
                                "%2Feu-west-1%2Fkafka-cluster%2Faws4_request&X-Amz-Date=20150830T123600Z"
                                "&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature="));
    assert_string_equal(strrchr(url, '&'), "&User-Agent=userstream%2F1.0%20x");
    free(url);
    buf_done(&token);
    creds_done(&creds);
}

static void session_token_is_signed_and_limits_the_life(void **state)
{
    struct creds creds = make("TOKEN/+=", NOW_MS + 60000);
    int64_t expires_ms = 0;
    struct buf token;
    char *url;

    (void)state;
    buf_init(&token, MSK_IAM_TOKEN_CAP);
    assert_int_equal(msk_iam_token(&creds, "eu-west-1", "u", NOW_MS, &token, &expires_ms), 0);
    assert_int_equal(expires_ms, NOW_MS + 60000);
    url = decode(buf_str(&token));
    assert_non_null(strstr(url, "&X-Amz-Security-Token=TOKEN%2F%2B%3D&X-Amz-SignedHeaders=host&"));
    free(url);
    buf_done(&token);
    creds_done(&creds);
}

static void bad_region_and_small_buffer_are_refused(void **state)
{
    struct creds creds = make(NULL, 0);
    int64_t expires_ms = 77;
    struct buf token;

    (void)state;
    buf_init(&token, 100);
    assert_int_equal(msk_iam_token(&creds, "evil.example/", "u", NOW_MS, &token, &expires_ms), -ERROR_CONFIG);
    assert_int_equal(msk_iam_token(&creds, "eu-west-1", "u", NOW_MS, &token, &expires_ms), -ERROR_LIMIT);
    assert_int_equal(expires_ms, 77);
    buf_done(&token);
    creds_done(&creds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(token_is_a_presigned_url),
        cmocka_unit_test(session_token_is_signed_and_limits_the_life),
        cmocka_unit_test(bad_region_and_small_buffer_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
