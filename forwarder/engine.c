/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "forwarder/answer.h"
#include "forwarder/lanes.h"
#include "forwarder/metrics.h"
#include "forwarder/partitions.h"
#include "forwarder/rate.h"
#include "forwarder/request.h"
#include "forwarder/stream.h"
#include "forwarder/wheel.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/log.h"
#include "lib/random.h"
#include "lib/retry.h"

enum {
    COMMIT_INTERVAL_MS = 500,
    COMMIT_PARTITIONS_MAX = 4096,
    UNHEALTHY_AFTER_MS = 30000, /* requests failing for longer than this make the service not ready */
    TROUBLE_LOG_INTERVAL_MS = 5000
};

static const struct retry_policy record_retry = {.base_ms = 50, .cap_ms = WHEEL_SPAN_MS - 2 * WHEEL_TICK_MS};
static const struct retry_policy request_retry = {.base_ms = 100, .cap_ms = 20000};

struct engine {
    const struct forwarder_config *config;
    struct aws_client *aws;
    struct creds_chain *creds;
    struct metrics *metrics;
    struct consumer *consumer;
    struct dlq *dlq;
    struct stream stream;
    enum key_source key_source;
    const char *key_header;

    struct partitions partitions;
    struct lanes *lanes;
    struct held_list ready; /* settled lanes' next records and what the wheel gave back: before new ones */
    struct wheel wheel;
    struct rate rate;
    struct request *requests;
    size_t request_count;
    struct request *open;
    size_t sent; /* requests without an answer */

    size_t alive;      /* records consumed and not settled */
    size_t held_bytes; /* records on their own */
    size_t held_cap;
    size_t used; /* memory_used() at the start of the turn, and what was taken in since */

    int64_t commit_due_ms;
    size_t commits_pending;
    int64_t revoke_deadline_ms;
    int64_t failing_since_ms; /* 0: the last request did not fail */
    int64_t last_success_wall_ms;
    int64_t trouble_logged_ms;
    uint64_t trouble_unlogged;
    uint64_t consumed;
    uint64_t consumed_bytes;
    uint64_t confirmed;
    bool draining;
    bool failed;
};

/* --- a record's end --------------------------------------------------------------------------------------
 */

/* The record leaves its lane: the next one of the key may go. */
static void leave_lane(struct engine *engine, uint32_t lane)
{
    struct held *next = lanes_leave(engine->lanes, lane);

    if (next) {
        held_push(&engine->ready, next);
    }
}

/* The record is settled with its offset committable. */
static void settle(struct engine *engine, struct partition *partition, uint64_t ticket)
{
    offsets_confirm(&partition->offsets, ticket);
    engine->alive--;
    partitions_settle(&engine->partitions, partition);
}

static void confirm(struct engine *engine, const struct batch_entry *entry)
{
    entry->partition->in_requests--;
    leave_lane(engine, entry->lane);
    settle(engine, entry->partition, entry->ticket);
    engine->confirmed++;
}

/* The record's partition has gone to another owner, who will read it again from Kafka. */
static void release(struct engine *engine, struct held *held)
{
    leave_lane(engine, held->entry.lane);
    engine->alive--;
    engine->held_bytes -= held_size(held->entry.len);
    partitions_settle(&engine->partitions, held->entry.partition);
    metrics_add(engine->metrics, FWD_RELEASED, 1);
    free(held);
}

void engine_dead_lettered(void *ctx, const struct dlq_letter *letter)
{
    struct engine *engine = ctx;

    letter->owner->in_requests--;
    settle(engine, letter->owner, letter->ticket);
    metrics_add_label(engine->metrics, FWD_DEAD_LETTERED, letter->reason, 1);
}

static void fail_for_good(struct engine *engine, const char *event, const char *why)
{
    if (!engine->failed) {
        LOG_ERROR(event, LOG_STR("error", why));
    }
    engine->failed = true;
}

/*
 * A record that Kinesis can never take, by the configured policy. `letter` has owner and ticket set; its
 * lane, if any, was left. Counted as alive until it is settled.
 */
static void bury(struct engine *engine, const struct dlq_letter *letter)
{
    struct error err;

    switch ((enum forwarder_poison)engine->config->poison) {
    case POISON_DROP:
        LOG_WARN("record dropped, as FORWARDER_POISON=drop says", LOG_STR("reason", letter->reason),
                 LOG_INT("partition", letter->partition), LOG_INT("offset", letter->offset));
        metrics_add_label(engine->metrics, FWD_DROPPED, letter->reason, 1);
        settle(engine, letter->owner, letter->ticket);
        return;
    case POISON_STOP:
        LOG_ERROR("stopping before a record that Kinesis can never take, as FORWARDER_POISON=stop says",
                  LOG_STR("reason", letter->reason), LOG_STR("message", letter->message),
                  LOG_INT("partition", letter->partition), LOG_INT("offset", letter->offset));
        engine->failed = true;
        return;
    case POISON_DLQ:
        break;
    }
    LOG_WARN("record goes to the dead-letter topic", LOG_STR("reason", letter->reason),
             LOG_STR("message", letter->message), LOG_INT("partition", letter->partition),
             LOG_INT("offset", letter->offset));
    letter->owner->in_requests++;
    if (dlq_send(engine->dlq, letter, &err)) {
        letter->owner->in_requests--;
        fail_for_good(engine, "cannot reach the dead-letter topic; stopping with the record uncommitted",
                      err.message);
    }
}

/* --- records that wait on their own ----------------------------------------------------------------------
 */

static struct held *hold(struct engine *engine, const struct batch_entry *entry, struct str json)
{
    struct held *held = held_new(entry, json);

    if (!held) {
        fail_for_good(engine, "out of memory; stopping with records uncommitted", "");
        return NULL;
    }
    engine->held_bytes += held_size(json.len);
    return held;
}

/* Puts a record into the wheel, to be sent again. */
static void send_again(struct engine *engine, const struct batch *batch, size_t index, int64_t now_ms)
{
    struct batch_entry entry = batch->entries[index];
    struct held *held;

    entry.partition->in_requests--;
    entry.attempts++;
    held = hold(engine, &entry, batch_json(batch, index));
    if (held) {
        wheel_add(&engine->wheel, now_ms + retry_delay_ms(&record_retry, entry.attempts - 1, random_u64()),
                  held);
    }
}

/* --- taking records --------------------------------------------------------------------------------------
 */

static size_t memory_used(const struct engine *engine)
{
    size_t used = engine->held_bytes + dlq_bytes(engine->dlq);

    for (size_t i = 0; i < engine->request_count; i++) {
        used += request_bytes(&engine->requests[i]);
    }
    for (const struct partition *p = engine->partitions.list; p; p = p->next) {
        used += p->offsets.size * sizeof(*p->offsets.ring);
    }
    return used;
}

/* True if a record whose JSON takes up to `bound` bytes may be taken in. With nothing in hand one always may.
 */
static bool has_memory(const struct engine *engine, size_t bound)
{
    return engine->alive == 0 || engine->used + 2 * bound <= engine->held_cap;
}

/* The batch to fill, with room for a record of that size; NULL while all are on their way. */
static struct request *open_request(struct engine *engine, size_t raw, int64_t now_ms)
{
    if (engine->open && batch_fits(&engine->open->batch, raw)) {
        return engine->open;
    }
    if (engine->open) {
        engine->open->state = REQUEST_SEALED;
        engine->open = NULL;
    }
    for (size_t i = 0; i < engine->request_count; i++) {
        if (engine->requests[i].state == REQUEST_FREE) {
            engine->open = &engine->requests[i];
            engine->open->state = REQUEST_OPEN;
            engine->open->opened_ms = now_ms;
            return engine->open;
        }
    }
    return NULL;
}

/* Moves records that waited into batches. False when no batch has room. */
static bool fill_from_ready(struct engine *engine, int64_t now_ms)
{
    while (engine->ready.head) {
        struct held *held = engine->ready.head;
        struct request *request;

        if (!held->entry.partition->owned) {
            release(engine, held_pop(&engine->ready));
            continue;
        }
        request = open_request(engine, held->entry.raw, now_ms);
        if (!request ||
            batch_add_encoded(&request->batch, (struct str){held->json, held->entry.len}, &held->entry)) {
            return false;
        }
        held_pop(&engine->ready);
        held->entry.partition->in_requests++;
        engine->held_bytes -= held_size(held->entry.len);
        free(held);
    }
    return true;
}

/* A record on its way in. */
struct arrival {
    const struct consumer_record *record;
    struct batch_record put;
    struct batch_entry entry;
    const char *poison; /* NULL, or why it can never be put */
    const char *poison_text;
    bool dropped; /* a null value that is not wanted */
    char scratch[KEY_SCRATCH_SIZE];
};

static struct str arrival_key(const struct engine *engine, struct arrival *arrival)
{
    const struct consumer_record *record = arrival->record;

    switch (engine->key_source) {
    case KEY_FROM_PARTITION:
        return key_of_partition(record->partition, arrival->scratch);
    case KEY_RANDOM:
        return key_random(random_u64(), arrival->scratch);
    case KEY_FROM_HEADER:
        return key_map(consumer_header(engine->consumer, engine->key_header), record->partition,
                       record->offset, arrival->scratch);
    case KEY_FROM_KEY:
        break;
    }
    return key_map(record->key, record->partition, record->offset, arrival->scratch);
}

static void arrival_null_value(const struct engine *engine, struct arrival *arrival)
{
    if (arrival->record->value.ptr) {
        return;
    }
    if (engine->config->null_value == NULL_VALUE_DLQ) {
        arrival->poison = "null-value";
        arrival->poison_text = "the record has no value, and FORWARDER_NULL_VALUE is dlq";
    }
    arrival->dropped = engine->config->null_value == NULL_VALUE_DROP;
}

static void arrival_hash_key(const struct engine *engine, struct arrival *arrival)
{
    struct str value;

    if (!engine->config->hash_key_header) {
        return;
    }
    value = consumer_header(engine->consumer, engine->config->hash_key_header);
    if (!value.ptr) {
        return;
    }
    if (key_is_hash_key(value)) {
        arrival->put.hash_key = value;
    } else {
        arrival->poison = "bad-hash-key";
        arrival->poison_text =
            "the header named by FORWARDER_HASH_KEY_HEADER is no decimal number below 2^128";
    }
}

static void read_arrival(const struct engine *engine, const struct consumer_record *record,
                         struct partition *partition, struct arrival *arrival)
{
    size_t raw;

    arrival->record = record;
    arrival->put.data = record->value;
    arrival->put.partition_key = arrival_key(engine, arrival);
    arrival_null_value(engine, arrival);
    arrival_hash_key(engine, arrival);
    raw = batch_raw_size(&arrival->put);
    if (raw > engine->stream.record_cap) {
        arrival->poison = "too-large";
        arrival->poison_text = "value and partition key are larger than the stream's record limit";
    }
    arrival->entry = (struct batch_entry){
        .partition = partition,
        .offset = record->offset,
        .lane = engine->config->order == ORDER_KEY && engine->key_source != KEY_RANDOM
                    ? lanes_index(key_hash(arrival->put.partition_key))
                    : LANE_NONE,
        .raw = (uint32_t)raw,
    };
}

static void bury_arrival(struct engine *engine, const struct arrival *arrival)
{
    const struct consumer_record *record = arrival->record;
    const struct dlq_letter letter = {
        .key = record->key,
        .value = record->value,
        .partition = record->partition,
        .offset = record->offset,
        .timestamp_ms = record->timestamp_ms,
        .reason = arrival->poison,
        .message = arrival->poison_text,
        .owner = arrival->entry.partition,
        .ticket = arrival->entry.ticket,
    };

    bury(engine, &letter);
}

/* Puts a counted record where it belongs. `request` has room for it unless its lane is busy. */
static void route(struct engine *engine, struct arrival *arrival, struct request *request)
{
    struct batch_entry *entry = &arrival->entry;

    if (arrival->poison) {
        bury_arrival(engine, arrival);
    } else if (arrival->dropped) {
        metrics_add_label(engine->metrics, FWD_DROPPED, "null-value", 1);
        settle(engine, entry->partition, entry->ticket);
    } else if (lanes_enter(engine->lanes, entry->lane)) {
        entry->partition->in_requests++;
        if (batch_add(&request->batch, &arrival->put, entry)) {
            fail_for_good(engine, "out of memory; stopping with records uncommitted", "");
        }
    } else {
        struct buf json;
        struct held *held;

        buf_init(&json, batch_encoded_bound(&arrival->put));
        batch_encode(&arrival->put, &json);
        held = hold(engine, entry, buf_str(&json));
        if (held) {
            lanes_wait(engine->lanes, entry->lane, held);
        }
        buf_done(&json);
    }
}

/* Takes the next record from Kafka. False if there is none, or no room for it. */
static bool take_record(struct engine *engine, int64_t now_ms)
{
    const struct consumer_record *record = consumer_peek(engine->consumer);
    struct partition *partition = record ? partitions_find(&engine->partitions, record->partition) : NULL;
    struct request *request = NULL;
    struct arrival arrival = {0};
    bool to_batch;

    if (!record) {
        return false;
    }
    if (!partition || partition->revoking || record->offset < partition->offsets.next) {
        consumer_pop(engine->consumer); /* of a partition that goes: its next owner reads it */
        return true;
    }
    read_arrival(engine, record, partition, &arrival);
    if (!has_memory(engine, batch_encoded_bound(&arrival.put))) {
        return false;
    }
    to_batch = !arrival.poison && !arrival.dropped && !lanes_busy(engine->lanes, arrival.entry.lane);
    if (to_batch && !(request = open_request(engine, arrival.entry.raw, now_ms))) {
        return false;
    }
    if (offsets_add(&partition->offsets, record->offset, &arrival.entry.ticket)) {
        return false; /* out of memory: later */
    }
    partition->alive++;
    engine->alive++;
    engine->consumed++;
    engine->consumed_bytes += arrival.entry.raw;
    engine->used += batch_encoded_bound(&arrival.put);
    route(engine, &arrival, request);
    consumer_pop(engine->consumer);
    return true;
}

/* --- answers ---------------------------------------------------------------------------------------------
 */

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

/* The whole request is sent again, as it is. */
static void wait_request(struct engine *engine, struct request *request, const char *event, const char *text,
                         int64_t now_ms)
{
    int64_t delay = retry_delay_ms(&request_retry, request->attempts++, random_u64());

    if (engine->failing_since_ms == 0) {
        engine->failing_since_ms = now_ms;
    }
    request->state = REQUEST_WAITING;
    request->due_ms = now_ms + delay;
    log_trouble(engine, event, text, delay);
}

/* The records [from, to) are settled or held elsewhere: on with the rest, or free the slot. */
static void finish_part(struct engine *engine, struct request *request, int64_t now_ms)
{
    request->attempts = 0;
    request->outcome_unknown = false;
    if (request->to < request->batch.count) {
        request->from = request->to;
        request->to = request->batch.count;
        request->state = REQUEST_WAITING;
        request->due_ms = now_ms;
        return;
    }
    if (request_reset(request, engine->config->stream)) {
        fail_for_good(engine, "out of memory; stopping with records uncommitted", "");
    }
}

/* Results of one answer, gathered while it is read. */
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

static void settle_answer(struct engine *engine, struct request *request, const struct results *results,
                          int64_t now_ms)
{
    size_t failed = results->throttled + results->internal;

    for (size_t i = request->from; i < request->to; i++) {
        if (results->failed[i - request->from] == ANSWER_STORED) {
            confirm(engine, &request->batch.entries[i]);
        } else {
            send_again(engine, &request->batch, i, now_ms);
        }
    }
    metrics_add_label(engine->metrics, FWD_RESENT, "record-throttled", results->throttled);
    metrics_add_label(engine->metrics, FWD_RESENT, "record-failed", results->internal);
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

/* A record that was sent alone and refused as invalid. */
static void bury_refused(struct engine *engine, struct request *request, const char *text, int64_t now_ms)
{
    const struct batch_entry *entry = &request->batch.entries[request->from];
    struct str json = batch_json(&request->batch, request->from);
    cJSON *put = json_parse(json.ptr, json.len, NULL);
    struct buf data;
    struct dlq_letter letter = {.partition = entry->partition->id,
                                .offset = entry->offset,
                                .timestamp_ms = -1,
                                .reason = entry->raw > engine->stream.record_cap ? "too-large" : "refused",
                                .message = text,
                                .owner = entry->partition,
                                .ticket = entry->ticket};

    buf_init(&data, BATCH_RAW_MAX);
    if (batch_decode_data(json, &data)) {
        fail_for_good(engine, "out of memory; stopping with records uncommitted", "");
    } else {
        letter.value = buf_str(&data);
        if (engine->key_source == KEY_FROM_KEY && json_string(put, "PartitionKey")) {
            letter.key = str_of(json_string(put, "PartitionKey"));
        }
        entry->partition->in_requests--;
        leave_lane(engine, entry->lane);
        bury(engine, &letter);
    }
    cJSON_Delete(put);
    buf_done(&data);
    finish_part(engine, request, now_ms);
}

/*
 * Kinesis refuses the request for what is in it. The part is halved until the record is found, while the
 * others are stored. A single record counts as poisonous only if the stream can be described and has
 * confirmed others: a wrong stream name must not bury everything.
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
    } else if (engine->confirmed > 0 && engine->stream.known) {
        bury_refused(engine, request, response->error.message, now_ms);
    } else {
        wait_request(engine, request, "Kinesis refuses records and has not confirmed any yet; trying again",
                     response->error.message, now_ms);
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
    size_t count = request->to - request->from;

    metrics_add_label(engine->metrics, FWD_REQUESTS, outcomes[response->outcome], 1);
    metrics_add_label(engine->metrics, FWD_RESENT, reasons[response->outcome], count);
    if (response->outcome == AWS_REFUSED && is_about_records(response->code)) {
        on_invalid(engine, request, response, now_ms);
        return;
    }
    if (response->outcome == AWS_UNKNOWN) {
        request->outcome_unknown = true;
    }
    if (response->outcome == AWS_THROTTLED) {
        rate_report(&engine->rate, now_ms, 0, count);
    }
    wait_request(engine, request,
                 response->outcome == AWS_REFUSED ? "Kinesis refuses requests; trying again until it does not"
                                                  : "a request failed; sending it again",
                 response->error.message, now_ms);
}

static void on_answer(void *ctx, const struct aws_response *response)
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

/* --- sending ---------------------------------------------------------------------------------------------
 */

static void send_request(struct engine *engine, struct request *request, int64_t now_ms)
{
    struct str body;
    struct error err;

    if (request->state != REQUEST_WAITING) {
        request->from = 0;
        request->to = request->batch.count;
    }
    if (request == engine->open) {
        engine->open = NULL;
    }
    body = batch_body(&request->batch, request->from, request->to, &request->part);
    if (body.len == 0) {
        wait_request(engine, request, "out of memory for a request; trying again", "", now_ms);
        return;
    }
    if (aws_call(engine->aws, "Kinesis_20131202.PutRecords", body, engine->config->request_timeout_ms,
                 on_answer, request, &err)) {
        wait_request(engine, request, "cannot send to Kinesis; trying again", err.message, now_ms);
        return;
    }
    if (request->outcome_unknown) {
        metrics_add(engine->metrics, FWD_POSSIBLE_DUPLICATES, request->to - request->from);
        request->outcome_unknown = false;
    }
    request->state = REQUEST_SENT;
    engine->sent++;
    rate_spend(&engine->rate, request->to - request->from);
    metrics_observe(engine->metrics, FWD_BATCH_RECORDS, (double)(request->to - request->from));
}

static bool is_due(const struct engine *engine, const struct request *request, int64_t now_ms)
{
    switch (request->state) {
    case REQUEST_SEALED:
        return true;
    case REQUEST_WAITING:
        return now_ms >= request->due_ms;
    case REQUEST_OPEN:
        return request->batch.count > 0 && (engine->draining || consumer_revoking(engine->consumer) ||
                                            request->batch.count == BATCH_RECORDS_MAX ||
                                            now_ms - request->opened_ms >= engine->config->linger_ms);
    case REQUEST_FREE:
    case REQUEST_SENT:
        break;
    }
    return false;
}

static void send_due(struct engine *engine, int64_t now_ms)
{
    for (size_t i = 0; i < engine->request_count; i++) {
        if (engine->sent >= (size_t)engine->config->in_flight || rate_delay_ms(&engine->rate, now_ms) > 0) {
            return;
        }
        if (is_due(engine, &engine->requests[i], now_ms)) {
            send_request(engine, &engine->requests[i], now_ms);
        }
    }
}

/* --- commits and rebalances ------------------------------------------------------------------------------
 */

/* Fills `offsets` with what is due and marks it as given to a commit. */
static size_t collect_commits(struct engine *engine, struct consumer_offset *offsets, size_t size)
{
    size_t count = 0;

    for (struct partition *p = engine->partitions.list; p && count < size; p = p->next) {
        if (partition_commit_due(p)) {
            p->committed = offsets_commit(&p->offsets);
            offsets[count++] = (struct consumer_offset){p->id, p->committed};
        }
    }
    return count;
}

static void commit_due(struct engine *engine, int64_t now_ms)
{
    static struct consumer_offset offsets[COMMIT_PARTITIONS_MAX];
    size_t count;

    if (now_ms < engine->commit_due_ms || engine->commits_pending > 0) {
        return;
    }
    engine->commit_due_ms = now_ms + COMMIT_INTERVAL_MS;
    count = collect_commits(engine, offsets, COMMIT_PARTITIONS_MAX);
    if (count > 0) {
        engine->commits_pending++;
        consumer_commit(engine->consumer, offsets, count);
    }
}

static void on_committed(void *ctx, bool ok)
{
    struct engine *engine = ctx;

    if (engine->commits_pending > 0) {
        engine->commits_pending--;
    }
    metrics_add_label(engine->metrics, FWD_COMMITS, ok ? "ok" : "failed", 1);
    if (!ok) {
        for (struct partition *p = engine->partitions.list; p; p = p->next) {
            p->committed = -1; /* all of them go with the next commit */
        }
    }
}

void engine_commit_wait(struct engine *engine)
{
    static struct consumer_offset offsets[COMMIT_PARTITIONS_MAX];
    size_t count;
    struct error err;

    for (struct partition *p = engine->partitions.list; p; p = p->next) {
        p->committed = -1;
    }
    count = collect_commits(engine, offsets, COMMIT_PARTITIONS_MAX);
    if (count > 0 && consumer_commit_wait(engine->consumer, offsets, count, &err)) {
        LOG_WARN("the last commit failed; the next owner repeats what it would have covered",
                 LOG_STR("error", err.message));
    }
}

static void on_assigned(void *ctx, int32_t id)
{
    struct engine *engine = ctx;

    if (partitions_add(&engine->partitions, id)) {
        fail_for_good(engine, "out of memory; stopping with records uncommitted", "");
    }
    metrics_add_label(engine->metrics, FWD_REBALANCES, "assigned", 1);
    LOG_INFO("partition assigned", LOG_INT("partition", id));
}

static void on_revoked(void *ctx, int32_t id, bool lost)
{
    struct engine *engine = ctx;
    struct partition *partition = partitions_find(&engine->partitions, id);

    metrics_add_label(engine->metrics, FWD_REBALANCES, lost ? "lost" : "revoked", 1);
    if (!partition || engine->draining) {
        return; /* when the process ends, what could be sent was sent and committed before */
    }
    LOG_INFO(lost ? "partition lost; its records are left to the next owner"
                  : "partition revoked; waiting for its requests, then handing it back",
             LOG_INT("partition", id), LOG_UINT("records_in_hand", partition->alive));
    if (lost) {
        partitions_drop(&engine->partitions, partition);
        return;
    }
    partition->revoking = true;
    engine->revoke_deadline_ms = clock_monotonic_ms() + engine->config->service.drain_timeout_ms;
}

static bool revoked_are_quiet(const struct engine *engine)
{
    for (const struct partition *p = engine->partitions.list; p; p = p->next) {
        if (p->owned && p->revoking && p->in_requests > 0) {
            return false;
        }
    }
    return true;
}

static void hand_back(struct engine *engine, int64_t now_ms)
{
    struct partition *next;

    if (!consumer_revoking(engine->consumer) ||
        (!revoked_are_quiet(engine) && now_ms < engine->revoke_deadline_ms)) {
        return;
    }
    engine_commit_wait(engine);
    for (struct partition *p = engine->partitions.list; p; p = next) {
        next = p->next;
        if (p->owned && p->revoking) {
            LOG_INFO("partition handed back", LOG_INT("partition", p->id),
                     LOG_UINT("records_left_to_next_owner", p->alive));
            partitions_drop(&engine->partitions, p);
        }
    }
    consumer_release(engine->consumer);
}

struct consumer_events engine_consumer_events(struct engine *engine)
{
    return (struct consumer_events){
        .assigned = on_assigned, .revoked = on_revoked, .committed = on_committed, .ctx = engine};
}

/* --- the turn of the loop --------------------------------------------------------------------------------
 */

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
    if (!engine->lanes || !engine->requests) {
        error_set(err, ERROR_MEMORY, false, "out of memory");
        engine_free(engine);
        return NULL;
    }
    for (size_t i = 0; i < engine->request_count; i++) {
        engine->requests[i].engine = engine;
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
        batch_done(&engine->requests[i].batch);
        buf_done(&engine->requests[i].part);
    }
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

static bool may_take(const struct engine *engine)
{
    return !engine->draining && !engine->failed && engine->stream.known && !engine->ready.head;
}

bool engine_hungry(const struct engine *engine)
{
    bool has_slot = engine->open && engine->open->batch.count < BATCH_RECORDS_MAX;

    for (size_t i = 0; !has_slot && i < engine->request_count; i++) {
        has_slot = engine->requests[i].state == REQUEST_FREE;
    }
    return has_slot && may_take(engine) && has_memory(engine, 0);
}

void engine_run(struct engine *engine, int64_t now_ms)
{
    engine->used = memory_used(engine);
    stream_run(&engine->stream, now_ms);
    wheel_take_due(&engine->wheel, now_ms, &engine->ready);
    for (;;) {
        bool filled = fill_from_ready(engine, now_ms);
        while (filled && may_take(engine) && take_record(engine, now_ms)) {
            if (engine->open && engine->open->batch.count == BATCH_RECORDS_MAX) {
                break;
            }
        }
        if (!engine->open || engine->open->batch.count < BATCH_RECORDS_MAX) {
            break;
        }
        engine->open->state = REQUEST_SEALED;
        engine->open = NULL;
        send_due(engine, now_ms);
    }
    send_due(engine, now_ms);
    commit_due(engine, now_ms);
    hand_back(engine, now_ms);
}

static int64_t request_due_ms(const struct engine *engine, const struct request *request, int64_t now_ms)
{
    switch (request->state) {
    case REQUEST_SEALED:
        return now_ms;
    case REQUEST_WAITING:
        return request->due_ms;
    case REQUEST_OPEN:
        return request->batch.count > 0 ? request->opened_ms + engine->config->linger_ms : INT64_MAX;
    case REQUEST_FREE:
    case REQUEST_SENT:
        break;
    }
    return INT64_MAX;
}

int64_t engine_timeout_ms(struct engine *engine, int64_t now_ms)
{
    int64_t due = engine->commit_due_ms > now_ms ? engine->commit_due_ms : now_ms + COMMIT_INTERVAL_MS;
    int64_t wheel_due = wheel_next_ms(&engine->wheel);

    if (engine->sent < (size_t)engine->config->in_flight) {
        int64_t earliest = now_ms + rate_delay_ms(&engine->rate, now_ms);
        for (size_t i = 0; i < engine->request_count; i++) {
            int64_t request_due = request_due_ms(engine, &engine->requests[i], now_ms);
            if (request_due != INT64_MAX && request_due < earliest) {
                request_due = earliest;
            }
            due = request_due < due ? request_due : due;
        }
    }
    due = wheel_due < due ? wheel_due : due;
    if (engine->stream.due_ms != 0 && engine->stream.due_ms < due) {
        due = engine->stream.due_ms;
    }
    return due > now_ms ? due - now_ms : 0;
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

const char *engine_not_ready(struct engine *engine, int64_t now_ms)
{
    struct error err;

    if (!engine->stream.known) {
        return "the stream has not been described yet";
    }
    if (!consumer_joined(engine->consumer)) {
        return "not a member of the consumer group yet";
    }
    if (!creds_chain_get(engine->creds, clock_wall_ms(), &err)) {
        return "no valid AWS credentials";
    }
    if (engine->failing_since_ms != 0 && now_ms - engine->failing_since_ms > UNHEALTHY_AFTER_MS) {
        return "requests to Kinesis have been failing for more than 30 s";
    }
    return NULL;
}

static void update_lag(struct engine *engine)
{
    char label[16];

    metrics_clear_labels(engine->metrics, FWD_LAG);
    for (const struct partition *p = engine->partitions.list; p; p = p->next) {
        int64_t high = p->owned ? consumer_high_watermark(engine->consumer, p->id) : -1;
        int64_t next = offsets_commit(&p->offsets);
        if (high >= 0 && next >= 0) {
            snprintf(label, sizeof(label), "%d", p->id);
            metrics_set_label(engine->metrics, FWD_LAG, label, (double)(high - next));
        }
    }
}

void engine_update_gauges(struct engine *engine)
{
    struct metrics *metrics = engine->metrics;
    struct error err;
    const struct creds *creds = creds_chain_get(engine->creds, clock_wall_ms(), &err);
    size_t owned = 0;

    for (const struct partition *p = engine->partitions.list; p; p = p->next) {
        owned += p->owned;
    }
    metrics_set(metrics, FWD_CONSUMED, (double)engine->consumed);
    metrics_set(metrics, FWD_CONSUMED_BYTES, (double)engine->consumed_bytes);
    metrics_set(metrics, FWD_CONFIRMED, (double)engine->confirmed);
    metrics_set(metrics, FWD_IN_FLIGHT, (double)engine->alive);
    metrics_set(metrics, FWD_HELD_BYTES, (double)memory_used(engine));
    metrics_set(metrics, FWD_REQUESTS_IN_FLIGHT, (double)engine->sent);
    metrics_set(metrics, FWD_RATE_LIMIT, rate_limit(&engine->rate));
    metrics_set(metrics, FWD_PARTITIONS, (double)owned);
    metrics_set(metrics, FWD_CREDENTIALS_EXPIRY, creds ? (double)creds->expires_ms / 1000 : 0);
    metrics_set(metrics, FWD_LAST_SUCCESS, (double)engine->last_success_wall_ms / 1000);
    metrics_set(metrics, FWD_RECORD_CAP, (double)engine->stream.record_cap);
    update_lag(engine);
}
