/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sequence numbers as large as AWS's: 56 decimal digits that begin with 49, growing within a shard and from
 * a parent shard to its children. Their layout is our own: 49, the shard's creation (13 digits of ms), the
 * record's serial in the shard (19), its arrival (10 digits of s), the shard's number (12). Pure.
 */
#ifndef LOCAL_AWS_KINESIS_SEQUENCE_H
#define LOCAL_AWS_KINESIS_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/str.h"

enum { KINESIS_SEQUENCE_SIZE = 57 /* 56 digits and NUL */ };

struct kinesis_sequence {
    int64_t shard_created_ms;
    int64_t serial; /* 0 is the shard's start, the first record is 1 */
    int64_t arrival_s;
    int64_t shard;
};

void kinesis_sequence_format(const struct kinesis_sequence *sequence, char out[KINESIS_SEQUENCE_SIZE]);

/* False, with *ret untouched, for anything that kinesis_sequence_format does not write. */
bool kinesis_sequence_parse(struct str text, struct kinesis_sequence *ret) MUST_USE;

/* True for the pattern of AWS's model, 0|([1-9]\d{0,128}). */
bool kinesis_sequence_is_wellformed(struct str text);

#endif
