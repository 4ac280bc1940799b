/* SPDX-License-Identifier: Apache-2.0 */
/* CompleteMultipartUpload: one object of the parts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/log.h"

#include "local/aws/s3_files.h"
#include "local/aws/s3_headers.h"
#include "local/aws/s3_uploads.h"

/* What is put together. */
struct assembly {
    const struct s3_upload *upload;
    char (*files)[RANDOM_UUID_SIZE];
    struct buf etags;     /* digests, one behind the other */
    struct buf checksums; /* likewise */
    int64_t size;
    uint64_t crc; /* over all bytes, for a checksum of the full object */
};

/* Of what hash_hex wrote. */
static int hex_digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

static void add_part(struct assembly *assembly, size_t index, const struct s3_part *part)
{
    unsigned char bytes[S3_CHECKSUM_BYTES];
    size_t len = 0;

    memcpy(assembly->files[index], part->file, sizeof(part->file));
    assembly->size += part->size;
    for (size_t i = 0; i < 2 * (size_t)HASH_MD5_SIZE; i += 2) {
        buf_add_char(&assembly->etags, (char)(hex_digit(part->etag[i]) << 4 | hex_digit(part->etag[i + 1])));
    }
    if (s3_checksum_bytes(assembly->upload->kind, str_of(part->checksum), bytes, &len)) {
        buf_add(&assembly->checksums, bytes, len);
    }
}

static enum s3_result collect(struct s3_store *store, const struct s3_part *wanted, size_t count,
                              struct assembly *assembly)
{
    for (size_t i = 1; i < count; i++) {
        if (wanted[i].number <= wanted[i - 1].number) {
            return S3_PART_ORDER;
        }
    }
    for (size_t i = 0; i < count; i++) {
        struct s3_part part;
        enum s3_result result;
        result = s3_uploads_part(store, assembly->upload, wanted[i].number, &part);
        if (result != S3_OK) {
            return result;
        }
        if (!part.file[0] || strcmp(part.etag, wanted[i].etag) != 0 ||
            (wanted[i].checksum[0] && strcmp(part.checksum, wanted[i].checksum) != 0)) {
            return S3_BAD_PART;
        }
        if (i + 1 < count && part.size < S3_PART_MIN) {
            return S3_PART_SMALL;
        }
        add_part(assembly, i, &part);
        if (assembly->size > S3_OBJECT_CAP) {
            return S3_TOO_LARGE;
        }
    }
    return buf_error(&assembly->etags) || buf_error(&assembly->checksums) ? S3_FAILED : S3_OK;
}

static void take_block(void *ctx, const void *data, size_t len)
{
    struct assembly *assembly = ctx;

    if (assembly->upload->full_object) {
        assembly->crc = s3_crc(assembly->upload->kind, assembly->crc, data, len);
    }
}

static bool describe(const struct assembly *assembly, size_t count, int64_t now_ms, struct s3_object *object)
{
    const struct s3_upload *upload = assembly->upload;
    unsigned char digest[HASH_MD5_SIZE];
    char hex[2 * HASH_MD5_SIZE + 1];
    char text[S3_CHECKSUM_SIZE];

    *object = upload->object;
    object->size = assembly->size;
    object->modified_ms = now_ms;
    hash_md5(assembly->etags.data, assembly->etags.len, digest);
    hash_hex(digest, sizeof(digest), hex);
    snprintf(object->etag, sizeof(object->etag), "%s-%zu", hex, count);
    if (upload->full_object) {
        s3_crc_text(upload->kind, assembly->crc, text);
    } else if (upload->kind != S3_CHECKSUM_NONE) {
        size_t len;
        s3_checksum_text(upload->kind, buf_str(&assembly->checksums), text);
        len = strlen(text);
        snprintf(text + len, sizeof(text) - len, "-%zu", count);
    }
    return s3_headers_add_checksum(object, upload->kind, text, !upload->full_object);
}

static enum s3_result assemble(struct s3_store *store, struct assembly *assembly, size_t count,
                               int64_t now_ms, struct s3_object *object)
{
    const struct s3_upload *upload = assembly->upload;
    char file[RANDOM_UUID_SIZE];
    int code = s3_files_join(s3_store_files(store), (const char(*)[RANDOM_UUID_SIZE])assembly->files, count,
                             take_block, assembly, file);

    if (code) {
        LOG_ERROR("parts not put together", LOG_STR("key", upload->key), LOG_STR("error", strerror(-code)));
        return S3_FAILED;
    }
    if (!describe(assembly, count, now_ms, object)) {
        s3_files_unstage(s3_store_files(store), S3_STAGING, file);
        return S3_FAILED;
    }
    return s3_store_place(store, upload->bucket, upload->key, file, object);
}

enum s3_result s3_uploads_complete(struct s3_store *store, const struct s3_upload *upload,
                                   const struct s3_part *wanted, size_t count, int64_t now_ms,
                                   struct s3_object *object)
{
    struct assembly assembly = {.upload = upload, .files = calloc(count, sizeof(*assembly.files))};
    enum s3_result result;

    if (!assembly.files) {
        return S3_FAILED;
    }
    buf_init(&assembly.etags, (size_t)S3_PARTS_CAP * HASH_MD5_SIZE);
    buf_init(&assembly.checksums, (size_t)S3_PARTS_CAP * S3_CHECKSUM_BYTES);
    result = collect(store, wanted, count, &assembly);
    if (result == S3_OK) {
        result = assemble(store, &assembly, count, now_ms, object);
    }
    if (result == S3_OK) {
        result = s3_uploads_abort(store, upload);
    }
    buf_done(&assembly.etags);
    buf_done(&assembly.checksums);
    free(assembly.files);
    return result;
}
