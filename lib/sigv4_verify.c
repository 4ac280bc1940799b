/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/sigv4.h"
#include "lib/sigv4_canonical.h"

/* The part of *rest before `separator`, which is cut off with it; all of it if there is none. */
static struct str cut(struct str *rest, char separator)
{
    const char *at = rest->len > 0 ? memchr(rest->ptr, separator, rest->len) : NULL;
    struct str part = *rest;

    if (at) {
        part.len = (size_t)(at - rest->ptr);
        rest->ptr = at + 1;
        rest->len -= part.len + 1;
    } else {
        rest->ptr += rest->len;
        rest->len = 0;
    }
    return part;
}

static struct str trim(struct str text)
{
    while (text.len > 0 && text.ptr[0] == ' ') {
        text.ptr++;
        text.len--;
    }
    while (text.len > 0 && text.ptr[text.len - 1] == ' ') {
        text.len--;
    }
    return text;
}

bool sigv4_parse_credential(struct str text, struct sigv4_claim *claim)
{
    claim->access_key = cut(&text, '/');
    claim->date = cut(&text, '/');
    claim->region = cut(&text, '/');
    claim->service = cut(&text, '/');
    return claim->access_key.len > 0 && claim->date.len == 8 && claim->region.len > 0 &&
           claim->service.len > 0 && str_eq(text, STR("aws4_request"));
}

bool sigv4_parse_authorization(struct str header, struct sigv4_claim *ret)
{
    struct sigv4_claim claim = {0};

    header = trim(header);
    if (!str_eq(cut(&header, ' '), STR("AWS4-HMAC-SHA256"))) {
        return false;
    }
    while (header.len > 0) {
        struct str value = trim(cut(&header, ','));
        struct str name = cut(&value, '=');

        if (str_eq(name, STR("Credential"))) {
            if (!sigv4_parse_credential(value, &claim)) {
                return false;
            }
        } else if (str_eq(name, STR("SignedHeaders"))) {
            claim.signed_headers = value;
        } else if (str_eq(name, STR("Signature"))) {
            claim.signature = value;
        } else {
            return false;
        }
    }
    if (claim.access_key.len == 0 || claim.signed_headers.len == 0 ||
        claim.signature.len != HASH_SHA256_HEX_SIZE - 1) {
        return false;
    }
    *ret = claim;
    return true;
}

/* Copies the headers called `name` behind those in `out`. Returns the new count, or 0 if there is none. */
static size_t take_headers(const struct sigv4_request *request, struct str name, struct sigv4_header *out,
                           size_t count)
{
    size_t before = count;

    for (size_t i = 0; i < request->header_count && count < SIGV4_HEADER_CAP; i++) {
        if (str_eq_nocase(request->headers[i].name, name)) {
            out[count++] = request->headers[i];
        }
    }
    return count > before ? count : 0;
}

/* The headers that the claim lists; 0 if one of them is missing, or host is not among them. */
static size_t signed_headers(const struct sigv4_request *request, struct str names, struct sigv4_header *out)
{
    size_t count = 0;
    bool host = false;

    while (names.len > 0) {
        struct str name = cut(&names, ';');

        count = take_headers(request, name, out, count);
        if (count == 0) {
            return 0;
        }
        host = host || str_eq(name, STR("host"));
    }
    return host ? count : 0;
}

bool sigv4_verify(const struct sigv4_request *request, const struct sigv4_claim *claim, struct str secret_key,
                  struct str x_amz_date)
{
    struct sigv4_header headers[SIGV4_HEADER_CAP];
    struct sigv4_request as_signed = *request;
    struct sigv4_identity identity = {
        .secret_key = secret_key, .region = claim->region, .service = claim->service};
    char signature[HASH_SHA256_HEX_SIZE];
    char date[SIGV4_DATE_SIZE] = "";

    if (x_amz_date.len != SIGV4_DATE_SIZE - 1 || !str_starts_with(x_amz_date, claim->date)) {
        return false;
    }
    memcpy(date, x_amz_date.ptr, x_amz_date.len);
    as_signed.headers = headers;
    as_signed.header_count = signed_headers(request, claim->signed_headers, headers);
    if (as_signed.header_count == 0 || sigv4_signature(&as_signed, &identity, date, signature) < 0) {
        return false;
    }
    return claim->signature.len == sizeof(signature) - 1 &&
           hash_equal(signature, claim->signature.ptr, sizeof(signature) - 1);
}
