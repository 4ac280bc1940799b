/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of SigV4's canonical request, for sigv4.c and sigv4_verify.c alone. Everything is appended to
 * `out`, whose failure the caller asks for once.
 */
#ifndef LIB_SIGV4_CANONICAL_H
#define LIB_SIGV4_CANONICAL_H

#include "lib/sigv4.h"

void sigv4_add_path(struct str path, bool s3, struct buf *out);
/* Decoded, encoded, sorted by name and then by value. -ERROR_LIMIT above SIGV4_QUERY_CAP parameters. */
int sigv4_add_query(struct str query, struct buf *out) MUST_USE;

/* The headers of a request by name; those of one name in the order of the request. */
struct sigv4_sorted {
    const struct sigv4_header *headers[SIGV4_HEADER_CAP];
    size_t count;
};
/* Borrows the headers. -ERROR_LIMIT above SIGV4_HEADER_CAP. */
int sigv4_sort_headers(const struct sigv4_request *request, struct sigv4_sorted *ret) MUST_USE;
/* "name:value\n" for each name. */
void sigv4_add_headers(const struct sigv4_sorted *sorted, struct buf *out);
/* "name;name". */
void sigv4_add_signed_headers(const struct sigv4_sorted *sorted, struct buf *out);

/* The signature in hexadecimal. */
int sigv4_signature(const struct sigv4_request *request, const struct sigv4_identity *identity,
                    const char *date, char ret_hex[HASH_SHA256_HEX_SIZE]) MUST_USE;

#endif
