/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checksums that S3 knows (docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html),
 * as base64 of their big-endian bytes. Pure.
 */
#ifndef LOCAL_AWS_S3_CHECKSUM_H
#define LOCAL_AWS_S3_CHECKSUM_H

#include <stdint.h>

#include "lib/attr.h"
#include "lib/str.h"

enum s3_checksum {
    S3_CHECKSUM_NONE,
    S3_CRC32,
    S3_CRC32C,
    S3_CRC64NVME,
    S3_SHA1,
    S3_SHA256,
    S3_CHECKSUM_COUNT
};

enum {
    S3_CHECKSUM_BYTES = 32,
    S3_CHECKSUM_SIZE = 52 /* 44 characters of base64, "-10000" behind a composite one, NUL */
};

/* "CRC32", as x-amz-checksum-algorithm and the elements Checksum<name> have it. */
const char *s3_checksum_name(enum s3_checksum kind);
/* "x-amz-checksum-crc32" */
const char *s3_checksum_header(enum s3_checksum kind);
/* By the name, or by the header, in any case; S3_CHECKSUM_NONE for others. */
enum s3_checksum s3_checksum_named(struct str name);
enum s3_checksum s3_checksum_of_header(struct str header);

/* CRCs can be taken piece by piece: begins with 0, goes on with what it returned. */
uint64_t s3_crc(enum s3_checksum kind, uint64_t crc, const void *data, size_t len);
/* The text of a CRC. */
void s3_crc_text(enum s3_checksum kind, uint64_t crc, char out[S3_CHECKSUM_SIZE]);
/* The text of the checksum of any kind over `data`. */
void s3_checksum_text(enum s3_checksum kind, struct str data, char out[S3_CHECKSUM_SIZE]);
/* Appends the bytes that a text stands for to out[*len]; false if it is none of this kind. */
bool s3_checksum_bytes(enum s3_checksum kind, struct str text, unsigned char out[S3_CHECKSUM_BYTES],
                       size_t *ret_len) MUST_USE;

#endif
