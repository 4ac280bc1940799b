/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the aggregates of the Kinesis Producer Library: several user records of one partition key in one
 * Kinesis record, which KCL, Firehose and AWS's deaggregation libraries take apart again
 * (awslabs/amazon-kinesis-producer, aggregation-format.md). The bytes F3 89 9A C2, a protocol buffers message
 * AggregatedRecord, and the MD5 of that message:
 *
 *   AggregatedRecord: 1 repeated string partition_key_table, 2 repeated string explicit_hash_key_table,
 *                     3 repeated Record
 *   Record: 1 uint64 partition_key_index, 2 optional uint64 explicit_hash_key_index, 3 bytes data
 *
 * Pure.
 */
#ifndef FORWARDER_AGGREGATE_H
#define FORWARDER_AGGREGATE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/buf.h"
#include "lib/str.h"

enum {
    AGGREGATE_RECORDS_MAX = 1000 /* at 10 ms a round trip 100,000 a second: of 10 bytes they fill a shard */
};

/* Bytes of an aggregate without records, and what one more record adds. */
size_t aggregate_base_size(struct str partition_key, struct str hash_key);
size_t aggregate_record_size(size_t data_len, bool has_hash_key);

/* Starts an aggregate in the empty buffer; an empty hash key is none. */
void aggregate_start(struct buf *out, struct str partition_key, struct str hash_key);
/* Starts the next record; the caller appends its `data_len` bytes. */
void aggregate_add_head(struct buf *out, size_t data_len, bool has_hash_key);
/* Ends it with the digest. */
void aggregate_end(struct buf *out);

/* True if data, given in base64, begin as an aggregate does: within another nobody takes it apart. */
bool aggregate_is_one(struct str base64);

#endif
