/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/outcome.h"

#include <string.h>

#include "forwarder/answer.h"
#include "forwarder/pack.h"
#include "forwarder/packing.h"
#include "forwarder/refusal.h"
#include "forwarder/settle.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/random.h"
#include "lib/retry.h"

enum { TROUBLE_LOG_INTERVAL_MS = 5000 };

static const struct retry_policy record_retry = {.base_ms = 50, .cap_ms = WHEEL_SPAN_MS - 2 * WHEEL_TICK_MS};
static const struct retry_policy request_retry = {.base_ms = 100, .cap_ms = 20000};

/* One log line for many like it: what fails, how often since the last line, and what happens next. */
static void log_trouble(struct engine *engine, const char *event, const char *text, int64_t delay_ms)
{
    int64_t now = clock_monotonic_ms();

    engine->trouble_unlogged++;
    if (engine->trouble_logged_ms != 0 && now - engine->trouble_logged_ms < TROUBLE_LOG_INTERVAL_MS) {
        return;
    }
    LOG_WARN(event, LOG_STR("error", text), LOG_UINT("times", engine->trouble_unlogged),
             LOG_INT("again_in_ms", delay_ms));
    engine->trouble_logged_ms = now;
    engine->trouble_unlogged = 0;
}

static void note_failing(struct engine *engine, int64_t now_ms)
{
    if (engine->failing_since_ms == 0) {
        engine->failing_since_ms = now_ms;
    }
}

/* The whole request is sent again, as it is. */
static void wait_request(struct engine *engine, struct request *request, const char *event, const char *text,
                         int64_t now_ms)
{
    int64_t delay = retry_delay_ms(&request_retry, request->attempts++, random_u64());

    note_failing(engine, now_ms);
    request->state = REQUEST_WAITING;
    request->due_ms = now_ms + delay;
    log_trouble(engine, event, text, delay);
}

/* The records [from, to) are settled or held elsewhere: on with the rest, if there is any, or free the slot.
 */
static bool next_part(struct engine *engine, struct request *request)
{
    if (request->to < request->batch.count) {
        request->from = request->to;
        request->to = request->batch.count;
        return true;
    }
    if (request_reset(request, engine->config->stream)) {
        engine_fail_memory(engine);
    }
    return false;
}

static void finish_part(struct engine *engine, struct request *request, int64_t now_ms)
{
    request->attempts = 0;
    request->outcome_unknown = false;
    if (next_part(engine, request)) {
        request->state = REQUEST_WAITING;
        request->due_ms = now_ms;
    }
}

/* Results of one answer, gathered while it is read; an aggregate counts once. */
struct results {
    struct engine *engine;
    uint8_t failed[BATCH_RECORDS_MAX]; /* enum answer_result */
    size_t throttled;
    size_t internal;
    char first_code[64];
};

static void on_failed_record(void *ctx, size_t index, enum answer_result result, struct str code,
                             struct str message)
{
    struct results *results = ctx;
    struct str shard = answer_shard(message);
    char name[64];

    if (results->throttled + results->internal == 0) {
        size_t len = code.len < sizeof(results->first_code) ? code.len : sizeof(results->first_code) - 1;
        memcpy(results->first_code, code.ptr, len);
    }
    results->failed[index] = (uint8_t)result;
    if (result == ANSWER_THROTTLED) {
        results->throttled++;
        if (shard.len > 0 && shard.len < sizeof(name)) {
            memcpy(name, shard.ptr, shard.len);
            name[shard.len] = '\0';
            metrics_add_label(results->engine->metrics, FWD_SHARD_THROTTLES, name, 1);
        }
    } else {
        results->internal++;
    }
}

/* Puts a record into the wheel, to be sent again. */
static void send_again(struct engine *engine, const struct batch *batch, size_t index, int64_t now_ms)
{
    struct batch_entry entry = batch->entries[index];
    struct held *held;

    entry.partition->in_requests--;
    entry.attempts++;
    held = settle_hold(engine, &entry, batch_json(batch, index));
    if (held) {
        wheel_add(&engine->wheel, now_ms + retry_delay_ms(&record_retry, entry.attempts - 1, random_u64()),
                  held);
    }
}

/* Of the records just confirmed, how old the oldest was. Kafka may have no time for a record. */
static void observe_delivery(struct engine *engine, int64_t oldest_ms)
{
    int64_t age_ms = clock_wall_ms() - oldest_ms;

    if (oldest_ms != INT64_MAX) {
        metrics_observe(engine->metrics, FWD_DELIVERY_SECONDS, age_ms > 0 ? (double)age_ms / 1e3 : 0);
    }
}

static void settle_answer(struct engine *engine, struct request *request, const struct results *results,
                          int64_t now_ms)
{
    size_t failed = results->throttled + results->internal;
    size_t records[] = {[ANSWER_STORED] = 0, [ANSWER_THROTTLED] = 0, [ANSWER_FAILED] = 0};
    int64_t oldest_ms = INT64_MAX;

    for (size_t i = request->from; i < request->to; i++) {
        const struct batch_entry *entry = &request->batch.entries[i];

        records[results->failed[i - request->from]] += pack_records(entry);
        if (results->failed[i - request->from] == ANSWER_STORED) {
            if (entry->timestamp_ms >= 0 && entry->timestamp_ms < oldest_ms) {
                oldest_ms = entry->timestamp_ms;
            }
            settle_confirmed(engine, entry);
        } else {
            send_again(engine, &request->batch, i, now_ms);
        }
    }
    observe_delivery(engine, oldest_ms);
    metrics_add_label(engine->metrics, FWD_RESENT, "record-throttled", records[ANSWER_THROTTLED]);
    metrics_add_label(engine->metrics, FWD_RESENT, "record-failed", records[ANSWER_FAILED]);
    if (failed > 0) {
        log_trouble(engine, "Kinesis refused some records of a request; sending those again",
                    results->first_code, 0);
    }
    rate_report(&engine->rate, now_ms, request->to - request->from - failed, results->throttled);
    if (failed < request->to - request->from) {
        engine->failing_since_ms = 0;
        engine->last_success_wall_ms = clock_wall_ms();
    }
    finish_part(engine, request, now_ms);
}

static void on_ok(struct engine *engine, struct request *request, const struct aws_response *response,
                  int64_t now_ms)
{
    struct results results = {.engine = engine};
    struct error err;

    if (answer_read(buf_str(response->body), request->to - request->from, on_failed_record, &results, &err)) {
        request->outcome_unknown = true;
        metrics_add_label(engine->metrics, FWD_REQUESTS, "unknown", 1);
        wait_request(engine, request, "an answer cannot be read; sending the request again", err.message,
                     now_ms);
        return;
    }
    metrics_add_label(engine->metrics, FWD_REQUESTS, results.throttled + results.internal ? "partial" : "ok",
                      1);
    settle_answer(engine, request, &results, now_ms);
}

static bool is_about_records(const char *code)
{
    return strcmp(code, "ValidationException") == 0 || strcmp(code, "InvalidArgumentException") == 0 ||
           strcmp(code, "SerializationException") == 0;
}

/*
 * A record sent alone is refused, but the stream has not confirmed any other yet: it may be the stream that
 * is wrong, and that must not bury everything. The record is put aside, and the others are tried at a pace
 * that slows down. Once one of them is confirmed the record is refused for good the next time.
 */
static void put_aside(struct engine *engine, struct request *request, const char *text, int64_t now_ms)
{
    static const char event[] = "Kinesis refuses a record and has not confirmed any yet; trying others";

    send_again(engine, &request->batch, request->from, now_ms);
    if (next_part(engine, request)) {
        wait_request(engine, request, event, text, now_ms);
        return;
    }
    note_failing(engine, now_ms);
    log_trouble(engine, event, text, 0);
}

/*
 * Kinesis refuses the request for what is in it. The part is halved until the record is found, while the
 * others are stored. If that is an aggregate, its records are sent one by one.
 */
static void on_invalid(struct engine *engine, struct request *request, const struct aws_response *response,
                       int64_t now_ms)
{
    size_t count = request->to - request->from;

    stream_refresh(&engine->stream);
    if (count > 1) {
        request->to = request->from + count / 2;
        request->state = REQUEST_WAITING;
        request->due_ms = now_ms;
    } else if (request->batch.entries[request->from].pack) {
        packing_undo(engine, &request->batch, request->from);
        finish_part(engine, request, now_ms);
    } else if (engine->confirmed > 0 && engine->stream.known) {
        refusal_bury(engine, request, response->error.message);
        finish_part(engine, request, now_ms);
    } else {
        put_aside(engine, request, response->error.message, now_ms);
    }
}

static void on_failed_request(struct engine *engine, struct request *request,
                              const struct aws_response *response, int64_t now_ms)
{
    static const char *const outcomes[] = {[AWS_OK] = "ok",
                                           [AWS_THROTTLED] = "throttled",
                                           [AWS_RETRY] = "retry",
                                           [AWS_UNKNOWN] = "unknown",
                                           [AWS_REFUSED] = "refused"};
    static const char *const reasons[] = {[AWS_OK] = "",
                                          [AWS_THROTTLED] = "request-throttled",
                                          [AWS_RETRY] = "request-retried",
                                          [AWS_UNKNOWN] = "request-unknown",
                                          [AWS_REFUSED] = "request-refused"};

    metrics_add_label(engine->metrics, FWD_REQUESTS, outcomes[response->outcome], 1);
    metrics_add_label(engine->metrics, FWD_RESENT, reasons[response->outcome], request_records(request));
    if (response->outcome == AWS_REFUSED && is_about_records(response->code)) {
        on_invalid(engine, request, response, now_ms);
        return;
    }
    if (response->outcome == AWS_UNKNOWN) {
        request->outcome_unknown = true;
    }
    if (response->outcome == AWS_THROTTLED) {
        rate_report(&engine->rate, now_ms, 0, request->to - request->from);
    }
    wait_request(engine, request,
                 response->outcome == AWS_REFUSED ? "Kinesis refuses requests; trying again until it does not"
                                                  : "a request failed; sending it again",
                 response->error.message, now_ms);
}

void outcome_answer(void *ctx, const struct aws_response *response)
{
    struct request *request = ctx;
    struct engine *engine = request->engine;
    int64_t now_ms = clock_monotonic_ms();

    engine->sent--;
    metrics_observe(engine->metrics, FWD_REQUEST_SECONDS, (double)response->latency_us / 1e6);
    if (response->outcome == AWS_OK) {
        on_ok(engine, request, response, now_ms);
    } else {
        on_failed_request(engine, request, response, now_ms);
    }
}

void outcome_not_sent(struct engine *engine, struct request *request, const char *why, int64_t now_ms)
{
    wait_request(engine, request, "cannot send to Kinesis; trying again", why, now_ms);
}
