/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/key.h"

#include <stdio.h>

#include "lib/hash.h"

static const char header_prefix[] = "header:";

bool key_parse_source(const char *text, enum key_source *ret_source, const char **ret_header)
{
    if (strcmp(text, "key") == 0) {
        *ret_source = KEY_FROM_KEY;
    } else if (strcmp(text, "partition") == 0) {
        *ret_source = KEY_FROM_PARTITION;
    } else if (strcmp(text, "random") == 0) {
        *ret_source = KEY_RANDOM;
    } else if (strncmp(text, header_prefix, sizeof(header_prefix) - 1) == 0 &&
               text[sizeof(header_prefix) - 1] != '\0') {
        *ret_source = KEY_FROM_HEADER;
        *ret_header = text + sizeof(header_prefix) - 1;
    } else {
        return false;
    }
    return true;
}

static struct str print_scratch(char scratch[KEY_SCRATCH_SIZE], int len)
{
    return (struct str){scratch, (size_t)len};
}

struct str key_map(struct str key, int32_t partition, int64_t offset, char scratch[KEY_SCRATCH_SIZE])
{
    char digest[HASH_SHA256_HEX_SIZE];

    if (key.ptr == NULL || key.len == 0) {
        return print_scratch(scratch,
                             snprintf(scratch, KEY_SCRATCH_SIZE, "%d-%lld", partition, (long long)offset));
    }
    if (key.len <= KEY_BYTES_MAX && str_is_utf8(key) &&
        (key.len <= KEY_CHARACTERS_MAX || str_utf8_length(key) <= KEY_CHARACTERS_MAX)) {
        return key;
    }
    hash_sha256_hex(key.ptr, key.len, digest);
    return print_scratch(scratch, snprintf(scratch, KEY_SCRATCH_SIZE, "sha256-%s", digest));
}

struct str key_of_partition(int32_t partition, char scratch[KEY_SCRATCH_SIZE])
{
    return print_scratch(scratch, snprintf(scratch, KEY_SCRATCH_SIZE, "partition-%d", partition));
}

struct str key_random(uint64_t random, char scratch[KEY_SCRATCH_SIZE])
{
    return print_scratch(scratch, snprintf(scratch, KEY_SCRATCH_SIZE, "%016llx", (unsigned long long)random));
}

bool key_is_hash_key(struct str text)
{
    static const char limit[] = "340282366920938463463374607431768211455"; /* 2^128 - 1 */
    const size_t digits = sizeof(limit) - 1;

    if (text.len == 0 || text.len > digits || (text.len > 1 && text.ptr[0] == '0')) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
    }
    return text.len < digits || memcmp(text.ptr, limit, digits) <= 0;
}

/* A multiply-and-fold over eight bytes at a time, finished by a mix of all bits. */
uint64_t key_hash(struct str key)
{
    const uint64_t prime = 0x9E3779B97F4A7C15ULL;
    uint64_t hash = key.len * prime;
    size_t i = 0;
    uint64_t word;

    for (; i + sizeof(word) <= key.len; i += sizeof(word)) {
        memcpy(&word, key.ptr + i, sizeof(word));
        hash = (hash ^ word) * prime;
        hash ^= hash >> 32;
    }
    word = 0;
    if (i < key.len) {
        memcpy(&word, key.ptr + i, key.len - i);
    }
    hash = (hash ^ word) * prime;
    hash ^= hash >> 29;
    hash *= 0xBF58476D1CE4E5B9ULL;
    return hash ^ (hash >> 32);
}
