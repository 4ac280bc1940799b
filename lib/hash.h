/* SPDX-License-Identifier: Apache-2.0 */
/* Digests, over OpenSSL. */
#ifndef LIB_HASH_H
#define LIB_HASH_H

#include <stddef.h>

#include "lib/str.h"

enum { HASH_SHA256_SIZE = 32, HASH_MD5_SIZE = 16, HASH_SHA1_SIZE = 20, HASH_SHA256_HEX_SIZE = 65 };

void hash_sha256(const void *data, size_t len, unsigned char out[HASH_SHA256_SIZE]);
/* HMAC (RFC 2104) with SHA-256. */
void hash_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
                      unsigned char out[HASH_SHA256_SIZE]);
/* MD5, which Kinesis defines for partition keys and the KPL for aggregates; not for security. */
void hash_md5(const void *data, size_t len, unsigned char out[HASH_MD5_SIZE]);

/* SHA-1, which names the files of the AWS SSO token cache; not for security. */
void hash_sha1(const void *data, size_t len, unsigned char out[HASH_SHA1_SIZE]);

/* Lower-case hexadecimal with a NUL; out has 2 * len + 1 bytes. */
void hash_hex(const unsigned char *data, size_t len, char *out);
/* hash_sha256 and hash_hex in one. */
void hash_sha256_hex(const void *data, size_t len, char out[HASH_SHA256_HEX_SIZE]);
/* Equal, in a time that does not depend on where they differ. */
bool hash_equal(const void *a, const void *b, size_t len);

#endif
