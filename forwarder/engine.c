/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/engine_state.h"

#include <stdlib.h>

#include "forwarder/handover.h"
#include "forwarder/intake.h"
#include "forwarder/packing.h"
#include "forwarder/sender.h"
#include "lib/clock.h"
#include "lib/log.h"

struct engine *engine_new(const struct engine_options *options, struct error *err)
{
    struct engine *engine = calloc(1, sizeof(*engine));
    int64_t now_ms = clock_monotonic_ms();

    if (!engine) {
        error_set(err, ERROR_MEMORY, false, "out of memory");
        return NULL;
    }
    engine->config = options->config;
    engine->aws = options->aws;
    engine->creds = options->creds;
    engine->metrics = options->metrics;
    engine->held_cap =
        (size_t)(options->config->buffer_bytes - consumer_queue_share(options->config->buffer_bytes));
    key_parse_source(options->config->partition_key, &engine->key_source, &engine->key_header);
    stream_init(&engine->stream, options->aws, options->config->stream);
    wheel_init(&engine->wheel, now_ms);
    rate_init(&engine->rate, now_ms);
    engine->lanes = calloc(1, sizeof(*engine->lanes));
    /* One more than are sent at once, so that a batch fills while all are on their way. */
    engine->request_count = (size_t)options->config->in_flight + 1;
    engine->requests = calloc(engine->request_count, sizeof(*engine->requests));
    if (!engine->lanes || !engine->requests || packing_init(engine)) {
        error_set(err, ERROR_MEMORY, false, "out of memory");
        engine_free(engine);
        return NULL;
    }
    for (size_t i = 0; i < engine->request_count; i++) {
        engine->requests[i].engine = engine;
        engine->requests[i].keep_bytes =
            (engine->held_cap - (size_t)options->config->aggregate_bytes) / 2 / engine->request_count;
        buf_init(&engine->requests[i].part, BATCH_BODY_CAP);
        if (batch_init(&engine->requests[i].batch, options->config->stream)) {
            error_set(err, ERROR_MEMORY, false, "out of memory");
            engine_free(engine);
            return NULL;
        }
    }
    return engine;
}

void engine_free(struct engine *engine)
{
    if (!engine) {
        return;
    }
    for (size_t i = 0; engine->requests && i < engine->request_count; i++) {
        request_done(&engine->requests[i]);
    }
    buf_done(&engine->aggregate);
    held_free_all(&engine->ready);
    wheel_free(&engine->wheel);
    partitions_free(&engine->partitions);
    stream_done(&engine->stream);
    free(engine->requests);
    lanes_free(engine->lanes);
    free(engine);
}

void engine_attach(struct engine *engine, struct consumer *consumer, struct dlq *dlq)
{
    engine->consumer = consumer;
    engine->dlq = dlq;
}

bool engine_hungry(const struct engine *engine)
{
    return intake_hungry(engine);
}

size_t engine_memory(const struct engine *engine)
{
    size_t used = engine->held_bytes + engine->aggregate.size + dlq_bytes(engine->dlq);

    for (size_t i = 0; i < engine->request_count; i++) {
        used += request_bytes(&engine->requests[i]);
    }
    for (const struct partition *p = engine->partitions.list; p; p = p->next) {
        used += p->offsets.size * sizeof(*p->offsets.ring);
    }
    return used;
}

void engine_run(struct engine *engine, int64_t now_ms)
{
    engine->used = engine_memory(engine);
    stream_run(&engine->stream, now_ms);
    wheel_take_due(&engine->wheel, now_ms, &engine->ready);
    intake_run(engine, now_ms);
    sender_run(engine, now_ms);
    handover_run(engine, now_ms);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t engine_timeout_ms(struct engine *engine, int64_t now_ms)
{
    int64_t due = earlier(handover_next_ms(engine, now_ms), sender_next_ms(engine, now_ms));

    due = earlier(due, wheel_next_ms(&engine->wheel));
    due = earlier(due, stream_next_ms(&engine->stream));
    return due > now_ms ? due - now_ms : 0;
}

void engine_fail(struct engine *engine, const char *event, const char *why)
{
    if (!engine->failed) {
        LOG_ERROR(event, LOG_STR("error", why));
    }
    engine->failed = true;
}

void engine_fail_memory(struct engine *engine)
{
    engine_fail(engine, "stopping with records uncommitted", "out of memory");
}

void engine_drain(struct engine *engine)
{
    engine->draining = true;
}

uint64_t engine_confirmed(const struct engine *engine)
{
    return engine->confirmed;
}

size_t engine_in_flight(const struct engine *engine)
{
    return engine->alive;
}

bool engine_failed(const struct engine *engine)
{
    return engine->failed;
}
