/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/kinesis.h"

#include <string.h>

#include "local/aws/kinesis_sequence.h"

static const struct {
    const char *name;
    int (*run)(struct call *call);
} operations[] = {{"PutRecords", kinesis_put_records},
                  {"GetRecords", kinesis_get_records},
                  {"PutRecord", kinesis_put_record},
                  {"GetShardIterator", kinesis_get_shard_iterator},
                  {"ListShards", kinesis_list_shards},
                  {"DescribeStreamSummary", kinesis_describe_stream_summary},
                  {"DescribeStream", kinesis_describe_stream},
                  {"DescribeLimits", kinesis_describe_limits},
                  {"ListStreams", kinesis_list_streams},
                  {"CreateStream", kinesis_create_stream},
                  {"DeleteStream", kinesis_delete_stream},
                  {"SplitShard", kinesis_split_shard},
                  {"MergeShards", kinesis_merge_shards},
                  {"UpdateShardCount", kinesis_update_shard_count},
                  {"UpdateMaxRecordSize", kinesis_update_max_record_size},
                  {"IncreaseStreamRetentionPeriod", kinesis_increase_retention},
                  {"DecreaseStreamRetentionPeriod", kinesis_decrease_retention}};

int kinesis_call(struct call *call)
{
    for (size_t i = 0; i < ARRAY_LENGTH(operations); i++) {
        if (strcmp(operations[i].name, call->operation) == 0) {
            return operations[i].run(call);
        }
    }
    return call_fail(call, 400, "UnknownOperationException", "local-aws has no Kinesis operation %s",
                     call->operation);
}

int kinesis_resolve(struct call *call, struct kinesis_stream **ret)
{
    const char *name = NULL;
    const char *arn = NULL;
    struct kinesis_stream *stream;

    if (call_text(call, "StreamName", false, KINESIS_NAME_CAP, &name) ||
        call_text(call, "StreamARN", false, 2048, &arn)) {
        return CALL_REFUSED;
    }
    if (arn && !(arn = call_arn_name(call, arn, "kinesis", "stream"))) {
        return call_invalid(call, "streamARN", "be the ARN of a Kinesis stream in this region");
    }
    if (!name && !arn) {
        return call_fail(call, 400, "InvalidArgumentException",
                         "Either StreamName or StreamARN must be given.");
    }
    if (name && arn && strcmp(name, arn) != 0) {
        return call_fail(call, 400, "InvalidArgumentException", "StreamName and StreamARN name two streams.");
    }
    stream = kinesis_store_find(call->local->kinesis, arn ? arn : name);
    if (!stream) {
        return call_fail(call, 400, "ResourceNotFoundException", "Stream %s under account %s not found.",
                         arn ? arn : name, LOCAL_ACCOUNT);
    }
    *ret = stream;
    return 0;
}

int kinesis_dry_run(struct call *call)
{
    if (!json_bool(call->input, "DryRun", false)) {
        return 0;
    }
    return call_fail(call, 400, "DryRunOperationException",
                     "Request would have succeeded, but DryRun flag is set.");
}

void kinesis_add_arn(struct call *call, const char *stream_name)
{
    buf_addf(&call->output, "\"arn:aws:kinesis:%s:%s:stream/%s\"", call->local->config->region, LOCAL_ACCOUNT,
             stream_name);
}

void kinesis_add_sequence(struct buf *out, const struct kinesis_shard *shard, int64_t serial,
                          int64_t arrival_ms)
{
    struct kinesis_sequence sequence = {.shard_created_ms = shard->created_ms,
                                        .serial = serial,
                                        .arrival_s = arrival_ms / 1000,
                                        .shard = shard->number};
    char text[KINESIS_SEQUENCE_SIZE];

    kinesis_sequence_format(&sequence, text);
    buf_addf(out, "\"%s\"", text);
}

void kinesis_add_shard(struct buf *out, const struct kinesis_shard *shard)
{
    char id[KINESIS_SHARD_ID_SIZE];
    char start[HASH_KEY_SIZE];
    char end[HASH_KEY_SIZE];

    kinesis_shard_id(shard->number, id);
    kinesis_hash_format(shard->hash_start, start);
    kinesis_hash_format(shard->hash_end, end);
    buf_addf(out, "{\"ShardId\":\"%s\"", id);
    if (shard->parent >= 0) {
        kinesis_shard_id((unsigned)shard->parent, id);
        buf_addf(out, ",\"ParentShardId\":\"%s\"", id);
    }
    if (shard->adjacent_parent >= 0) {
        kinesis_shard_id((unsigned)shard->adjacent_parent, id);
        buf_addf(out, ",\"AdjacentParentShardId\":\"%s\"", id);
    }
    buf_addf(out, ",\"HashKeyRange\":{\"StartingHashKey\":\"%s\",\"EndingHashKey\":\"%s\"}", start, end);
    buf_add_str(out, ",\"SequenceNumberRange\":{\"StartingSequenceNumber\":");
    kinesis_add_sequence(out, shard, 0, shard->created_ms);
    if (shard->closed_ms) {
        buf_add_str(out, ",\"EndingSequenceNumber\":");
        kinesis_add_sequence(out, shard, shard->last_serial + 1, shard->closed_ms);
    }
    buf_add_str(out, "}}");
}
