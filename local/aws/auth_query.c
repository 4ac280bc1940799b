/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/auth_query.h"

#include "lib/url.h"

static const char signature_name[] = "X-Amz-Signature";

bool auth_query_is_signed(struct str query)
{
    struct str value;

    return url_query_find(query, STR("X-Amz-Algorithm"), &value) ||
           url_query_find(query, STR("X-Amz-Signature"), &value);
}

static bool copy(struct str query, const char *name, char *out, size_t size)
{
    struct str value;
    size_t len;

    return url_query_find(query, str_of(name), &value) && url_decode(value, true, out, size, &len);
}

const char *auth_query_parse(struct str query, struct auth_query *ret)
{
    char algorithm[32];
    char expires[16];
    long long seconds;

    if (!copy(query, "X-Amz-Algorithm", algorithm, sizeof(algorithm)) ||
        !copy(query, "X-Amz-Credential", ret->credential, sizeof(ret->credential)) ||
        !copy(query, "X-Amz-Date", ret->date, sizeof(ret->date)) ||
        !copy(query, "X-Amz-Expires", expires, sizeof(expires)) ||
        !copy(query, "X-Amz-SignedHeaders", ret->signed_headers, sizeof(ret->signed_headers)) ||
        !copy(query, signature_name, ret->signature, sizeof(ret->signature))) {
        return "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
               "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.";
    }
    if (strcmp(algorithm, "AWS4-HMAC-SHA256") != 0) {
        return "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"";
    }
    if (!str_to_int64(str_of(expires), INT64_MIN, INT64_MAX, &seconds)) {
        return "X-Amz-Expires should be a number";
    }
    if (seconds < 0) {
        return "X-Amz-Expires must be non-negative";
    }
    if (seconds > AUTH_EXPIRES_MAX_S) {
        return "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must "
               "be "
               "less than 604800 seconds";
    }
    ret->expires_s = seconds;
    ret->claim = (struct sigv4_claim){.signed_headers = str_of(ret->signed_headers),
                                      .signature = str_of(ret->signature)};
    return sigv4_parse_credential(str_of(ret->credential), &ret->claim)
               ? NULL
               : "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "
                 "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";
}

void auth_query_covered(struct str query, struct buf *out)
{
    while (query.len > 0) {
        const char *end = memchr(query.ptr, '&', query.len);
        struct str part = {query.ptr, end ? (size_t)(end - query.ptr) : query.len};

        query.ptr += part.len + (end != NULL);
        query.len -= part.len + (end != NULL);
        if (!str_starts_with(part, STR("X-Amz-Signature="))) {
            buf_add_str(out, out->len > 0 ? "&" : "");
            buf_add(out, part.ptr, part.len);
        }
    }
}
