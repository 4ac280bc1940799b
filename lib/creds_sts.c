/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/creds_sts.h"

#include <stdio.h>

#include "lib/aws.h"
#include "lib/clock.h"
#include "lib/sigv4.h"
#include "lib/url.h"
#include "lib/xml.h"

enum { URL_CAP = 2048, TIMEOUT_MS = 10000, HEADERS = 5 };

static void add_parameter(struct buf *out, const char *name, struct str value)
{
    buf_addf(out, "&%s=", name);
    url_encode(out, value, false);
}

static void add_role(const struct sts_role *role, int64_t now_wall_ms, struct buf *out)
{
    char session_name[64];

    snprintf(session_name, sizeof(session_name), "userstream-%lld", (long long)now_wall_ms);
    add_parameter(out, "RoleArn", str_of(role->arn));
    add_parameter(out, "RoleSessionName", str_of(role->session_name ? role->session_name : session_name));
    if (role->duration_s > 0) {
        buf_addf(out, "&DurationSeconds=%lld", (long long)role->duration_s);
    }
}

int sts_assume_role_body(const struct sts_role *role, int64_t now_wall_ms, struct buf *out)
{
    buf_add_str(out, "Action=AssumeRole&Version=2011-06-15");
    add_role(role, now_wall_ms, out);
    if (role->external_id) {
        add_parameter(out, "ExternalId", str_of(role->external_id));
    }
    return buf_error(out);
}

int sts_web_identity_body(const struct sts_role *role, struct str token, int64_t now_wall_ms, struct buf *out)
{
    buf_add_str(out, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15");
    add_role(role, now_wall_ms, out);
    add_parameter(out, "WebIdentityToken", token);
    return buf_error(out);
}

/* --- the answer --------------------------------------------------------------------------------------------
 */

/*
 * Worth another try: the service's trouble, the identity provider's, and tokens that have run out, since the
 * next try reads the file again.
 */
static bool is_retriable(int status, const char *code)
{
    return status >= 500 || aws_classify(status, code) != AWS_REFUSED ||
           strcmp(code, "IDPCommunicationError") == 0;
}

static bool read_failure(int status, struct str xml, struct error *err)
{
    struct buf code;
    struct buf message;

    buf_init(&code, 128);
    buf_init(&message, 4096);
    if (xml_text(xml, "ErrorResponse/Error/Code", &code)) {
        bool has_message = xml_text(xml, "ErrorResponse/Error/Message", &message);
        error_set(err, ERROR_REMOTE, is_retriable(status, code.data), "STS: HTTP %d %s: %.*s", status,
                  code.data, has_message ? (int)strcspn(message.data, "\r\n") : 0,
                  has_message ? message.data : "");
    } else {
        error_set(err, ERROR_REMOTE, status >= 500 || status == 429, "STS: HTTP %d with %zu bytes", status,
                  xml.len);
    }
    buf_done(&code);
    buf_done(&message);
    return false;
}

static const char *const results[] = {
    "AssumeRoleResponse/AssumeRoleResult/Credentials",
    "AssumeRoleWithWebIdentityResponse/AssumeRoleWithWebIdentityResult/Credentials",
};

static bool read_field(struct str xml, const char *result, const char *name, struct buf *out)
{
    char path[160];

    snprintf(path, sizeof(path), "%s/%s", result, name);
    buf_reset(out);
    return xml_text(xml, path, out);
}

/* Two small reads find out which of the two answers it is. */
static const char *result_of(struct str xml, struct buf *scratch)
{
    for (size_t i = 0; i < ARRAY_LENGTH(results); i++) {
        if (read_field(xml, results[i], "AccessKeyId", scratch)) {
            return results[i];
        }
    }
    return NULL;
}

bool sts_read_answer(int status, struct str xml, struct creds *ret, struct error *err)
{
    struct buf access_key;
    struct buf secret_key;
    struct buf token;
    struct buf expiration;
    const char *result;
    int64_t expires_ms = -1;
    bool found = false;

    if (status != 200) {
        return read_failure(status, xml, err);
    }
    buf_init(&access_key, 256);
    buf_init(&secret_key, 1024);
    buf_init(&token, 16384);
    buf_init(&expiration, 64);
    result = result_of(xml, &access_key);
    if (result && read_field(xml, result, "SecretAccessKey", &secret_key) &&
        read_field(xml, result, "SessionToken", &token) &&
        read_field(xml, result, "Expiration", &expiration)) {
        expires_ms = clock_parse_iso(expiration.data);
    }
    if (expires_ms < 0) {
        error_set(err, ERROR_SYNTAX, true, "STS: the answer is no credentials");
    } else {
        found = creds_make(access_key.data, secret_key.data, token.data, expires_ms, ret, err);
    }
    buf_done_secret(&access_key);
    buf_done_secret(&secret_key);
    buf_done_secret(&token);
    buf_done_secret(&expiration);
    return found;
}

/* --- the call ----------------------------------------------------------------------------------------------
 */

static void exchanged(void *ctx, const struct http_response *response)
{
    struct sts_call *call = ctx;
    struct creds creds = {0};
    struct error err = response->error;
    bool found = false;

    if (err.code != ERROR_NONE) {
        err.retriable = true;
    } else {
        found = sts_read_answer(response->status, buf_str(response->body), &creds, &err);
    }
    buf_done_secret(&call->body);
    creds_reply(&call->waiter, found, &creds, &err);
}

struct signing {
    char date[SIGV4_DATE_SIZE];
    char host[URL_CAP];
    struct buf authorization;
};

/* Appends the headers of the signature to the two that are there. */
static int sign(const struct sts_call *call, const struct creds *source, const char *region, struct str path,
                struct signing *signing, struct http_header *headers, size_t *count)
{
    struct sigv4_header signed_headers[HEADERS];
    char hash[HASH_SHA256_HEX_SIZE];
    struct sigv4_identity identity = {.access_key = str_of(source->access_key),
                                      .secret_key = str_of(source->secret_key),
                                      .session_token = str_of(source->session_token),
                                      .region = str_of(region),
                                      .service = STR("sts")};
    struct sigv4_request request = {.method = STR("POST"),
                                    .path = path,
                                    .headers = signed_headers,
                                    .payload_hash = {hash, sizeof(hash) - 1}};
    int r;

    sigv4_date(clock_wall_ms(), signing->date);
    headers[(*count)++] = (struct http_header){"X-Amz-Date", signing->date};
    if (source->session_token) {
        headers[(*count)++] = (struct http_header){"X-Amz-Security-Token", source->session_token};
    }
    for (size_t i = 0; i < *count; i++) {
        signed_headers[i] = (struct sigv4_header){str_of(headers[i].name), str_of(headers[i].value)};
    }
    request.header_count = *count;
    hash_sha256_hex(call->body.data, call->body.len, hash);
    r = sigv4_authorization(&request, &identity, signing->date, &signing->authorization);
    if (r == 0) {
        headers[(*count)++] = (struct http_header){"Authorization", signing->authorization.data};
    }
    return r;
}

static int post(struct sts_call *call, const char *url, const char *region, const struct creds *source,
                struct error *err)
{
    struct signing signing;
    struct http_header headers[HEADERS] = {
        {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}, {"Host", signing.host}};
    struct http_request request = {.method = "POST",
                                   .url = url,
                                   .headers = headers,
                                   .header_count = 2,
                                   .body = call->body.data,
                                   .body_len = call->body.len,
                                   .timeout_ms = TIMEOUT_MS};
    struct url parts;
    int r = 0;

    if (!url_split(str_of(url), &parts)) {
        return error_set(err, ERROR_CONFIG, false, "the endpoint of STS is no URL: %.200s", url);
    }
    buf_init(&signing.authorization, 1024);
    snprintf(signing.host, sizeof(signing.host), "%.*s", STR_ARG(parts.authority));
    if (source) {
        r = sign(call, source, region, parts.path, &signing, headers, &request.header_count);
    }
    if (r == 0) {
        r = creds_exchange_start(&call->exchange, &request, exchanged, call, err);
    } else {
        error_set(err, (enum error_code) - r, false, "AssumeRole could not be signed");
    }
    buf_done(&signing.authorization);
    return r;
}

int sts_start(struct sts_call *call, const char *region, const struct creds *source, struct error *err)
{
    struct buf url;
    int r;

    region = region ? region : "us-east-1"; /* any will do, and this one every account has */
    buf_init(&url, URL_CAP);
    r = creds_endpoint(call->context, "STS", "sts", region, &url, err);
    if (r == 0) {
        buf_add_char(&url, '/');
        r = buf_error(&url) == 0 ? post(call, url.data, region, source, err)
                                 : error_set(err, ERROR_LIMIT, false, "the endpoint of STS is too long");
    }
    buf_done(&url);
    return r;
}

void sts_done(struct sts_call *call)
{
    creds_exchange_cancel(&call->exchange);
    buf_done_secret(&call->body);
}
