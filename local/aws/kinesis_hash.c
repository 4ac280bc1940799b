/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/kinesis_hash.h"

#include <string.h>

#include "lib/hash.h"

hash_key kinesis_hash_of(struct str partition_key)
{
    unsigned char digest[HASH_MD5_SIZE];
    hash_key key = 0;

    hash_md5(partition_key.ptr, partition_key.len, digest);
    for (size_t i = 0; i < sizeof(digest); i++) {
        key = key << 8 | digest[i];
    }
    return key;
}

bool kinesis_hash_parse(struct str decimal, hash_key *ret)
{
    hash_key key = 0;

    if (decimal.len == 0 || decimal.len > 39 || (decimal.len > 1 && decimal.ptr[0] == '0')) {
        return false;
    }
    for (size_t i = 0; i < decimal.len; i++) {
        unsigned digit = (unsigned)(decimal.ptr[i] - '0');
        if (digit > 9 || key > (HASH_KEY_MAX - digit) / 10) {
            return false;
        }
        key = key * 10 + digit;
    }
    *ret = key;
    return true;
}

void kinesis_hash_format(hash_key key, char out[HASH_KEY_SIZE])
{
    char digits[HASH_KEY_SIZE];
    size_t i = sizeof(digits);

    digits[--i] = '\0';
    do {
        digits[--i] = (char)('0' + (int)(key % 10));
        key /= 10;
    } while (key > 0);
    memcpy(out, digits + i, sizeof(digits) - i);
}

void kinesis_hash_range(unsigned index, unsigned count, hash_key *ret_start, hash_key *ret_end)
{
    /* 2^128 / count, without ever holding 2^128 */
    hash_key size = count == 1 ? 0 : HASH_KEY_MAX / count + (HASH_KEY_MAX % count == count - 1);

    *ret_start = size * index;
    *ret_end = index + 1 == count ? HASH_KEY_MAX : size * (index + 1) - 1;
}
