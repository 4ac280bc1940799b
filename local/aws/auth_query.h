/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Presigned URLs of S3: the signature and what it covers are query parameters
 * (docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html). Pure.
 */
#ifndef LOCAL_AWS_AUTH_QUERY_H
#define LOCAL_AWS_AUTH_QUERY_H

#include "lib/sigv4.h"

enum {
    AUTH_EXPIRES_MAX_S = 7 * 24 * 3600,
    AUTH_QUERY_CAP = 64 * 1024 /* a whole query */
};

struct auth_query {
    struct sigv4_claim claim; /* borrows from the texts below */
    char date[SIGV4_DATE_SIZE];
    int64_t expires_s;
    char credential[300], signed_headers[512], signature[HASH_SHA256_HEX_SIZE];
};

/* Whether the query has a signature of version 4. */
bool auth_query_is_signed(struct str query);
/* NULL, or what is wrong with the parameters. */
const char *auth_query_parse(struct str query, struct auth_query *ret);
/* Appends the query without X-Amz-Signature: what the signature covers. */
void auth_query_covered(struct str query, struct buf *out);

#endif
