/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a foreign request brings to the signature check. A canonical query stays itself; a request that was
 * signed verifies, and does not under another key; an Authorization header's parts lie inside it.
 * Input: path, query and header, each ended by a newline.
 */
#include "lib/sigv4.h"

#include "lib/sigv4_canonical.h"
#include "tests/fuzz/fuzz.h"

enum { CAP = 1 << 20 };

static struct str cut_line(struct str *rest)
{
    const char *end = rest->len ? memchr(rest->ptr, '\n', rest->len) : NULL;
    struct str line = {rest->ptr, end ? (size_t)(end - rest->ptr) : rest->len};

    rest->ptr += line.len + (end != NULL);
    rest->len -= line.len + (end != NULL);
    return line;
}

static void check_claim(struct str header)
{
    struct sigv4_claim claim;

    if (sigv4_parse_authorization(header, &claim)) {
        const struct str parts[] = {claim.access_key, claim.date,           claim.region,
                                    claim.service,    claim.signed_headers, claim.signature};
        for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
            require(parts[i].ptr >= header.ptr && parts[i].ptr + parts[i].len <= header.ptr + header.len);
        }
        require(claim.signature.len == 64);
    }
}

static void check_query(struct str query)
{
    struct buf once, twice;

    buf_init(&once, CAP);
    buf_init(&twice, CAP);
    if (sigv4_add_query(query, &once) == 0) {
        require(sigv4_add_query(buf_str(&once), &twice) == 0);
        require(str_eq(buf_str(&once), buf_str(&twice)));
    }
    buf_done(&once);
    buf_done(&twice);
}

static void check_round_trip(struct str path, struct str query, struct str value)
{
    struct sigv4_header headers[] = {
        {STR("Host"), STR("h")}, {STR("X-Amz-Date"), STR("20261123T093000Z")}, {STR("X-Other"), value}};
    struct sigv4_request request = {STR("POST"), path, query, headers, 3, STR("UNSIGNED-PAYLOAD")};
    struct sigv4_identity identity = {STR("AKID"), STR("secret"), STR(""), STR("us-east-1"), STR("kinesis")};
    struct sigv4_claim claim;
    struct buf header;

    buf_init(&header, CAP);
    if (sigv4_authorization(&request, &identity, "20261123T093000Z", &header) == 0) {
        require(sigv4_parse_authorization(buf_str(&header), &claim));
        require(sigv4_verify(&request, &claim, STR("secret"), headers[1].value));
        require(!sigv4_verify(&request, &claim, STR("Secret"), headers[1].value));
    }
    buf_done(&header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = {(const char *)data, size};
    struct str path = cut_line(&rest);
    struct str query = cut_line(&rest);

    check_claim(rest);
    check_query(query);
    check_round_trip(path, query, rest);
    return 0;
}
