/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies sent as `aws-chunked` without signed chunks (STREAMING-UNSIGNED-PAYLOAD-TRAILER): lines of a size in
 * hexadecimal, that many bytes, and trailers behind the chunk of size 0. Pure.
 */
#ifndef LOCAL_AWS_S3_CHUNKED_H
#define LOCAL_AWS_S3_CHUNKED_H

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/str.h"

/* Appends the decoded bytes to `out`. False if the framing is broken or `out` is full. */
bool s3_chunked_decode(struct str body, struct buf *out) MUST_USE;

#endif
