/* SPDX-License-Identifier: Apache-2.0 */
/* CompressionFormat GZIP, over zlib: the only file that knows it. Pure. */
#ifndef LOCAL_AWS_FIREHOSE_GZIP_H
#define LOCAL_AWS_FIREHOSE_GZIP_H

#include "lib/attr.h"
#include "lib/buf.h"

/* Appends one gzip member (RFC 1952) to `out`, the same bytes for the same data. 0 or a negative code. */
int firehose_gzip(struct str data, struct buf *out) MUST_USE;

#endif
