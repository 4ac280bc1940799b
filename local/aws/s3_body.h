/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The body of a request that stores something: taken out of its chunks, and held against the checksums that
 * came with it, in headers or behind the chunks.
 */
#ifndef LOCAL_AWS_S3_BODY_H
#define LOCAL_AWS_S3_BODY_H

#include "local/aws/s3.h"
#include "local/aws/s3_checksum.h"

struct s3_body {
    struct str bytes; /* borrowed from the request or from `decoded` */
    struct buf decoded;
    enum s3_checksum kind; /* that came with it, or none */
    char checksum[S3_CHECKSUM_SIZE];
};

/* False: the request was answered with an error, and there is nothing to be freed. */
bool s3_body_read(const struct s3_request *request, struct s3_body *ret) MUST_USE;
void s3_body_done(struct s3_body *body);

#endif
