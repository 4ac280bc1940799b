/* SPDX-License-Identifier: Apache-2.0 */
/* KinesisStreamAsSource: taking over the records of a stream in this process. */
#include "local/aws/firehose.h"

#include "lib/clock.h"

#include "local/aws/kinesis.h"

enum { PULL_RECORDS = 1000, PULL_BYTES = 4 * 1024 * 1024, WAITING_BYTES_CAP = 256 * 1024 * 1024 };

struct pull {
    struct local *local;
    struct firehose_stream *stream;
    struct firehose_buffer buffer;
    enum firehose_state in;
    int64_t now_ms;
    int64_t next; /* serial */
    int64_t count;
    int64_t bytes;
    int code;
};

static bool take(void *ctx, int64_t serial, int64_t arrival_ms, struct str key, struct str data)
{
    struct pull *pull = ctx;
    int64_t id = 0;

    (void)key;
    (void)arrival_ms; /* buffers count from when Firehose got the record */
    if (pull->bytes >= PULL_BYTES) {
        return false;
    }
    pull->code = firehose_store_add(pull->local->state, pull->stream->id, pull->in, pull->now_ms, data, &id);
    firehose_queue_add(&pull->buffer.queues[pull->in], id, pull->now_ms, (int64_t)data.len);
    pull->buffer.last_id = id;
    pull->next = serial + 1;
    pull->count++;
    pull->bytes += (int64_t)data.len;
    return pull->code == 0;
}

/* One shard's records and the new position in it, in one transaction. */
static bool pull_shard(struct local *local, struct firehose_stream *stream, const struct kinesis_shard *shard)
{
    struct pull pull = {.local = local,
                        .stream = stream,
                        .buffer = stream->buffer,
                        .in = stream->settings.function[0] ? FIREHOSE_RAW : FIREHOSE_READY,
                        .now_ms = clock_wall_ms(),
                        .next = firehose_store_position(local->state, stream->id, shard->uid)};

    if (pull.next > shard->last_serial || state_begin(local->state)) {
        return false;
    }
    if (kinesis_records_read(local->state, shard, pull.next, PULL_RECORDS, take, &pull) || pull.code ||
        firehose_store_set_position(local->state, stream->id, shard->uid, pull.next)) {
        state_rollback(local->state);
        return false;
    }
    if (state_commit(local->state)) {
        return false;
    }
    stream->buffer = pull.buffer;
    metrics_add_label(local->metrics, METRIC_FIREHOSE_RECORDS, stream->settings.name, (uint64_t)pull.count);
    return pull.next <= shard->last_serial;
}

bool firehose_pull(struct firehose *firehose, struct firehose_stream *stream)
{
    struct local *local = firehose_local(firehose);
    struct kinesis_stream *source = kinesis_store_find(local->kinesis, stream->settings.source);
    bool more = false;

    for (size_t i = 0; source && i < source->shard_count; i++) {
        if (stream->buffer.queues[FIREHOSE_RAW].bytes > WAITING_BYTES_CAP) {
            return false; /* the transform is away; the stream keeps the rest */
        }
        more = pull_shard(local, stream, &source->shards[i]) || more;
    }
    return more;
}
