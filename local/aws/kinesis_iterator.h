/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shard iterators: an opaque token that names a shard, a place in it and when it was issued. It is good for
 * five minutes, as AWS's are, and outlives a restart of the process. Pure.
 */
#ifndef LOCAL_AWS_KINESIS_ITERATOR_H
#define LOCAL_AWS_KINESIS_ITERATOR_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/str.h"

enum {
    KINESIS_ITERATOR_SIZE = 61, /* 60 characters of base64 and NUL */
    KINESIS_ITERATOR_LIFE_MS = 5 * 60 * 1000
};

struct kinesis_iterator {
    int64_t shard_uid; /* never used again, so a token dies with its stream */
    int64_t serial;    /* of the next record to read */
    int64_t issued_ms;
};

void kinesis_iterator_format(const struct kinesis_iterator *iterator, char out[KINESIS_ITERATOR_SIZE]);

/* False if the token was not made by kinesis_iterator_format. Its age is the caller's to judge. */
bool kinesis_iterator_parse(struct str token, struct kinesis_iterator *ret) MUST_USE;

#endif
