/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a Kafka record to its Kinesis partition key. Kinesis wants 1 to 256 Unicode characters
 * (API_PutRecordsRequestEntry); Kafka keys are any bytes or none. The mapping is deterministic, so that a
 * record sent again after a restart goes to the same shard:
 *   1 to 256 characters of UTF-8   the key itself
 *   none, or empty                 "<partition>-<offset>": spreads over the shards
 *   not UTF-8, or longer           "sha256-" and the 64 hex digits of the key's SHA-256
 * Pure.
 */
#ifndef FORWARDER_KEY_H
#define FORWARDER_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/str.h"

enum { KEY_CHARACTERS_MAX = 256, KEY_BYTES_MAX = 4 * KEY_CHARACTERS_MAX, KEY_SCRATCH_SIZE = 80 };

enum key_source { KEY_FROM_KEY, KEY_FROM_HEADER, KEY_FROM_PARTITION, KEY_RANDOM };

/* Parses FORWARDER_PARTITION_KEY: key, header:<name>, partition or random. False if it is none of them. */
bool key_parse_source(const char *text, enum key_source *ret_source, const char **ret_header);

/*
 * The partition key for a Kafka key (or header value; ptr NULL for none). The result borrows from `key` or
 * from `scratch`.
 */
struct str key_map(struct str key, int32_t partition, int64_t offset, char scratch[KEY_SCRATCH_SIZE]);
/* The partition key "partition-<n>", which keeps a whole Kafka partition in order in one shard. */
struct str key_of_partition(int32_t partition, char scratch[KEY_SCRATCH_SIZE]);
/* Any key: spreads evenly. */
struct str key_random(uint64_t random, char scratch[KEY_SCRATCH_SIZE]);

/* True for an ExplicitHashKey: decimal, no leading zeros, below 2^128. */
bool key_is_hash_key(struct str text);

/* A 64-bit hash for the lanes. */
uint64_t key_hash(struct str key);

#endif
