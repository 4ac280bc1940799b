/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/kpl.h"

#include <stdlib.h>

#include "lib/hash.h"

enum {
    FIELD_KEY = 1,
    FIELD_HASH_KEY = 2,
    FIELD_RECORD = 3,
    RECORD_KEY_INDEX = 1,
    RECORD_DATA = 3,
    WIRE_VARINT = 0,
    WIRE_FIXED64 = 1,
    WIRE_BYTES = 2,
    WIRE_FIXED32 = 5,
    KEYS_FIRST_SIZE = 64
};

static const char magic[] = {(char)0xF3, (char)0x89, (char)0x9A, (char)0xC2};

/* One field of a message: a number, or the bytes of a length-delimited one. */
struct field {
    uint64_t number;
    unsigned wire;
    uint64_t varint;
    struct str bytes;
};

static bool take_bytes(struct str *rest, uint64_t len, struct str *ret)
{
    if (len > rest->len) {
        return false;
    }
    *ret = (struct str){rest->ptr, (size_t)len};
    *rest = (struct str){rest->ptr + len, rest->len - (size_t)len};
    return true;
}

static bool take_varint(struct str *rest, uint64_t *ret)
{
    uint64_t value = 0;

    for (size_t i = 0; i < 10 && i < rest->len; i++) {
        uint64_t byte = (unsigned char)rest->ptr[i];
        if (i == 9 && byte > 1) {
            return false;
        }
        value |= (byte & 0x7F) << (7 * i);
        if (byte < 0x80) {
            *rest = (struct str){rest->ptr + i + 1, rest->len - i - 1};
            *ret = value;
            return true;
        }
    }
    return false;
}

static bool take_field(struct str *rest, struct field *ret)
{
    uint64_t tag;
    uint64_t len;

    if (!take_varint(rest, &tag) || tag >> 3 == 0) {
        return false;
    }
    *ret = (struct field){.number = tag >> 3, .wire = (unsigned)(tag & 7), .bytes = {"", 0}};
    switch (ret->wire) {
    case WIRE_VARINT:
        return take_varint(rest, &ret->varint);
    case WIRE_BYTES:
        return take_varint(rest, &len) && take_bytes(rest, len, &ret->bytes);
    case WIRE_FIXED64:
        return take_bytes(rest, 8, &ret->bytes);
    case WIRE_FIXED32:
        return take_bytes(rest, 4, &ret->bytes);
    default:
        return false;
    }
}

/* A Record message: its data and the index of its partition key; both are required. */
static bool read_record(struct str message, struct str *ret_data, uint64_t *ret_key)
{
    bool has_data = false;
    bool has_key = false;
    struct field field;

    while (message.len > 0) {
        if (!take_field(&message, &field)) {
            return false;
        }
        if (field.number == RECORD_KEY_INDEX && field.wire == WIRE_VARINT) {
            *ret_key = field.varint;
            has_key = true;
        } else if (field.number == RECORD_DATA && field.wire == WIRE_BYTES) {
            *ret_data = field.bytes;
            has_data = true;
        }
    }
    return has_data && has_key;
}

static bool add_key(struct kpl *kpl, struct str key)
{
    if (kpl->key_count == kpl->key_size) {
        size_t size = kpl->key_size ? kpl->key_size * 2 : KEYS_FIRST_SIZE;
        struct str *keys = size <= KPL_KEYS_CAP ? realloc(kpl->keys, size * sizeof(*keys)) : NULL;
        if (!keys) {
            return false;
        }
        kpl->keys = keys;
        kpl->key_size = size;
    }
    kpl->keys[kpl->key_count++] = key;
    return true;
}

/* Reads the whole message once: collects the keys, counts and checks the records. */
static bool check_message(struct kpl *kpl, struct str message)
{
    uint64_t highest_key = 0;
    uint64_t key = 0;
    struct str data;
    struct field field;

    while (message.len > 0) {
        if (!take_field(&message, &field)) {
            return false;
        }
        if (field.number <= FIELD_RECORD && field.wire != WIRE_BYTES) {
            return false;
        }
        if (field.number == FIELD_KEY && !add_key(kpl, field.bytes)) {
            return false;
        }
        if (field.number == FIELD_RECORD) {
            if (!read_record(field.bytes, &data, &key)) {
                return false;
            }
            highest_key = key > highest_key ? key : highest_key;
            kpl->record_count++;
        }
    }
    return kpl->record_count > 0 && highest_key < kpl->key_count;
}

bool kpl_open(struct kpl *kpl, struct str record)
{
    unsigned char digest[HASH_MD5_SIZE];
    struct str message;

    if (record.len < sizeof(magic) + HASH_MD5_SIZE || memcmp(record.ptr, magic, sizeof(magic)) != 0) {
        return false;
    }
    message = (struct str){record.ptr + sizeof(magic), record.len - sizeof(magic) - HASH_MD5_SIZE};
    hash_md5(message.ptr, message.len, digest);
    if (memcmp(digest, message.ptr + message.len, HASH_MD5_SIZE) != 0) {
        return false;
    }
    kpl->key_count = 0;
    kpl->record_count = 0;
    if (!check_message(kpl, message)) {
        return false;
    }
    kpl->rest = message;
    return true;
}

bool kpl_next(struct kpl *kpl, struct str *ret_data, struct str *ret_partition_key)
{
    struct field field;
    struct str data;
    uint64_t key;

    while (kpl->rest.len > 0 && take_field(&kpl->rest, &field)) {
        if (field.number == FIELD_RECORD && read_record(field.bytes, &data, &key) && key < kpl->key_count) {
            *ret_data = data;
            *ret_partition_key = kpl->keys[key];
            return true;
        }
    }
    return false;
}

void kpl_done(struct kpl *kpl)
{
    free(kpl->keys);
    *kpl = (struct kpl){0};
}
