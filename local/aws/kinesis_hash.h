/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The 128-bit hash keys of Kinesis: a partition key's MD5 as a big-endian number chooses the shard whose
 * range holds it (docs.aws.amazon.com/streams/latest/dev/key-concepts.html). Pure.
 */
#ifndef LOCAL_AWS_KINESIS_HASH_H
#define LOCAL_AWS_KINESIS_HASH_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/str.h"

typedef unsigned __int128 hash_key;

#define HASH_KEY_MAX (~(hash_key)0)
enum { HASH_KEY_SIZE = 40 /* 39 digits and NUL */ };

/* The hash key of a partition key. */
hash_key kinesis_hash_of(struct str partition_key);

/* Reads `0|[1-9]\d{0,38}` below 2^128. False otherwise, with *ret untouched. */
bool kinesis_hash_parse(struct str decimal, hash_key *ret) MUST_USE;

/* Decimal, without leading zeros. */
void kinesis_hash_format(hash_key key, char out[HASH_KEY_SIZE]);

/* Range `index` of `count` equal ones (count >= 1): the last one takes what the division leaves over. */
void kinesis_hash_range(unsigned index, unsigned count, hash_key *ret_start, hash_key *ret_end);

#endif
