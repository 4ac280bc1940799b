/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records that the Kinesis Producer Library packed together (awslabs/amazon-kinesis-producer,
 * aggregation-format.md): the bytes F3 89 9A C2, a protocol buffers message AggregatedRecord, and the MD5 of
 * that message. A record is taken apart only if all three fit and there is something in it; everything else
 * is an ordinary record.
 *
 *   AggregatedRecord: 1 repeated string partition_key_table, 2 repeated string explicit_hash_key_table,
 *                     3 repeated Record
 *   Record: 1 uint64 partition_key_index, 2 optional uint64 explicit_hash_key_index, 3 bytes data, 4 tags
 *
 * Pure.
 */
#ifndef ANALYTICS_KPL_H
#define ANALYTICS_KPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/str.h"

/* Partition keys in one aggregate; one with more is not taken apart. 1 MiB of table. */
enum { KPL_KEYS_CAP = 65536 };

struct kpl {
    struct str rest;  /* of the message, from the next field on */
    struct str *keys; /* the partition key table, borrowed from the record */
    size_t key_count;
    size_t key_size; /* allocated entries */
    uint32_t record_count;
};

/*
 * True if `record` is an aggregate that is sound from end to end; *kpl then walks over it. The memory of an
 * earlier use is kept. Start with a zeroed struct; the record must outlive the walk.
 */
bool kpl_open(struct kpl *kpl, struct str record);
/* The next user record, borrowed; false at the end. */
bool kpl_next(struct kpl *kpl, struct str *ret_data, struct str *ret_partition_key);
void kpl_done(struct kpl *kpl);

#endif
