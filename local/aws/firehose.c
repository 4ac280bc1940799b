/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/firehose.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"

#include "local/aws/firehose_lambda.h"

struct firehose {
    struct local *local;
    struct firehose_stream *streams[FIREHOSE_STREAMS_CAP];
    size_t count;
};

/* --- the streams -----------------------------------------------------------------------------------------
 */

static int load_buffer(struct state *state, struct firehose_stream *stream)
{
    struct firehose_object object;

    for (int i = 0; i < FIREHOSE_STATE_COUNT; i++) {
        int found = firehose_store_object_find(state, stream->id, (enum firehose_state)i, &object);
        if (found < 0 ||
            firehose_store_queue(state, stream->id, (enum firehose_state)i, &stream->buffer.queues[i])) {
            return -ERROR_STATE;
        }
        stream->pending[i] = found == 1;
    }
    stream->buffer.last_id = firehose_store_last_id(state, stream->id);
    return 0;
}

static struct firehose_stream *insert(struct firehose *firehose, int64_t id, int64_t created_ms,
                                      const struct firehose_settings *settings)
{
    struct firehose_stream *stream =
        firehose->count < FIREHOSE_STREAMS_CAP ? calloc(1, sizeof(*stream)) : NULL;
    size_t at = firehose->count;

    if (!stream) {
        return NULL;
    }
    stream->id = id;
    stream->created_ms = created_ms;
    stream->settings = *settings;
    while (at > 0 && strcmp(firehose->streams[at - 1]->settings.name, settings->name) > 0) {
        firehose->streams[at] = firehose->streams[at - 1];
        at--;
    }
    firehose->streams[at] = stream;
    firehose->count++;
    return stream;
}

static int load(void *ctx, int64_t id, int64_t created_ms, const struct firehose_settings *settings)
{
    return insert(ctx, id, created_ms, settings) ? 0 : -ERROR_MEMORY;
}

struct firehose *firehose_open(struct local *local, struct error *err)
{
    struct firehose *firehose = calloc(1, sizeof(*firehose));
    int code = firehose ? 0 : -ERROR_MEMORY;

    if (firehose) {
        firehose->local = local;
        code = firehose_store_each(local->state, load, firehose);
        for (size_t i = 0; code == 0 && i < firehose->count; i++) {
            code = load_buffer(local->state, firehose->streams[i]);
        }
    }
    if (code) {
        error_set(err, ERROR_STATE, false, "the delivery streams cannot be read from the state");
        firehose_free(firehose);
        return NULL;
    }
    if (firehose_waiting(firehose) > 0) {
        LOG_INFO("records wait from before", LOG_INT("records", firehose_waiting(firehose)));
    }
    return firehose;
}

void firehose_free(struct firehose *firehose)
{
    if (!firehose) {
        return;
    }
    for (size_t i = 0; i < firehose->count; i++) {
        firehose_lambda_cancel(firehose->streams[i]);
        free(firehose->streams[i]);
    }
    free(firehose);
}

void firehose_settings_default(struct firehose_settings *settings)
{
    *settings = (struct firehose_settings){.version = 1,
                                           .buffer_bytes = 5 * 1024 * 1024,
                                           .buffer_ms = 300 * 1000,
                                           .transform_bytes = 1024 * 1024,
                                           .retries = 3};
}

size_t firehose_count(const struct firehose *firehose)
{
    return firehose->count;
}

struct firehose_stream *firehose_at(struct firehose *firehose, size_t index)
{
    return firehose->streams[index];
}

struct firehose_stream *firehose_find(struct firehose *firehose, const char *name)
{
    for (size_t i = 0; i < firehose->count; i++) {
        if (strcmp(firehose->streams[i]->settings.name, name) == 0) {
            return firehose->streams[i];
        }
    }
    return NULL;
}

int firehose_create(struct firehose *firehose, const struct firehose_settings *settings, int64_t now_ms)
{
    int64_t id = 0;

    if (firehose->count == FIREHOSE_STREAMS_CAP) {
        return -ERROR_LIMIT;
    }
    if (firehose_store_create(firehose->local->state, settings, now_ms, &id)) {
        return -ERROR_IO;
    }
    if (!insert(firehose, id, now_ms, settings)) {
        return firehose_store_delete(firehose->local->state, id) ? -ERROR_IO : -ERROR_MEMORY;
    }
    LOG_INFO("delivery stream created", LOG_STR("delivery_stream", settings->name),
             LOG_STR("bucket", settings->bucket), LOG_STR("function", settings->function),
             LOG_INT("buffer_bytes", settings->buffer_bytes), LOG_INT("buffer_ms", settings->buffer_ms));
    return 0;
}

int firehose_update(struct firehose *firehose, struct firehose_stream *stream,
                    const struct firehose_settings *settings)
{
    struct firehose_settings changed = *settings;

    changed.version = stream->settings.version + 1;
    if (firehose_store_update(firehose->local->state, stream->id, &changed)) {
        return -ERROR_IO;
    }
    firehose_lambda_cancel(stream); /* a batch under way begins again, by the new settings */
    stream->settings = changed;
    stream->buffer.flush_id = 0;
    LOG_INFO("delivery stream updated", LOG_STR("delivery_stream", changed.name),
             LOG_INT("version", changed.version));
    return load_buffer(firehose->local->state, stream);
}

int firehose_delete(struct firehose *firehose, struct firehose_stream *stream)
{
    size_t at = 0;

    if (firehose_store_delete(firehose->local->state, stream->id)) {
        return -ERROR_IO;
    }
    LOG_INFO("delivery stream deleted", LOG_STR("delivery_stream", stream->settings.name));
    while (firehose->streams[at] != stream) {
        at++;
    }
    for (firehose->count--; at < firehose->count; at++) {
        firehose->streams[at] = firehose->streams[at + 1];
    }
    firehose_lambda_cancel(stream);
    free(stream);
    return 0;
}

/* --- records ---------------------------------------------------------------------------------------------
 */

int firehose_accept(struct firehose *firehose, struct firehose_stream *stream, const struct str *records,
                    size_t count, int64_t now_ms, int64_t *ret_ids)
{
    struct state *state = firehose->local->state;
    enum firehose_state in = stream->settings.function[0] ? FIREHOSE_RAW : FIREHOSE_READY;
    struct firehose_buffer buffer = stream->buffer;
    int code = state_begin(state);

    for (size_t i = 0; code == 0 && i < count; i++) {
        code = firehose_store_add(state, stream->id, in, now_ms, records[i], &ret_ids[i]);
        firehose_queue_add(&buffer.queues[in], ret_ids[i], now_ms, (int64_t)records[i].len);
        buffer.last_id = ret_ids[i];
    }
    if (code) {
        state_rollback(state);
        return code;
    }
    if ((code = state_commit(state)) == 0) {
        stream->buffer = buffer;
        metrics_add_label(firehose->local->metrics, METRIC_FIREHOSE_RECORDS, stream->settings.name, count);
    }
    return code;
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < 0 ? b : b < 0 ? a : a < b ? a : b;
}

static int64_t run_stream(struct firehose *firehose, struct firehose_stream *stream)
{
    struct firehose_hints hints = {.bytes = stream->settings.buffer_bytes,
                                   .interval_ms = stream->settings.buffer_ms,
                                   .transform_bytes = stream->settings.transform_bytes};
    bool more = stream->settings.source[0] && firehose_pull(firehose, stream);
    int64_t next;

    firehose_buffer_update(&stream->buffer, &hints, clock_wall_ms());
    next = firehose_lambda_run(firehose->local, stream);
    next = sooner(next, firehose_deliver(firehose->local, stream));
    firehose_buffer_update(&stream->buffer, &hints, clock_wall_ms());
    return more ? 0 : sooner(next, firehose_buffer_due_in(&stream->buffer, &hints, clock_wall_ms()));
}

int64_t firehose_run(struct firehose *firehose)
{
    int64_t next = -1;

    for (size_t i = 0; i < firehose->count; i++) {
        next = sooner(next, run_stream(firehose, firehose->streams[i]));
    }
    return next;
}

void firehose_flush(struct firehose *firehose)
{
    for (size_t i = 0; i < firehose->count; i++) {
        firehose_buffer_flush(&firehose->streams[i]->buffer);
    }
}

static int64_t stream_waiting(const struct firehose_stream *stream)
{
    int64_t waiting = 0;

    for (int i = 0; i < FIREHOSE_STATE_COUNT; i++) {
        waiting += stream->buffer.queues[i].count;
    }
    return waiting;
}

int64_t firehose_waiting(const struct firehose *firehose)
{
    int64_t waiting = 0;

    for (size_t i = 0; i < firehose->count; i++) {
        waiting += stream_waiting(firehose->streams[i]);
    }
    return waiting;
}

void firehose_metrics(const struct firehose *firehose)
{
    metrics_clear_labels(firehose->local->metrics, METRIC_FIREHOSE_BUFFERED);
    for (size_t i = 0; i < firehose->count; i++) {
        metrics_set_label(firehose->local->metrics, METRIC_FIREHOSE_BUFFERED,
                          firehose->streams[i]->settings.name, (double)stream_waiting(firehose->streams[i]));
    }
}

struct local *firehose_local(const struct firehose *firehose)
{
    return firehose->local;
}

void firehose_arn(const struct local *local, const char *name, char out[FIREHOSE_ARN_CAP])
{
    snprintf(out, FIREHOSE_ARN_CAP, "arn:aws:firehose:%s:%s:deliverystream/%s", local->config->region,
             LOCAL_ACCOUNT, name);
}

void firehose_function_arn(const struct local *local, const char *function, char out[FIREHOSE_ARN_CAP])
{
    snprintf(out, FIREHOSE_ARN_CAP, "arn:aws:lambda:%s:%s:function:%s", local->config->region, LOCAL_ACCOUNT,
             function);
}
