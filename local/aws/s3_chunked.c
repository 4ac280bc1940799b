/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/s3_chunked.h"

#include <stdint.h>
#include <string.h>

enum {
    HEX = HASH_SHA256_HEX_SIZE - 1,
    STRING_TO_SIGN_CAP = 1024,
    TRAILERS_CAP = 4096 /* all of them; a checksum has 80 bytes */
};

static const char signature_parameter[] = "chunk-signature=";
static const char signature_trailer[] = "x-amz-trailer-signature";

/* A chain: each signature signs the one before. */
struct chain {
    const struct s3_chunk_signer *signer; /* NULL: nothing is signed */
    unsigned char key[HASH_SHA256_SIZE];
    char last[HASH_SHA256_HEX_SIZE];
};

/* Takes a line that ends in `end` off the front. */
static bool take_line(struct str *rest, struct str end, struct str *ret)
{
    const char *at = memmem(rest->ptr, rest->len, end.ptr, end.len);

    if (!at) {
        return false;
    }
    *ret = (struct str){rest->ptr, (size_t)(at - rest->ptr)};
    rest->ptr = at + end.len;
    rest->len -= ret->len + end.len;
    return true;
}

/* A size in hexadecimal, up to an extension behind ';'. */
static bool read_size(struct str line, size_t *ret, struct str *ret_extension)
{
    size_t size = 0;
    size_t i;

    for (i = 0; i < line.len && line.ptr[i] != ';'; i++) {
        char c = line.ptr[i] | 0x20;
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                                                : 16;
        if (digit > 15 || size > SIZE_MAX >> 5) {
            return false;
        }
        size = size << 4 | digit;
    }
    *ret = size;
    *ret_extension = i < line.len ? (struct str){line.ptr + i + 1, line.len - i - 1} : STR("");
    return i > 0;
}

/* --- signatures ------------------------------------------------------------------------------------------
 */

static bool chain_begin(struct chain *chain, const struct s3_chunk_signer *signer)
{
    *chain = (struct chain){.signer = signer};
    if (!signer) {
        return true;
    }
    if (signer->seed.len != HEX || sigv4_signing_key(&signer->identity, signer->date, chain->key)) {
        return false;
    }
    memcpy(chain->last, signer->seed.ptr, HEX);
    return true;
}

/* Judges the next signature; `empty_hash` is in the string to sign of chunks, not of trailers. */
static bool chain_follows(struct chain *chain, const char *algorithm, bool empty_hash, struct str data,
                          struct str signature)
{
    const struct s3_chunk_signer *signer = chain->signer;
    unsigned char digest[HASH_SHA256_SIZE];
    char hex[HASH_SHA256_HEX_SIZE];
    struct buf text;
    bool right;

    if (!signer) {
        return true;
    }
    buf_init(&text, STRING_TO_SIGN_CAP);
    buf_addf(&text, "%s\n%s\n%.8s/%.*s/%.*s/aws4_request\n%s\n", algorithm, signer->date, signer->date,
             STR_ARG(signer->identity.region), STR_ARG(signer->identity.service), chain->last);
    if (empty_hash) {
        hash_sha256_hex("", 0, hex);
        buf_addf(&text, "%s\n", hex);
    }
    hash_sha256_hex(data.ptr, data.len, hex);
    buf_add_str(&text, hex);
    right = buf_error(&text) == 0;
    if (right) {
        hash_hmac_sha256(chain->key, sizeof(chain->key), text.data, text.len, digest);
        hash_hex(digest, sizeof(digest), chain->last);
        right = signature.len == HEX && hash_equal(chain->last, signature.ptr, HEX);
    }
    buf_done(&text);
    return right;
}

static bool chunk_follows(struct chain *chain, struct str extension, struct str data)
{
    struct str prefix = STR(signature_parameter);

    if (!str_starts_with(extension, prefix)) {
        return !chain->signer;
    }
    extension.ptr += prefix.len;
    extension.len -= prefix.len;
    return chain_follows(chain, "AWS4-HMAC-SHA256-PAYLOAD", true, data, extension);
}

/* --- trailers --------------------------------------------------------------------------------------------
 */

static struct str trim(struct str text)
{
    while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t')) {
        text.ptr++;
        text.len--;
    }
    while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\r')) {
        text.len--;
    }
    return text;
}

/* Any trailer, the signature too. Lines may end in a bare LF. */
static bool next_trailer(struct str *trailers, struct str *ret_name, struct str *ret_value)
{
    struct str line;
    const char *colon;

    do {
        if (trailers->len == 0) {
            return false;
        }
        if (!take_line(trailers, STR("\n"), &line)) {
            line = *trailers;
            *trailers = STR("");
        }
        colon = memchr(line.ptr, ':', line.len);
    } while (!colon);
    *ret_name = trim((struct str){line.ptr, (size_t)(colon - line.ptr)});
    *ret_value = trim((struct str){colon + 1, line.len - (size_t)(colon + 1 - line.ptr)});
    return true;
}

bool s3_chunked_trailer(struct str *trailers, struct str *ret_name, struct str *ret_value)
{
    bool found;

    do {
        found = next_trailer(trailers, ret_name, ret_value);
    } while (found && str_eq_nocase(*ret_name, STR(signature_trailer)));
    return found;
}

/* The trailers' signature covers their lines as "name:value\n". */
static bool trailers_follow(struct chain *chain, struct str trailers)
{
    struct str signature = STR("");
    struct str name;
    struct str value;
    struct buf lines;
    bool right;

    buf_init(&lines, TRAILERS_CAP);
    while (next_trailer(&trailers, &name, &value)) {
        if (str_eq_nocase(name, STR(signature_trailer))) {
            signature = value;
            continue;
        }
        buf_addf(&lines, "%.*s:%.*s\n", STR_ARG(name), STR_ARG(value));
    }
    right = buf_error(&lines) == 0 && (lines.len == 0 || chain_follows(chain, "AWS4-HMAC-SHA256-TRAILER",
                                                                       false, buf_str(&lines), signature));
    buf_done(&lines);
    return right;
}

/* --- the body --------------------------------------------------------------------------------------------
 */

static enum s3_chunked_result decode(struct str body, struct chain *chain, struct buf *out,
                                     struct str *ret_trailers)
{
    struct str line;
    struct str extension;
    size_t size;

    while (take_line(&body, STR("\r\n"), &line) && read_size(line, &size, &extension)) {
        struct str data = {body.ptr, size};
        if (size > body.len) {
            return S3_CHUNKED_BROKEN;
        }
        if (!chunk_follows(chain, extension, data)) {
            return S3_CHUNKED_UNSIGNED;
        }
        if (size == 0) {
            *ret_trailers = body;
            return buf_error(out)                 ? S3_CHUNKED_BROKEN
                   : trailers_follow(chain, body) ? S3_CHUNKED_OK
                                                  : S3_CHUNKED_UNSIGNED;
        }
        if (body.len - size < 2 || memcmp(body.ptr + size, "\r\n", 2) != 0) {
            return S3_CHUNKED_BROKEN;
        }
        buf_add(out, data.ptr, data.len);
        body.ptr += size + 2;
        body.len -= size + 2;
    }
    return S3_CHUNKED_BROKEN;
}

enum s3_chunked_result s3_chunked_decode(struct str body, const struct s3_chunk_signer *signer,
                                         struct buf *out, struct str *ret_trailers)
{
    struct chain chain;
    enum s3_chunked_result result =
        chain_begin(&chain, signer) ? decode(body, &chain, out, ret_trailers) : S3_CHUNKED_UNSIGNED;

    buf_wipe(chain.key, sizeof(chain.key));
    return result;
}
