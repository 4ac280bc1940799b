/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kinesis Data Streams, target Kinesis_20131202 (docs.aws.amazon.com/kinesis/latest/APIReference). Streams
 * become ACTIVE, and disappear, at once. Limits that concern one call are always applied; those that concern
 * a second of time only with LOCAL_AWS_ENFORCE_LIMITS.
 */
#ifndef LOCAL_AWS_KINESIS_H
#define LOCAL_AWS_KINESIS_H

#include "local/aws/call.h"
#include "local/aws/kinesis_records.h"
#include "local/aws/kinesis_store.h"

enum {
    KINESIS_PUT_RECORDS_CAP = 500,
    KINESIS_PUT_BYTES_CAP = 10 * 1024 * 1024, /* data and partition keys of one PutRecords */
    KINESIS_RECORD_BYTES_CAP = 10 * 1024 * 1024,
    KINESIS_KEY_CAP = 256,     /* code points */
    KINESIS_RECORD_KIB = 1024, /* MaxRecordSizeInKiB of a new stream */
    KINESIS_GET_RECORDS_CAP = 10000,
    KINESIS_GET_BYTES_CAP = 10 * 1024 * 1024,
    KINESIS_RETENTION_HOURS = 24,
    KINESIS_RETENTION_HOURS_MAX = 8760,
    KINESIS_SHARD_RECORDS_PER_S = 1000,
    KINESIS_SHARD_BYTES_PER_S = 1024 * 1024,
    KINESIS_SHARD_READS_PER_S = 5,
    KINESIS_SHARD_READ_BYTES_PER_S = 2 * 1024 * 1024
};

/* Runs call->operation. 0 or CALL_REFUSED. */
int kinesis_call(struct call *call) MUST_USE;

/* The stream that StreamARN or StreamName names. 0 or CALL_REFUSED. */
int kinesis_resolve(struct call *call, struct kinesis_stream **ret) MUST_USE;
/* Ends a call with "DryRun": true as AWS does: with an error that says that it would have worked. */
int kinesis_dry_run(struct call *call) MUST_USE;
/* "arn:aws:kinesis:..." of a stream, as a JSON string. */
void kinesis_add_arn(struct call *call, const char *stream_name);
/* A sequence number as a JSON string. */
void kinesis_add_sequence(struct buf *out, const struct kinesis_shard *shard, int64_t serial,
                          int64_t arrival_ms);
/* A shard as ListShards and DescribeStream show it. */
void kinesis_add_shard(struct buf *out, const struct kinesis_shard *shard);

/* The operations, one file per kind. */
int kinesis_create_stream(struct call *call) MUST_USE;
int kinesis_delete_stream(struct call *call) MUST_USE;
int kinesis_list_streams(struct call *call) MUST_USE;
int kinesis_describe_stream(struct call *call) MUST_USE;
int kinesis_describe_stream_summary(struct call *call) MUST_USE;
int kinesis_describe_limits(struct call *call) MUST_USE;
int kinesis_update_max_record_size(struct call *call) MUST_USE;
int kinesis_increase_retention(struct call *call) MUST_USE;
int kinesis_decrease_retention(struct call *call) MUST_USE;
int kinesis_list_shards(struct call *call) MUST_USE;
int kinesis_split_shard(struct call *call) MUST_USE;
int kinesis_merge_shards(struct call *call) MUST_USE;
int kinesis_update_shard_count(struct call *call) MUST_USE;
int kinesis_put_record(struct call *call) MUST_USE;
int kinesis_put_records(struct call *call) MUST_USE;
int kinesis_get_shard_iterator(struct call *call) MUST_USE;
int kinesis_get_records(struct call *call) MUST_USE;

#endif
