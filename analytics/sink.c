/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/sink.h"

#include <stdlib.h>

#include "analytics/backoff.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/random.h"

enum { PUT_TIMEOUT_MS = 30000 };

struct lane {
    struct sink *sink;
    size_t index;
    bool calling;
    struct backoff backoff;
};

struct sink {
    struct context *context;
    const char *shard;
    size_t count;
    struct rows *rows[ENGINE_TARGETS_CAP];
    struct lane lanes[ENGINE_TARGETS_CAP];
};

struct sink *sink_new(struct context *context, const char *shard)
{
    struct sink *sink = calloc(1, sizeof(*sink));

    if (!sink) {
        return NULL;
    }
    sink->context = context;
    sink->shard = shard;
    for (size_t i = 0; i < engine_target_count(context->engine); i++) {
        sink->lanes[i] = (struct lane){.sink = sink, .index = i};
        sink->rows[i] = rows_new(context->delivery_streams[i]);
        sink->count++;
        if (!sink->rows[i]) {
            sink_free(sink);
            return NULL;
        }
    }
    return sink;
}

void sink_free(struct sink *sink)
{
    if (sink) {
        for (size_t i = 0; i < sink->count; i++) {
            rows_free(sink->rows[i]);
        }
        free(sink);
    }
}

struct rows *const *sink_rows(struct sink *sink)
{
    return sink->rows;
}

size_t sink_fullest(const struct sink *sink)
{
    size_t most = 0;

    for (size_t i = 0; i < sink->count; i++) {
        most = sink->rows[i]->count > most ? sink->rows[i]->count : most;
    }
    return most;
}

bool sink_busy(const struct sink *sink)
{
    return sink_fullest(sink) > 0;
}

bool sink_calling(const struct sink *sink)
{
    for (size_t i = 0; i < sink->count; i++) {
        if (sink->lanes[i].calling) {
            return true;
        }
    }
    return false;
}

size_t sink_pending(const struct sink *sink)
{
    size_t rows = 0;

    for (size_t i = 0; i < sink->count; i++) {
        rows += sink->rows[i]->count;
    }
    return rows;
}

unsigned sink_failures(const struct sink *sink)
{
    unsigned most = 0;

    for (size_t i = 0; i < sink->count; i++) {
        most = sink->lanes[i].backoff.attempts > most ? sink->lanes[i].backoff.attempts : most;
    }
    return most;
}

static void try_again(struct lane *lane, enum aws_outcome outcome, const char *code, const char *message)
{
    struct sink *sink = lane->sink;
    struct rows *rows = sink->rows[lane->index];
    int64_t delay_ms = backoff_failed(&lane->backoff, outcome, clock_monotonic_ms(), random_u64());

    metrics_add_label(sink->context->metrics, METRIC_RETRIES, "PutRecordBatch", 1);
    metrics_add(sink->context->metrics, METRIC_ROWS_RESENT, rows->count);
    LOG_WARN("rows are sent again", LOG_STR("delivery_stream", rows->delivery_stream),
             LOG_STR("shard", sink->shard), LOG_UINT("rows", rows->count), LOG_STR("code", code),
             LOG_STR("error", message), LOG_INT("in_ms", delay_ms));
}

/* The answer to a call that Firehose took: some rows may have failed. */
static void take_answer(struct lane *lane, struct str body)
{
    struct sink *sink = lane->sink;
    struct rows *rows = sink->rows[lane->index];
    char code[ROWS_CODE_SIZE];
    struct error err = {0};
    size_t failed = 0;

    if (rows_read_answer(rows, body, &failed, code, &err)) {
        try_again(lane, AWS_UNKNOWN, "", err.message);
        return;
    }
    metrics_add(sink->context->metrics, METRIC_ROWS_DELIVERED, rows->count - failed);
    if (failed < rows->count) {
        backoff_succeeded(&lane->backoff);
    }
    rows_keep_failed(rows);
    if (failed > 0) {
        try_again(lane, AWS_THROTTLED, code, "Firehose refused some of the rows");
    }
}

static void on_answer(void *ctx, const struct aws_response *response)
{
    struct lane *lane = ctx;

    lane->calling = false;
    metrics_observe(lane->sink->context->metrics, METRIC_PUT_SECONDS, (double)response->latency_us / 1e6);
    if (response->outcome == AWS_OK) {
        take_answer(lane, buf_str(response->body));
    } else {
        try_again(lane, response->outcome, response->code, response->error.message);
    }
}

static void start(struct lane *lane, int64_t now_ms)
{
    struct sink *sink = lane->sink;
    struct str body = rows_body(sink->rows[lane->index]);
    struct error err = {0};

    if (body.len == 0) {
        lane->backoff.due_ms = now_ms + 1000;
        LOG_ERROR("rows wait for memory", LOG_STR("shard", sink->shard), LOG_INT("in_ms", 1000));
        return;
    }
    if (aws_call(sink->context->firehose, "Firehose_20150804.PutRecordBatch", body, PUT_TIMEOUT_MS, on_answer,
                 lane, &err)) {
        try_again(lane, AWS_RETRY, "", err.message);
        return;
    }
    lane->calling = true;
}

int64_t sink_step(struct sink *sink, int64_t now_ms)
{
    int64_t due_ms = INT64_MAX;

    for (size_t i = 0; i < sink->count; i++) {
        struct lane *lane = &sink->lanes[i];
        if (sink->rows[i]->count == 0 || lane->calling) {
            continue;
        }
        if (lane->backoff.due_ms <= now_ms) {
            start(lane, now_ms);
        }
        if (!lane->calling && lane->backoff.due_ms < due_ms) {
            due_ms = lane->backoff.due_ms;
        }
    }
    return due_ms;
}
