/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transform: a Firehose transformation event in, the answer out, as bytes. One pass over the event, no
 * tree, no allocation per record.
 *
 * Event (AWS: "Data Transformation" in the Firehose guide):
 * {"records":[{"recordId":"..","data":"<base64>"}]}; events of a stream fed by MSK have kafkaRecordValue
 * instead of data. Other fields are ignored, but the whole event must be JSON (RFC 8259). Of a name that
 * occurs twice in an object the last one counts.
 *
 * Answer: {"records":[{"recordId":"..","result":"Ok","data":"<base64>"}]} with every record once and in
 * order, its recordId written as it came, its value under the name it came with. Ok                the bytes
 * and one newline more ProcessingFailed  the value was not strict base64 (RFC 4648: padding, no white space,
 * no bits left over) and is echoed; or there was no value, or the record does not fit: then it is an empty
 * string Which records fit: in order, each one that leaves room for all later ones to be reported as failed.
 *
 * Pure: no clock, no socket, no environment.
 */
#ifndef TRANSFORMER_TRANSFORM_H
#define TRANSFORMER_TRANSFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"
#include "lib/str.h"

/* Lambda's limit for the payload of a synchronous invocation, in both directions: 6 MB. */
enum { TRANSFORM_PAYLOAD_CAP = 6 * 1024 * 1024 };

struct transform_options {
    bool if_missing;    /* leave data alone that ends in a newline already */
    size_t payload_cap; /* bytes of answer */
};

struct transform_counts {
    uint64_t ok;
    uint64_t failed;
};

/*
 * Puts the answer into `out`, which is emptied first and whose cap must not be below payload_cap. Returns 0,
 * or with `out` empty and err filled: -ERROR_SYNTAX  the event is not JSON, or has not the shape above; the
 * message says where -ERROR_LIMIT   not even the failure of every record fits -ERROR_MEMORY
 */
int transform_event(struct str event, const struct transform_options *options, struct buf *out,
                    struct transform_counts *ret_counts, struct error *err) MUST_USE;

#endif
