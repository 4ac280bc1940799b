/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/sigv4.h"

#include <stdio.h>
#include <time.h>

#include "lib/sigv4_canonical.h"
#include "lib/url.h"

enum {
    DAY_SIZE = 8, /* "20150830" */
    /* Method, path and query thrice encoded, 64 headers with a session token of some KiB among them. */
    CANONICAL_CAP = 256 * 1024,
    STRING_TO_SIGN_CAP = 1024
};

#define ALGORITHM "AWS4-HMAC-SHA256"

bool sigv4_is_s3(struct str service)
{
    return str_eq(service, STR("s3")) || str_eq(service, STR("s3express")) ||
           str_eq(service, STR("s3-outposts"));
}

void sigv4_date(int64_t wall_ms, char out[SIGV4_DATE_SIZE])
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm tm = {0};

    gmtime_r(&seconds, &tm);
    if (strftime(out, SIGV4_DATE_SIZE, "%Y%m%dT%H%M%SZ", &tm) == 0) {
        out[0] = '\0'; /* a year with more than four digits */
    }
}

int sigv4_canonical_request(const struct sigv4_request *request, bool s3, struct buf *out)
{
    struct sigv4_sorted sorted;
    int r = sigv4_sort_headers(request, &sorted);

    if (r < 0) {
        return r;
    }
    buf_add(out, request->method.ptr, request->method.len);
    buf_add_char(out, '\n');
    sigv4_add_path(request->path, s3, out);
    buf_add_char(out, '\n');
    r = sigv4_add_query(request->query, out);
    if (r < 0) {
        return r;
    }
    buf_add_char(out, '\n');
    sigv4_add_headers(&sorted, out);
    buf_add_char(out, '\n');
    sigv4_add_signed_headers(&sorted, out);
    buf_add_char(out, '\n');
    buf_add(out, request->payload_hash.ptr, request->payload_hash.len);
    return buf_error(out);
}

static void add_scope(const struct sigv4_identity *identity, const char *date, struct buf *out)
{
    buf_addf(out, "%.*s/%.*s/%.*s/aws4_request", DAY_SIZE, date, STR_ARG(identity->region),
             STR_ARG(identity->service));
}

int sigv4_string_to_sign(const struct sigv4_identity *identity, const char *date,
                         struct str canonical_request, struct buf *out)
{
    char hex[HASH_SHA256_HEX_SIZE];

    hash_sha256_hex(canonical_request.ptr, canonical_request.len, hex);
    buf_addf(out, ALGORITHM "\n%s\n", date);
    add_scope(identity, date, out);
    buf_addf(out, "\n%s", hex);
    return buf_error(out);
}

int sigv4_signing_key(const struct sigv4_identity *identity, const char *date,
                      unsigned char ret_key[HASH_SHA256_SIZE])
{
    unsigned char key[HASH_SHA256_SIZE];
    struct buf secret;
    int r;

    buf_init(&secret, 4 + SIGV4_SECRET_CAP);
    buf_add(&secret, "AWS4", 4);
    buf_add(&secret, identity->secret_key.ptr, identity->secret_key.len);
    r = buf_error(&secret);
    if (r == 0) {
        hash_hmac_sha256(secret.data, secret.len, date, strnlen(date, DAY_SIZE), key);
        hash_hmac_sha256(key, sizeof(key), identity->region.ptr, identity->region.len, key);
        hash_hmac_sha256(key, sizeof(key), identity->service.ptr, identity->service.len, key);
        hash_hmac_sha256(key, sizeof(key), "aws4_request", strlen("aws4_request"), ret_key);
        buf_wipe(key, sizeof(key));
    }
    buf_done_secret(&secret);
    return r;
}

static int sign(const struct sigv4_request *request, const struct sigv4_identity *identity,
                const unsigned char key[HASH_SHA256_SIZE], const char *date,
                char ret_hex[HASH_SHA256_HEX_SIZE])
{
    unsigned char signature[HASH_SHA256_SIZE];
    struct buf canonical;
    struct buf text;
    int r;

    buf_init(&canonical, CANONICAL_CAP);
    buf_init(&text, STRING_TO_SIGN_CAP);
    r = sigv4_canonical_request(request, sigv4_is_s3(identity->service), &canonical);
    if (r == 0) {
        r = sigv4_string_to_sign(identity, date, buf_str(&canonical), &text);
    }
    if (r == 0) {
        hash_hmac_sha256(key, HASH_SHA256_SIZE, text.data, text.len, signature);
        hash_hex(signature, sizeof(signature), ret_hex);
    }
    buf_done_secret(&canonical); /* a session token is among the headers */
    buf_done(&text);
    return r;
}

int sigv4_signature(const struct sigv4_request *request, const struct sigv4_identity *identity,
                    const char *date, char ret_hex[HASH_SHA256_HEX_SIZE])
{
    unsigned char key[HASH_SHA256_SIZE];
    int r = sigv4_signing_key(identity, date, key);

    if (r == 0) {
        r = sign(request, identity, key, date, ret_hex);
        buf_wipe(key, sizeof(key));
    }
    return r;
}

int sigv4_authorization_with_key(const struct sigv4_request *request, const struct sigv4_identity *identity,
                                 const unsigned char key[HASH_SHA256_SIZE], const char *date, struct buf *out)
{
    char signature[HASH_SHA256_HEX_SIZE];
    struct sigv4_sorted sorted;
    int r = sigv4_sort_headers(request, &sorted);

    if (r == 0) {
        r = sign(request, identity, key, date, signature);
    }
    if (r < 0) {
        return r;
    }
    buf_addf(out, ALGORITHM " Credential=%.*s/", STR_ARG(identity->access_key));
    add_scope(identity, date, out);
    buf_add_str(out, ", SignedHeaders=");
    sigv4_add_signed_headers(&sorted, out);
    buf_addf(out, ", Signature=%s", signature);
    return buf_error(out);
}

int sigv4_authorization(const struct sigv4_request *request, const struct sigv4_identity *identity,
                        const char *date, struct buf *out)
{
    unsigned char key[HASH_SHA256_SIZE];
    int r = sigv4_signing_key(identity, date, key);

    if (r == 0) {
        r = sigv4_authorization_with_key(request, identity, key, date, out);
        buf_wipe(key, sizeof(key));
    }
    return r;
}

/* The presigning parameters and the request's own, not yet in order. */
static int presign_parameters(const struct sigv4_request *request, const struct sigv4_identity *identity,
                              const char *date, int64_t expires_s, struct buf *out)
{
    struct sigv4_sorted sorted;
    int r = sigv4_sort_headers(request, &sorted);

    if (r < 0) {
        return r;
    }
    buf_add_str(out, "X-Amz-Algorithm=" ALGORITHM "&X-Amz-Credential=");
    url_encode(out, identity->access_key, false);
    buf_addf(out, "%%2F%.*s%%2F", DAY_SIZE, date);
    url_encode(out, identity->region, false);
    buf_add_str(out, "%2F");
    url_encode(out, identity->service, false);
    buf_addf(out, "%%2Faws4_request&X-Amz-Date=%s&X-Amz-Expires=%lld", date, (long long)expires_s);
    if (identity->session_token.len > 0) {
        buf_add_str(out, "&X-Amz-Security-Token=");
        url_encode(out, identity->session_token, false);
    }
    buf_add_str(out, "&X-Amz-SignedHeaders=");
    sigv4_add_signed_headers(&sorted, out); /* ';' is encoded when the query is put in order */
    if (request->query.len > 0) {
        buf_add_char(out, '&');
        buf_add(out, request->query.ptr, request->query.len);
    }
    return buf_error(out);
}

int sigv4_presign_query(const struct sigv4_request *request, const struct sigv4_identity *identity,
                        const char *date, int64_t expires_s, struct buf *out)
{
    struct sigv4_request presigned = *request;
    char signature[HASH_SHA256_HEX_SIZE];
    struct buf parameters;
    struct buf query;
    int r;

    buf_init(&parameters, CANONICAL_CAP);
    buf_init(&query, CANONICAL_CAP);
    r = presign_parameters(request, identity, date, expires_s, &parameters);
    if (r == 0) {
        r = sigv4_add_query(buf_str(&parameters), &query);
    }
    if (r == 0) {
        presigned.query = buf_str(&query);
        r = sigv4_signature(&presigned, identity, date, signature);
    }
    if (r == 0) {
        buf_add(out, query.data, query.len);
        buf_addf(out, "&X-Amz-Signature=%s", signature);
        r = buf_error(out);
    }
    buf_done_secret(&parameters);
    buf_done_secret(&query);
    return r;
}
