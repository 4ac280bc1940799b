/* SPDX-License-Identifier: Apache-2.0 */
/* The source of CopyObject and UploadPartCopy, as x-amz-copy-source and its conditions name it. */
#ifndef LOCAL_AWS_S3_COPY_H
#define LOCAL_AWS_S3_COPY_H

#include "local/aws/s3.h"

struct s3_copy {
    struct s3_path path;
    struct s3_object object;
};

/* False: the request was answered with an error. */
bool s3_copy_find(const struct s3_request *request, struct s3_copy *ret) MUST_USE;
/* The bytes that x-amz-copy-source-range names, "bytes=first-last"; all without it. False: as above. */
bool s3_copy_range(const struct s3_request *request, const struct s3_copy *copy, int64_t *ret_first,
                   int64_t *ret_len) MUST_USE;

#endif
