/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/s3_checksum.h"

#include "lib/base64.h"
#include "lib/hash.h"

static const struct {
    const char *name;
    const char *header;
    size_t size;
    uint64_t polynomial; /* reversed; 0: no CRC */
} kinds[S3_CHECKSUM_COUNT] = {[S3_CHECKSUM_NONE] = {"", "", 0, 0},
                              [S3_CRC32] = {"CRC32", "x-amz-checksum-crc32", 4, 0xEDB88320},
                              [S3_CRC32C] = {"CRC32C", "x-amz-checksum-crc32c", 4, 0x82F63B78},
                              [S3_CRC64NVME] = {"CRC64NVME", "x-amz-checksum-crc64nvme", 8,
                                                0x9A6C9329AC4BC9B5},
                              [S3_SHA1] = {"SHA1", "x-amz-checksum-sha1", HASH_SHA1_SIZE, 0},
                              [S3_SHA256] = {"SHA256", "x-amz-checksum-sha256", HASH_SHA256_SIZE, 0}};

const char *s3_checksum_name(enum s3_checksum kind)
{
    return kinds[kind].name;
}

const char *s3_checksum_header(enum s3_checksum kind)
{
    return kinds[kind].header;
}

enum s3_checksum s3_checksum_named(struct str name)
{
    for (int i = S3_CRC32; i < S3_CHECKSUM_COUNT; i++) {
        if (str_eq_nocase(name, str_of(kinds[i].name))) {
            return (enum s3_checksum)i;
        }
    }
    return S3_CHECKSUM_NONE;
}

enum s3_checksum s3_checksum_of_header(struct str header)
{
    for (int i = S3_CRC32; i < S3_CHECKSUM_COUNT; i++) {
        if (str_eq_nocase(header, str_of(kinds[i].header))) {
            return (enum s3_checksum)i;
        }
    }
    return S3_CHECKSUM_NONE;
}

/* Eight tables per kind, for eight bytes at a time ("slicing by 8"). */
static const uint64_t (*tables_of(enum s3_checksum kind))[256]
{
    static uint64_t tables[S3_SHA1][8][256];
    uint64_t(*table)[256] = tables[kind];

    if (table[0][1] != 0) {
        return table;
    }
    for (uint64_t i = 0; i < 256; i++) {
        uint64_t crc = i;
        for (int bit = 0; bit < 8; bit++) {
            crc = crc & 1 ? crc >> 1 ^ kinds[kind].polynomial : crc >> 1;
        }
        table[0][i] = crc;
    }
    for (size_t i = 0; i < 256; i++) {
        for (size_t k = 1; k < 8; k++) {
            table[k][i] = table[k - 1][i] >> 8 ^ table[0][table[k - 1][i] & 0xFF];
        }
    }
    return table;
}

uint64_t s3_crc(enum s3_checksum kind, uint64_t crc, const void *data, size_t len)
{
    const uint64_t(*table)[256] = tables_of(kind);
    const unsigned char *bytes = data;
    uint64_t ones = kinds[kind].size == 4 ? 0xFFFFFFFF : UINT64_MAX;

    crc ^= ones;
    for (; len >= 8; len -= 8, bytes += 8) {
        uint64_t next = 0;
        for (size_t i = 0; i < 8; i++) {
            next ^= table[7 - i][(bytes[i] ^ crc >> (8 * i)) & 0xFF];
        }
        crc = next;
    }
    for (; len > 0; len--, bytes++) {
        crc = crc >> 8 ^ table[0][(crc ^ *bytes) & 0xFF];
    }
    return crc ^ ones;
}

void s3_crc_text(enum s3_checksum kind, uint64_t crc, char out[S3_CHECKSUM_SIZE])
{
    unsigned char bytes[8];
    size_t size = kinds[kind].size;

    for (size_t i = 0; i < size; i++) {
        bytes[i] = (unsigned char)(crc >> (8 * (size - 1 - i)));
    }
    out[base64_encode(bytes, size, out)] = '\0';
}

void s3_checksum_text(enum s3_checksum kind, struct str data, char out[S3_CHECKSUM_SIZE])
{
    unsigned char digest[S3_CHECKSUM_BYTES];

    if (kinds[kind].polynomial) {
        s3_crc_text(kind, s3_crc(kind, 0, data.ptr, data.len), out);
        return;
    }
    if (kind == S3_SHA1) {
        hash_sha1(data.ptr, data.len, digest);
    } else {
        hash_sha256(data.ptr, data.len, digest);
    }
    out[base64_encode(digest, kinds[kind].size, out)] = '\0';
}

bool s3_checksum_bytes(enum s3_checksum kind, struct str text, unsigned char out[S3_CHECKSUM_BYTES],
                       size_t *ret_len)
{
    unsigned char bytes[S3_CHECKSUM_SIZE];

    return base64_decoded_size(text.len) <= sizeof(bytes) && base64_decode(text, bytes, ret_len) &&
           *ret_len == kinds[kind].size && (memcpy(out, bytes, *ret_len), true);
}
