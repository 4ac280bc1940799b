/* SPDX-License-Identifier: Apache-2.0 */
/* PutRecord and PutRecords. */
#include "local/aws/kinesis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base64.h"

#include "local/aws/faults.h"
#include "local/aws/kinesis_sequence.h"

/* One record of a request. `put` is the one that is stored, unless `code` refuses it. */
struct entry {
    struct kinesis_put put;
    hash_key hash;
    const char *code; /* NULL: accepted */
    size_t stored;    /* index among the accepted */
};

struct batch {
    struct kinesis_stream *stream;
    struct entry entries[KINESIS_PUT_RECORDS_CAP];
    struct kinesis_put puts[KINESIS_PUT_RECORDS_CAP]; /* the accepted ones */
    size_t count;
    size_t put_count;
    size_t bytes; /* data and keys */
    struct buf data;
};

static struct batch *batch_new(void)
{
    struct batch *batch = calloc(1, sizeof(*batch));

    if (batch) {
        /* Decoding needs up to two bytes more than it gives, per record. */
        buf_init(&batch->data, KINESIS_PUT_BYTES_CAP + 2 * KINESIS_PUT_RECORDS_CAP);
    }
    return batch;
}

static void batch_free(struct batch *batch)
{
    if (batch) {
        buf_done(&batch->data);
        free(batch);
    }
}

/* --- reading ---------------------------------------------------------------------------------------------
 */

/* Reserves the room of all records at first, so that the data does not move while pointers to it are taken.
 */
static int reserve_data(struct call *call, struct batch *batch, const cJSON *records)
{
    const cJSON *item = records;
    size_t size = 0;

    if (cJSON_IsArray(records)) {
        cJSON_ArrayForEach(item, records)
        {
            const char *data = json_string(item, "Data");
            size += data ? base64_decoded_size(strlen(data)) : 0;
        }
    } else {
        const char *data = json_string(records, "Data");
        size = data ? base64_decoded_size(strlen(data)) : 0;
    }
    if (!buf_reserve(&batch->data, size)) {
        return call_fail(call, 400, "InvalidArgumentException", "Records size exceeds 10 MB limit");
    }
    return 0;
}

static int read_data(struct call *call, struct batch *batch, const cJSON *item, struct str *ret)
{
    const char *text = json_string(item, "Data");
    size_t len = 0;
    char *out;

    if (!text) {
        return call_invalid(call, "data", "not be null");
    }
    out = buf_reserve(&batch->data, base64_decoded_size(strlen(text)));
    if (!out || !base64_decode(str_of(text), out, &len)) {
        return call_fail(call, 400, "SerializationException", "Data is not valid base64.");
    }
    buf_commit(&batch->data, len);
    *ret = (struct str){out, len};
    return 0;
}

static int read_key(struct call *call, const cJSON *item, struct entry *entry)
{
    const char *key = json_string(item, "PartitionKey");
    const char *explicit_hash = json_string(item, "ExplicitHashKey");

    if (!key) {
        return call_invalid(call, "partitionKey", "not be null");
    }
    if (key[0] == '\0' || str_utf8_length(str_of(key)) > KINESIS_KEY_CAP) {
        return call_invalid(call, "partitionKey", "have length from 1 to 256");
    }
    entry->put.partition_key = str_of(key);
    if (!explicit_hash) {
        entry->hash = kinesis_hash_of(entry->put.partition_key);
    } else if (strlen(explicit_hash) >= HASH_KEY_SIZE ||
               !kinesis_sequence_is_wellformed(str_of(explicit_hash))) {
        return call_invalid(call, "explicitHashKey",
                            "satisfy regular expression pattern: 0|([1-9]\\d{0,38})");
    } else if (!kinesis_hash_parse(str_of(explicit_hash), &entry->hash)) {
        return call_fail(call, 400, "InvalidArgumentException",
                         "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1].");
    }
    return 0;
}

static int check_size(struct call *call, const struct batch *batch, const struct entry *entry)
{
    size_t size = entry->put.data.len + entry->put.partition_key.len;

    if (entry->put.data.len > KINESIS_RECORD_BYTES_CAP) {
        return call_invalid(call, "data", "have length less than or equal to 10485760");
    }
    if (size > (size_t)batch->stream->max_record_kib * 1024) {
        return call_fail(call, 400, "InvalidArgumentException",
                         "Record of %zu bytes exceeds the maximum record size of %d KiB of stream %s.", size,
                         (int)batch->stream->max_record_kib, batch->stream->name);
    }
    return 0;
}

static int read_entry(struct call *call, struct batch *batch, const cJSON *item)
{
    struct entry *entry = &batch->entries[batch->count];

    if (read_data(call, batch, item, &entry->put.data) || read_key(call, item, entry) ||
        check_size(call, batch, entry)) {
        return CALL_REFUSED;
    }
    batch->bytes += entry->put.data.len + entry->put.partition_key.len;
    batch->count++;
    if (batch->bytes > KINESIS_PUT_BYTES_CAP) {
        return call_fail(call, 400, "InvalidArgumentException", "Records size exceeds 10 MB limit");
    }
    return 0;
}

static int read_records(struct call *call, struct batch *batch)
{
    const cJSON *records = json_get(call->input, "Records");
    const cJSON *item;
    int count = cJSON_IsArray(records) ? cJSON_GetArraySize(records) : -1;

    if (count < 1 || count > KINESIS_PUT_RECORDS_CAP) {
        return call_invalid(call, "records",
                            count < 0    ? "be a list"
                            : count == 0 ? "have length greater than or equal to 1"
                                         : "have length less than or equal to 500");
    }
    if (reserve_data(call, batch, records)) {
        return CALL_REFUSED;
    }
    cJSON_ArrayForEach(item, records)
    {
        if (read_entry(call, batch, item)) {
            return CALL_REFUSED;
        }
    }
    return 0;
}

/* --- storing ---------------------------------------------------------------------------------------------
 */

static bool within_limits(struct kinesis_shard *shard, size_t bytes, int64_t now_ms)
{
    if (!throttle_allows(&shard->records_in, KINESIS_SHARD_RECORDS_PER_S, 1, now_ms) ||
        !throttle_allows(&shard->bytes_in, KINESIS_SHARD_BYTES_PER_S, (double)bytes, now_ms)) {
        return false;
    }
    throttle_take(&shard->records_in, KINESIS_SHARD_RECORDS_PER_S, 1, now_ms);
    throttle_take(&shard->bytes_in, KINESIS_SHARD_BYTES_PER_S, (double)bytes, now_ms);
    return true;
}

/* Finds the shards, and decides which records are refused. */
static void route(struct call *call, struct batch *batch)
{
    struct local *local = call->local;

    for (size_t i = 0; i < batch->count; i++) {
        struct entry *entry = &batch->entries[i];
        struct kinesis_shard *shard = kinesis_stream_route(batch->stream, entry->hash);
        char id[KINESIS_SHARD_ID_SIZE];

        kinesis_shard_id(shard->number, id);
        entry->put.shard = shard->number;
        entry->code = faults_draw_record(local->faults, "kinesis", call->operation, id);
        if (!entry->code && local->config->enforce_limits &&
            !within_limits(shard, entry->put.data.len + entry->put.partition_key.len, call->now_ms)) {
            entry->code = "ProvisionedThroughputExceededException";
            metrics_add_label(local->metrics, METRIC_KINESIS_THROTTLED, batch->stream->name, 1);
        }
        if (!entry->code) {
            entry->stored = batch->put_count;
            batch->puts[batch->put_count++] = entry->put;
        }
    }
}

static int store(struct call *call, struct batch *batch)
{
    if (kinesis_dry_run(call)) {
        return CALL_REFUSED;
    }
    route(call, batch);
    if (kinesis_records_append(call->local->state, batch->stream, batch->puts, batch->put_count,
                               call->now_ms)) {
        return call_broken(call);
    }
    metrics_add_label(call->local->metrics, METRIC_KINESIS_RECORDS, batch->stream->name, batch->put_count);
    return 0;
}

/* --- answering -------------------------------------------------------------------------------------------
 */

static void failure_text(const struct batch *batch, const struct entry *entry, char *out, size_t size)
{
    char id[KINESIS_SHARD_ID_SIZE];

    kinesis_shard_id(entry->put.shard, id);
    if (strcmp(entry->code, "InternalFailure") == 0) {
        snprintf(out, size, "Internal service failure.");
    } else {
        snprintf(out, size, "Rate exceeded for shard %s in stream %s under account %s.", id,
                 batch->stream->name, LOCAL_ACCOUNT);
    }
}

static void add_success(struct call *call, const struct batch *batch, const struct entry *entry)
{
    const struct kinesis_put *put = &batch->puts[entry->stored];
    char id[KINESIS_SHARD_ID_SIZE];

    kinesis_shard_id(put->shard, id);
    buf_add_str(&call->output, "{\"SequenceNumber\":");
    kinesis_add_sequence(&call->output, &batch->stream->shards[put->shard], put->serial, put->arrival_ms);
    buf_addf(&call->output, ",\"ShardId\":\"%s\"}", id);
}

static int put_records(struct call *call, struct batch *batch)
{
    if (kinesis_resolve(call, &batch->stream) || read_records(call, batch) || store(call, batch)) {
        return CALL_REFUSED;
    }
    buf_addf(&call->output, "{\"FailedRecordCount\":%zu,\"Records\":[", batch->count - batch->put_count);
    for (size_t i = 0; i < batch->count; i++) {
        const struct entry *entry = &batch->entries[i];
        buf_add_str(&call->output, i > 0 ? "," : "");
        if (entry->code) {
            char text[300];
            failure_text(batch, entry, text, sizeof(text));
            buf_addf(&call->output, "{\"ErrorCode\":\"%s\",\"ErrorMessage\":\"%s\"}", entry->code, text);
        } else {
            add_success(call, batch, entry);
        }
    }
    buf_add_str(&call->output, "]}");
    return 0;
}

static int put_record(struct call *call, struct batch *batch)
{
    const char *ordering = json_string(call->input, "SequenceNumberForOrdering");
    const struct entry *entry = &batch->entries[0];

    if (kinesis_resolve(call, &batch->stream)) {
        return CALL_REFUSED;
    }
    if (ordering && !kinesis_sequence_is_wellformed(str_of(ordering))) {
        return call_invalid(call, "sequenceNumberForOrdering",
                            "satisfy regular expression pattern: 0|([1-9]\\d{0,128})");
    }
    if (reserve_data(call, batch, call->input) || read_entry(call, batch, call->input) ||
        store(call, batch)) {
        return CALL_REFUSED;
    }
    if (entry->code) {
        char text[300];
        failure_text(batch, entry, text, sizeof(text));
        return call_fail(call, strcmp(entry->code, "InternalFailure") == 0 ? 500 : 400, entry->code, "%s",
                         text);
    }
    add_success(call, batch, entry);
    return 0;
}

static int with_batch(struct call *call, int (*run)(struct call *, struct batch *))
{
    struct batch *batch = batch_new();
    int code = batch ? run(call, batch) : call_fail(call, 500, "InternalFailure", "out of memory");

    batch_free(batch);
    return code;
}

int kinesis_put_record(struct call *call)
{
    return with_batch(call, put_record);
}

int kinesis_put_records(struct call *call)
{
    return with_batch(call, put_records);
}
