/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CBOR (RFC 8949) as Kinesis speaks it, application/x-amz-cbor-1.1, which the AWS SDKs for Java send unless
 * told otherwise: the JSON protocol's members, with blobs as byte strings, and times as milliseconds under
 * tag 1. Both ways go through the JSON form, in which blobs are base64 and times seconds. Pure.
 */
#ifndef LOCAL_AWS_CBOR_H
#define LOCAL_AWS_CBOR_H

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/json.h"

enum {
    CBOR_DEPTH_CAP = 32,
    CBOR_ITEMS_CAP = 100000 /* 500 records of a few members each, and far more */
};

/* The JSON form of a document, to be freed with cJSON_Delete; NULL if it is none, or has nothing in JSON. */
cJSON *cbor_read(struct str document);
/* Appends the CBOR form of JSON text. 0 or a negative code. */
int cbor_write(struct str json, struct buf *out) MUST_USE;

#endif
