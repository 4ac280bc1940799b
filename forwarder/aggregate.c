/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/aggregate.h"

#include <string.h>

#include "lib/hash.h"

/* Field number and wire type in one byte: 0 is a number, 2 are bytes with their length before them. */
enum {
    TAG_PARTITION_KEY = 1 << 3 | 2,
    TAG_HASH_KEY = 2 << 3 | 2,
    TAG_RECORD = 3 << 3 | 2,
    TAG_PARTITION_KEY_INDEX = 1 << 3,
    TAG_HASH_KEY_INDEX = 2 << 3,
    TAG_DATA = 3 << 3 | 2,
    INDEX_SIZE = 2 /* tag and the index 0 */
};

static const char magic[] = {(char)0xF3, (char)0x89, (char)0x9A, (char)0xC2};

static size_t varint_size(size_t value)
{
    size_t size = 1;

    while (value >= 0x80) {
        value >>= 7;
        size++;
    }
    return size;
}

static void add_varint(struct buf *out, size_t value)
{
    while (value >= 0x80) {
        buf_add_char(out, (char)(value | 0x80));
        value >>= 7;
    }
    buf_add_char(out, (char)value);
}

/* A field of bytes: tag, length, bytes. */
static size_t bytes_size(size_t len)
{
    return 1 + varint_size(len) + len;
}

static void add_bytes_head(struct buf *out, char tag, size_t len)
{
    buf_add_char(out, tag);
    add_varint(out, len);
}

static void add_bytes(struct buf *out, char tag, struct str bytes)
{
    add_bytes_head(out, tag, bytes.len);
    buf_add(out, bytes.ptr, bytes.len);
}

static void add_index(struct buf *out, char tag)
{
    buf_add_char(out, tag);
    buf_add_char(out, 0);
}

static size_t record_message_size(size_t data_len, bool has_hash_key)
{
    return INDEX_SIZE + (has_hash_key ? INDEX_SIZE : 0) + bytes_size(data_len);
}

size_t aggregate_base_size(struct str partition_key, struct str hash_key)
{
    return sizeof(magic) + bytes_size(partition_key.len) + (hash_key.len > 0 ? bytes_size(hash_key.len) : 0) +
           HASH_MD5_SIZE;
}

size_t aggregate_record_size(size_t data_len, bool has_hash_key)
{
    return bytes_size(record_message_size(data_len, has_hash_key));
}

void aggregate_start(struct buf *out, struct str partition_key, struct str hash_key)
{
    buf_add(out, magic, sizeof(magic));
    add_bytes(out, TAG_PARTITION_KEY, partition_key);
    if (hash_key.len > 0) {
        add_bytes(out, TAG_HASH_KEY, hash_key);
    }
}

void aggregate_add_head(struct buf *out, size_t data_len, bool has_hash_key)
{
    add_bytes_head(out, TAG_RECORD, record_message_size(data_len, has_hash_key));
    add_index(out, TAG_PARTITION_KEY_INDEX);
    if (has_hash_key) {
        add_index(out, TAG_HASH_KEY_INDEX);
    }
    add_bytes_head(out, TAG_DATA, data_len);
}

void aggregate_end(struct buf *out)
{
    unsigned char digest[HASH_MD5_SIZE];

    if (!buf_error(out)) {
        hash_md5(out->data + sizeof(magic), out->len - sizeof(magic), digest);
        buf_add(out, digest, sizeof(digest));
    }
}

bool aggregate_is_one(struct str base64)
{
    /* Three bytes of the magic are four characters, the fourth is 'w' and two bits more. */
    static const char first[] = "84maw";
    const size_t len = sizeof(first) - 1;

    return base64.len > len && memcmp(base64.ptr, first, len) == 0 && base64.ptr[len] >= 'g' &&
           base64.ptr[len] <= 'v';
}
