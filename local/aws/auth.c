/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/auth.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/hash.h"
#include "lib/url.h"

#include "local/aws/auth_query.h"

enum { MINUTE_MS = 60 * 1000, JSON_WINDOW_MIN = 5, S3_WINDOW_MIN = 15, REALM_CAP = 256 };

static PRINTF_LIKE(4, 5) bool refuse(struct auth_refusal *ret, int status, const char *code,
                                     const char *format, ...)
{
    va_list args;

    ret->status = status;
    ret->code = code;
    va_start(args, format);
    vsnprintf(ret->message, sizeof(ret->message), format, args);
    va_end(args);
    return false;
}

struct str auth_header(const struct auth_input *input, const char *name)
{
    for (size_t i = 0; i < input->header_count; i++) {
        if (str_eq_nocase(input->headers[i].name, str_of(name))) {
            return input->headers[i].value;
        }
    }
    return (struct str){NULL, 0};
}

int64_t auth_parse_date(struct str text)
{
    char copy[SIGV4_DATE_SIZE];
    struct tm utc = {0};
    const char *end;

    if (text.len != sizeof(copy) - 1) {
        return -1;
    }
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    end = strptime(copy, "%Y%m%dT%H%M%SZ", &utc);
    return end && *end == '\0' ? (int64_t)timegm(&utc) * 1000 : -1;
}

static bool is_s3(const struct auth_input *input)
{
    return strcmp(input->service, "s3") == 0;
}

/* Where a request says who signed it and when: headers, or the query of a presigned URL. */
struct evidence {
    struct sigv4_claim claim;
    struct str date;
    int64_t expires_s; /* of a presigned URL; -1: signed by header */
    struct str query;  /* that the signature covers */
};

static bool check_claim(const struct auth_input *input, const struct evidence *evidence,
                        struct auth_refusal *ret)
{
    const struct sigv4_claim *claim = &evidence->claim;
    bool s3 = is_s3(input);
    bool header = evidence->expires_s < 0;
    const char *malformed = header ? "AuthorizationHeaderMalformed" : "AuthorizationQueryParametersError";
    const char *what =
        header ? "The authorization header is malformed" : "Error parsing the X-Amz-Credential parameter";

    if (!str_eq(claim->access_key, str_of(input->access_key))) {
        return s3 ? refuse(ret, 403, "InvalidAccessKeyId",
                           "The AWS Access Key Id you provided does not exist in our records.")
                  : refuse(ret, 400, "UnrecognizedClientException",
                           "The security token included in the request is invalid.");
    }
    if (!str_eq(claim->region, str_of(input->region))) {
        return s3 ? refuse(ret, 400, malformed, "%s; the region '%.*s' is wrong; expecting '%s'", what,
                           STR_ARG(claim->region), input->region)
                  : refuse(ret, 400, "InvalidSignatureException",
                           "Credential should be scoped to a valid region, not '%.*s'. ",
                           (int)claim->region.len, claim->region.ptr);
    }
    if (!str_eq(claim->service, str_of(input->service))) {
        return s3 ? refuse(ret, 400, malformed,
                           "%s; incorrect service \"%.*s\". This endpoint belongs to \"s3\".", what,
                           STR_ARG(claim->service))
                  : refuse(ret, 400, "InvalidSignatureException",
                           "Credential should be scoped to correct service: '%s'. ", input->service);
    }
    return true;
}

/* A presigned URL holds from its date on for as long as it says. */
static bool check_expiry(const struct auth_input *input, const struct evidence *evidence, int64_t signed_ms,
                         struct auth_refusal *ret)
{
    if (signed_ms - input->now_ms > S3_WINDOW_MIN * MINUTE_MS) {
        return refuse(ret, 403, "AccessDenied", "Request is not valid yet");
    }
    return input->now_ms - signed_ms <= evidence->expires_s * 1000
               ? true
               : refuse(ret, 403, "AccessDenied", "Request has expired");
}

/* The window around the server's clock, with AWS's texts. */
static bool check_date(const struct auth_input *input, const struct evidence *evidence,
                       struct auth_refusal *ret)
{
    const struct sigv4_claim *claim = &evidence->claim;
    struct str date = evidence->date;
    int minutes = is_s3(input) ? S3_WINDOW_MIN : JSON_WINDOW_MIN;
    int64_t signed_ms = auth_parse_date(date);
    char now[SIGV4_DATE_SIZE];
    char edge[SIGV4_DATE_SIZE];
    bool early;

    if (signed_ms < 0 || !str_eq(claim->date, (struct str){date.ptr, 8})) {
        return is_s3(input)
                   ? refuse(ret, 403, "AccessDenied",
                            "AWS authentication requires a valid Date or x-amz-date header")
                   : refuse(ret, 400, "InvalidSignatureException",
                            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
                            "from HTTP");
    }
    if (evidence->expires_s >= 0) {
        return check_expiry(input, evidence, signed_ms, ret);
    }
    early = signed_ms > input->now_ms;
    if ((early ? signed_ms - input->now_ms : input->now_ms - signed_ms) <= minutes * MINUTE_MS) {
        return true;
    }
    if (is_s3(input)) {
        return refuse(ret, 403, "RequestTimeTooSkewed",
                      "The difference between the request time and the current time is too large.");
    }
    sigv4_date(input->now_ms, now);
    sigv4_date(input->now_ms + (early ? 1 : -1) * minutes * MINUTE_MS, edge);
    return refuse(ret, 400, "InvalidSignatureException", "Signature %s: %.*s is %s %s (%s %c %d min.)",
                  early ? "not yet current" : "expired", (int)date.len, date.ptr,
                  early ? "still later than" : "now earlier than", edge, now, early ? '+' : '-', minutes);
}

/* The hash that the signature covers. S3's is a header, which must fit the body; elsewhere it is the body's.
 */
static bool payload_hash(const struct auth_input *input, const struct evidence *evidence,
                         char hex[HASH_SHA256_HEX_SIZE], struct str *ret_hash, struct auth_refusal *ret)
{
    struct str claimed = auth_header(input, "x-amz-content-sha256");

    if (evidence->expires_s >= 0 && !claimed.ptr) {
        *ret_hash = STR("UNSIGNED-PAYLOAD");
        return true;
    }
    if (is_s3(input) && !claimed.ptr) {
        return refuse(ret, 400, "InvalidRequest",
                      "Missing required header for this request: x-amz-content-sha256");
    }
    if (is_s3(input) && (str_eq(claimed, STR("UNSIGNED-PAYLOAD")) || auth_is_chunked(claimed))) {
        *ret_hash = claimed; /* chunks are judged one by one as the body is read */
        return true;
    }
    hash_sha256_hex(input->body.ptr, input->body.len, hex);
    *ret_hash = (struct str){hex, HASH_SHA256_HEX_SIZE - 1};
    if (is_s3(input) && !str_eq(claimed, *ret_hash)) {
        return refuse(ret, 400, "XAmzContentSHA256Mismatch",
                      "The provided 'x-amz-content-sha256' header does not match what was computed.");
    }
    return true;
}

static bool check_signature(const struct auth_input *input, const struct evidence *evidence,
                            struct auth_refusal *ret)
{
    char hex[HASH_SHA256_HEX_SIZE];
    struct sigv4_request request = {.method = input->method,
                                    .path = input->path,
                                    .query = evidence->query,
                                    .headers = input->headers,
                                    .header_count = input->header_count};

    if (!payload_hash(input, evidence, hex, &request.payload_hash, ret)) {
        return false;
    }
    if (sigv4_verify(&request, &evidence->claim, str_of(input->secret_key), evidence->date)) {
        return true;
    }
    return is_s3(input) ? refuse(ret, 403, "SignatureDoesNotMatch",
                                 "The request signature we calculated does not match the signature you "
                                 "provided. Check your key and signing method.")
                        : refuse(ret, 400, "InvalidSignatureException",
                                 "The request signature we calculated does not match the signature you "
                                 "provided. Check your AWS Secret Access Key and signing method. Consult the "
                                 "service documentation for details.");
}

bool auth_is_chunked(struct str hash)
{
    return str_eq(hash, STR("STREAMING-UNSIGNED-PAYLOAD-TRAILER")) || auth_is_chunk_signed(hash);
}

bool auth_is_chunk_signed(struct str hash)
{
    return str_eq(hash, STR("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")) ||
           str_eq(hash, STR("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"));
}

static bool check(const struct auth_input *input, const struct evidence *evidence, struct auth_refusal *ret)
{
    return check_claim(input, evidence, ret) && check_date(input, evidence, ret) &&
           check_signature(input, evidence, ret);
}

static bool check_query(const struct auth_input *input, struct auth_refusal *ret)
{
    struct auth_query query;
    const char *problem = auth_query_parse(input->query, &query);
    struct buf covered;
    bool good;

    if (problem) {
        return refuse(ret, 400, "AuthorizationQueryParametersError", "%s", problem);
    }
    buf_init(&covered, AUTH_QUERY_CAP);
    auth_query_covered(input->query, &covered);
    struct evidence evidence = {.claim = query.claim,
                                .date = str_of(query.date),
                                .expires_s = query.expires_s,
                                .query = buf_str(&covered)};
    good = buf_error(&covered) == 0 ? check(input, &evidence, ret)
                                    : refuse(ret, 400, "InvalidURI", "The query is too long.");
    buf_done(&covered);
    return good;
}

/* Version 2, which S3 does not take for buckets made since 2020: "AWS key:signature", or in the query. */
static bool is_version_2(const struct auth_input *input, struct str authorization)
{
    struct str value;

    return is_s3(input) && (str_starts_with(authorization, STR("AWS ")) ||
                            url_query_find(input->query, STR("AWSAccessKeyId"), &value));
}

bool auth_check(const struct auth_input *input, struct auth_refusal *ret)
{
    struct str authorization = auth_header(input, "authorization");
    struct evidence evidence = {
        .date = auth_header(input, "x-amz-date"), .expires_s = -1, .query = input->query};

    if (is_s3(input) && auth_query_is_signed(input->query)) {
        return authorization.ptr ? refuse(ret, 400, "InvalidArgument", "Only one auth mechanism allowed")
                                 : check_query(input, ret);
    }
    if (is_version_2(input, authorization)) {
        return refuse(ret, 400, "InvalidRequest",
                      "The authorization mechanism you have provided is not supported. Please use "
                      "AWS4-HMAC-SHA256.");
    }
    if (!authorization.ptr) {
        return is_s3(input)
                   ? refuse(ret, 403, "AccessDenied", "Access Denied")
                   : refuse(ret, 400, "MissingAuthenticationTokenException", "Missing Authentication Token");
    }
    if (!sigv4_parse_authorization(authorization, &evidence.claim)) {
        return is_s3(input)
                   ? refuse(ret, 400, "AuthorizationHeaderMalformed",
                            "The authorization header that you provided is not valid.")
                   : refuse(ret, 400, "IncompleteSignatureException",
                            "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' "
                            "parameters of AWS4-HMAC-SHA256.");
    }
    if (!evidence.date.ptr) {
        return is_s3(input)
                   ? refuse(ret, 403, "AccessDenied",
                            "AWS authentication requires a valid Date or x-amz-date header")
                   : refuse(ret, 400, "IncompleteSignatureException",
                            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' "
                            "header.");
    }
    return check(input, &evidence, ret);
}
