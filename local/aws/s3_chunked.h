/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies of S3 in the content coding aws-chunked: chunks, each signed or not, and trailing headers with a
 * checksum (docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html).
 * Pure.
 */
#ifndef LOCAL_AWS_S3_CHUNKED_H
#define LOCAL_AWS_S3_CHUNKED_H

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/sigv4.h"

/* What chunks are signed with. */
struct s3_chunk_signer {
    struct sigv4_identity identity; /* secret_key, region and service */
    char date[SIGV4_DATE_SIZE];     /* x-amz-date */
    struct str seed;                /* signature of the request's headers, 64 hex digits */
};

enum s3_chunked_result {
    S3_CHUNKED_OK,
    S3_CHUNKED_BROKEN,  /* the framing is wrong, or it does not fit into `out` */
    S3_CHUNKED_UNSIGNED /* a signature is wrong or missing */
};

/*
 * Appends what the chunks hold to `out`; *ret_trailers are the lines "name:value" behind the last one,
 * borrowed from the body. With a signer the signature of every chunk must be right, and that of the trailers
 * if there are any; without one no signature is looked at.
 */
enum s3_chunked_result s3_chunked_decode(struct str body, const struct s3_chunk_signer *signer,
                                         struct buf *out, struct str *ret_trailers) MUST_USE;

/* The next trailer, off the front. False at the end; x-amz-trailer-signature is left out. */
bool s3_chunked_trailer(struct str *trailers, struct str *ret_name, struct str *ret_value);

#endif
