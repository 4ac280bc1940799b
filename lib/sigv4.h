/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AWS Signature Version 4 (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html): signing of
 * requests by header, presigned URLs, and the verification that local/aws does. Pure: the time and the
 * credentials are arguments, the body comes as its hash.
 */
#ifndef LIB_SIGV4_H
#define LIB_SIGV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"
#include "lib/hash.h"
#include "lib/str.h"

struct sigv4_header {
    struct str name;
    struct str value;
};

struct sigv4_request {
    struct str method;
    struct str path;  /* as sent, percent-encoded, without the query; empty means "/" */
    struct str query; /* as sent, without '?'; empty: none */
    /* The headers to be signed, in any order and case: at least host and x-amz-date. */
    const struct sigv4_header *headers;
    size_t header_count;
    struct str payload_hash; /* lower-case hex SHA-256 of the body, or UNSIGNED-PAYLOAD */
};

struct sigv4_identity {
    struct str access_key;
    struct str secret_key;
    struct str session_token; /* empty: none */
    struct str region;
    struct str service;
};

enum {
    SIGV4_DATE_SIZE = 17,   /* "20150830T123600Z" and NUL */
    SIGV4_HEADER_CAP = 64,  /* signed headers of one request; more are -ERROR_LIMIT */
    SIGV4_QUERY_CAP = 128,  /* parameters of one query; as curl has it */
    SIGV4_SECRET_CAP = 1024 /* bytes of a secret key; AWS's have 40 */
};

/* Milliseconds since 1970 as x-amz-date. */
void sigv4_date(int64_t wall_ms, char out[SIGV4_DATE_SIZE]);

/* True for the signing names of S3, whose paths are signed as they are. */
bool sigv4_is_s3(struct str service);

/*
 * Step 1: the canonical request. Query parameters are decoded ('+' is a space) and encoded again, so the
 * spelling of escapes does not matter. S3 paths are encoded once and kept as they are; all others are
 * normalised (dot segments, double slashes) and encoded a second time.
 */
int sigv4_canonical_request(const struct sigv4_request *request, bool s3, struct buf *out) MUST_USE;
/* Step 2: the string to sign; date is x-amz-date. */
int sigv4_string_to_sign(const struct sigv4_identity *identity, const char *date,
                         struct str canonical_request, struct buf *out) MUST_USE;
/* Step 3: the key that signs; the same for all requests of one secret, day, region and service. */
int sigv4_signing_key(const struct sigv4_identity *identity, const char *date,
                      unsigned char ret_key[HASH_SHA256_SIZE]) MUST_USE;
/*
 * Steps 3 and 4: the value of the Authorization header, appended to `out`. The x-amz-date among the headers
 * must be `date`. If identity has a session token the caller has put x-amz-security-token among the headers.
 */
int sigv4_authorization(const struct sigv4_request *request, const struct sigv4_identity *identity,
                        const char *date, struct buf *out) MUST_USE;
/* As sigv4_authorization, for a caller that keeps the key of step 3. */
int sigv4_authorization_with_key(const struct sigv4_request *request, const struct sigv4_identity *identity,
                                 const unsigned char key[HASH_SHA256_SIZE], const char *date,
                                 struct buf *out) MUST_USE;
/*
 * Signs a URL by query: appends to `out` the query string (X-Amz-Algorithm .. X-Amz-Signature, and the
 * request's own parameters). Used for MSK IAM tokens. `request->headers` holds host alone.
 */
int sigv4_presign_query(const struct sigv4_request *request, const struct sigv4_identity *identity,
                        const char *date, int64_t expires_s, struct buf *out) MUST_USE;

/* What an Authorization header (or the presigning query) claims; strings borrowed from it. */
struct sigv4_claim {
    struct str access_key;
    struct str date; /* yyyymmdd of the scope */
    struct str region;
    struct str service;
    struct str signed_headers; /* "content-type;host;x-amz-date" */
    struct str signature;      /* 64 hex digits */
};
/* Fills access_key, date, region and service from "AKID/20150830/us-east-1/kinesis/aws4_request". */
bool sigv4_parse_credential(struct str text, struct sigv4_claim *claim) MUST_USE;
/* Takes an Authorization header apart. False if it is not a complete AWS4-HMAC-SHA256 one. */
bool sigv4_parse_authorization(struct str header, struct sigv4_claim *ret) MUST_USE;
/*
 * True if the claim's signature is that of the request under `secret_key`. request->headers holds all the
 * headers received; those that the claim lists are used, and all of them must be there.
 */
bool sigv4_verify(const struct sigv4_request *request, const struct sigv4_claim *claim, struct str secret_key,
                  struct str x_amz_date) MUST_USE;

#endif
