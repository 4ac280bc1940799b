/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/s3_body.h"

#include <stdio.h>
#include <string.h>

#include "lib/base64.h"

#include "local/aws/s3_chunked.h"

static bool refuse(const struct s3_request *request, int status, const char *code, const char *message)
{
    s3_refuse(request, status, code, message);
    return false;
}

static bool check_md5(const struct s3_request *request, struct str bytes)
{
    struct str claimed = httpd_header(request->http, "content-md5");
    unsigned char digest[HASH_MD5_SIZE];
    unsigned char expected[HASH_MD5_SIZE + 2];
    size_t len = 0;

    if (!claimed.ptr) {
        return true;
    }
    if (base64_decoded_size(claimed.len) > sizeof(expected) || !base64_decode(claimed, expected, &len) ||
        len != HASH_MD5_SIZE) {
        return refuse(request, 400, "InvalidDigest", "The Content-MD5 you specified was invalid.");
    }
    hash_md5(bytes.ptr, bytes.len, digest);
    return memcmp(digest, expected, sizeof(digest)) == 0 ||
           refuse(request, 400, "BadDigest", "The Content-MD5 you specified did not match what we received.");
}

/* Takes the checksum of one header or trailer; there may be one in all. */
static bool take_checksum(const struct s3_request *request, struct s3_body *body, struct str name,
                          struct str value)
{
    enum s3_checksum kind = s3_checksum_of_header(name);
    unsigned char bytes[S3_CHECKSUM_BYTES];
    char text[96];
    size_t len;

    if (kind == S3_CHECKSUM_NONE) {
        return true;
    }
    if (body->kind != S3_CHECKSUM_NONE) {
        return refuse(request, 400, "InvalidRequest",
                      "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
    }
    if (!s3_checksum_bytes(kind, value, bytes, &len)) {
        snprintf(text, sizeof(text), "Value for %s header is invalid.", s3_checksum_header(kind));
        return refuse(request, 400, "InvalidRequest", text);
    }
    body->kind = kind;
    snprintf(body->checksum, sizeof(body->checksum), "%.*s", STR_ARG(value));
    return true;
}

static bool check_checksum(const struct s3_request *request, const struct s3_body *body)
{
    char computed[S3_CHECKSUM_SIZE];
    char text[96];

    if (body->kind == S3_CHECKSUM_NONE) {
        return true;
    }
    s3_checksum_text(body->kind, body->bytes, computed);
    snprintf(text, sizeof(text), "The %s you specified did not match the calculated checksum.",
             s3_checksum_name(body->kind));
    return strcmp(computed, body->checksum) == 0 || refuse(request, 400, "BadDigest", text);
}

/* --- chunks ----------------------------------------------------------------------------------------------
 */

/* What the request's own signature was made with: the chain of the chunks' signatures begins with it. */
static void signer_of(const struct s3_request *request, struct s3_chunk_signer *ret)
{
    const struct local_config *config = request->local->config;
    struct sigv4_claim claim = {0};
    struct str date = httpd_header(request->http, "x-amz-date");

    *ret = (struct s3_chunk_signer){.identity = {.secret_key = str_of(config->secret_key),
                                                 .region = str_of(config->region),
                                                 .service = STR("s3")}};
    if (sigv4_parse_authorization(httpd_header(request->http, "authorization"), &claim)) {
        ret->seed = claim.signature;
    }
    snprintf(ret->date, sizeof(ret->date), "%.*s", STR_ARG(date));
}

static bool take_trailers(const struct s3_request *request, struct s3_body *body, struct str trailers)
{
    struct str promised = httpd_header(request->http, "x-amz-trailer");
    bool kept = !promised.ptr;
    struct str name;
    struct str value;

    while (s3_chunked_trailer(&trailers, &name, &value)) {
        kept = kept || str_eq_nocase(name, promised);
        if (!take_checksum(request, body, name, value)) {
            return false;
        }
    }
    return kept ||
           refuse(request, 400, "MalformedTrailerError",
                  "The request contained trailing data that was not well-formed or did not conform to "
                  "our published schema.");
}

static bool check_length(const struct s3_request *request, const struct s3_body *body)
{
    struct str length = httpd_header(request->http, "x-amz-decoded-content-length");
    long long bytes;

    if (!length.ptr || !str_to_int64(length, 0, INT64_MAX, &bytes)) {
        return refuse(request, 411, "MissingContentLength",
                      "You must provide the Content-Length HTTP header.");
    }
    return (size_t)bytes == body->decoded.len ||
           refuse(
               request, 400, "IncompleteBody",
               "You did not provide the number of bytes specified by the x-amz-decoded-content-length HTTP "
               "header");
}

static bool decode(const struct s3_request *request, struct str hash, struct s3_body *body)
{
    struct s3_chunk_signer signer;
    struct str trailers = STR("");
    enum s3_chunked_result result;

    signer_of(request, &signer);
    result = s3_chunked_decode(httpd_body(request->http), auth_is_chunk_signed(hash) ? &signer : NULL,
                               &body->decoded, &trailers);
    if (result == S3_CHUNKED_UNSIGNED) {
        return refuse(
            request, 403, "SignatureDoesNotMatch",
            "The chunk signature we calculated does not match the signature you provided. Check your "
            "key and signing method.");
    }
    if (result != S3_CHUNKED_OK) {
        return refuse(request, 400, "IncompleteBody", "The chunks of the body are broken.");
    }
    body->bytes = buf_str(&body->decoded);
    return check_length(request, body) && take_trailers(request, body, trailers);
}

bool s3_body_read(const struct s3_request *request, struct s3_body *ret)
{
    struct str hash = httpd_header(request->http, "x-amz-content-sha256");
    bool good = true;

    *ret = (struct s3_body){.bytes = httpd_body(request->http)};
    buf_init(&ret->decoded, S3_OBJECT_CAP);
    for (size_t i = 0; good && i < request->input->header_count; i++) {
        good = take_checksum(request, ret, request->input->headers[i].name, request->input->headers[i].value);
    }
    good = good && (!auth_is_chunked(hash) || decode(request, hash, ret)) && check_md5(request, ret->bytes) &&
           check_checksum(request, ret);
    if (!good) {
        s3_body_done(ret);
    }
    return good;
}

void s3_body_done(struct s3_body *body)
{
    buf_done(&body->decoded);
}
