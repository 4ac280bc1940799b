/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/kinesis_iterator.h"

#include <string.h>

#include "lib/base64.h"
#include "lib/hash.h"

/* Version, three numbers, and a checksum that tells a garbled token from a good one. */
enum { NUMBERS = 3, CHECKED = 1 + NUMBERS * 8, CHECKSUM = 20, TOKEN_BYTES = CHECKED + CHECKSUM, VERSION = 1 };

static void put_number(unsigned char *out, int64_t number)
{
    uint64_t bits = (uint64_t)number;

    for (int i = 7; i >= 0; i--) {
        out[i] = (unsigned char)bits;
        bits >>= 8;
    }
}

static int64_t get_number(const unsigned char *in)
{
    uint64_t bits = 0;

    for (int i = 0; i < 8; i++) {
        bits = bits << 8 | in[i];
    }
    return (int64_t)bits;
}

void kinesis_iterator_format(const struct kinesis_iterator *iterator, char out[KINESIS_ITERATOR_SIZE])
{
    unsigned char token[TOKEN_BYTES] = {VERSION};
    unsigned char digest[HASH_SHA256_SIZE];

    put_number(token + 1, iterator->shard_uid);
    put_number(token + 9, iterator->serial);
    put_number(token + 17, iterator->issued_ms);
    hash_sha256(token, CHECKED, digest);
    memcpy(token + CHECKED, digest, CHECKSUM);
    out[base64_encode(token, sizeof(token), out)] = '\0';
}

bool kinesis_iterator_parse(struct str token, struct kinesis_iterator *ret)
{
    unsigned char bytes[TOKEN_BYTES];
    unsigned char digest[HASH_SHA256_SIZE];
    size_t len = 0;

    if (token.len != KINESIS_ITERATOR_SIZE - 1 || !base64_decode(token, bytes, &len) ||
        len != sizeof(bytes) || bytes[0] != VERSION) {
        return false;
    }
    hash_sha256(bytes, CHECKED, digest);
    if (memcmp(digest, bytes + CHECKED, CHECKSUM) != 0) {
        return false;
    }
    ret->shard_uid = get_number(bytes + 1);
    ret->serial = get_number(bytes + 9);
    ret->issued_ms = get_number(bytes + 17);
    return true;
}
