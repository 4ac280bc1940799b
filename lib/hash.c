/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

/* Looking an algorithm up costs more than a small digest, so each thread keeps it with its context. */
struct hasher {
    EVP_MD *md;
    EVP_MD_CTX *ctx;
};

static void digest(struct hasher *hasher, const char *name, const void *data, size_t len, unsigned char *out)
{
    if (!hasher->ctx) {
        hasher->md = EVP_MD_fetch(NULL, name, NULL);
        hasher->ctx = EVP_MD_CTX_new();
    }
    /* These fail only without memory or with a broken OpenSSL: there is no going on from either. */
    if (!hasher->md || !hasher->ctx || EVP_DigestInit_ex2(hasher->ctx, hasher->md, NULL) != 1 ||
        EVP_DigestUpdate(hasher->ctx, data, len) != 1 || EVP_DigestFinal_ex(hasher->ctx, out, NULL) != 1) {
        abort();
    }
}

void hash_sha256(const void *data, size_t len, unsigned char out[HASH_SHA256_SIZE])
{
    static _Thread_local struct hasher sha256;

    digest(&sha256, "SHA256", data, len, out);
}

void hash_md5(const void *data, size_t len, unsigned char out[HASH_MD5_SIZE])
{
    static _Thread_local struct hasher md5;

    digest(&md5, "MD5", data, len, out);
}

void hash_sha1(const void *data, size_t len, unsigned char out[HASH_SHA1_SIZE])
{
    static _Thread_local struct hasher sha1;

    digest(&sha1, "SHA1", data, len, out);
}

void hash_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
                      unsigned char out[HASH_SHA256_SIZE])
{
    unsigned int out_len = HASH_SHA256_SIZE;

    /* OpenSSL takes a NULL key for "the one before". */
    if (!HMAC(EVP_sha256(), key_len > 0 ? key : "", (int)key_len, data, len, out, &out_len)) {
        abort();
    }
}

void hash_hex(const unsigned char *data, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[data[i] >> 4];
        out[2 * i + 1] = digits[data[i] & 15];
    }
    out[2 * len] = '\0';
}

void hash_sha256_hex(const void *data, size_t len, char out[HASH_SHA256_HEX_SIZE])
{
    unsigned char sha256[HASH_SHA256_SIZE];

    hash_sha256(data, len, sha256);
    hash_hex(sha256, sizeof(sha256), out);
}

bool hash_equal(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}
