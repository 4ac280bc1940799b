/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may call: every request must carry an AWS Signature Version 4 by the configured key pair, made within
 * 5 minutes of the server's clock (S3: 15 minutes), over the body that was sent. Refusals have the codes and
 * texts of AWS's JSON services or of S3. Pure: the time is an argument.
 */
#ifndef LOCAL_AWS_AUTH_H
#define LOCAL_AWS_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/sigv4.h"
#include "lib/str.h"

struct auth_input {
    const char *service; /* "kinesis", "firehose", "s3" */
    const char *region;
    const char *access_key;
    const char *secret_key;
    struct str method, path, query, body;
    const struct sigv4_header *headers;
    size_t header_count;
    int64_t now_ms; /* wall clock */
};

struct auth_refusal {
    int status;
    const char *code;
    char message[640];
};

/* True if the request is signed as it must be; else *ret says how to answer. */
bool auth_check(const struct auth_input *input, struct auth_refusal *ret) MUST_USE;

/* Whether a value of x-amz-content-sha256 stands for a body in chunks, and for one whose chunks are signed.
 */
bool auth_is_chunked(struct str hash);
bool auth_is_chunk_signed(struct str hash);

/* The first header of that name, without case; ptr NULL if it is absent. */
struct str auth_header(const struct auth_input *input, const char *name);

/* Reads "20150830T123600Z". Milliseconds since 1970, or -1. */
int64_t auth_parse_date(struct str text);

#endif
