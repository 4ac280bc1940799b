/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/intake.h"

#include <stdlib.h>

#include "forwarder/arrival.h"
#include "forwarder/packing.h"
#include "forwarder/sender.h"
#include "forwarder/settle.h"

/* True if a record whose JSON takes up to `bound` bytes may be taken in. With nothing in hand one always may.
 */
static bool has_memory(const struct engine *engine, size_t bound)
{
    return engine->alive == 0 || engine->used + 2 * bound <= engine->held_cap;
}

static void seal(struct engine *engine)
{
    engine->open->state = REQUEST_SEALED;
    engine->open = NULL;
}

/* The batch to fill, with room for a record of that size; NULL while all are on their way. */
static struct request *open_request(struct engine *engine, size_t raw, int64_t now_ms)
{
    if (engine->open && batch_fits(&engine->open->batch, raw)) {
        return engine->open;
    }
    if (engine->open) {
        seal(engine);
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
            settle_released(engine, held_pop(&engine->ready));
            continue;
        }
        request = open_request(engine, held->entry.raw, now_ms);
        if (request && packing_ready(engine, &request->batch)) {
            continue;
        }
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

/* An earlier record of the key is on its way: this one waits in the lane. */
static void wait_in_lane(struct engine *engine, const struct arrival *arrival)
{
    struct buf json;
    struct held *held;

    buf_init(&json, batch_encoded_bound(&arrival->put));
    batch_encode(&arrival->put, &json);
    held = settle_hold(engine, &arrival->entry, buf_str(&json));
    if (held) {
        lanes_wait(engine->lanes, arrival->entry.lane, held);
    }
    buf_done(&json);
}

static void bury(struct engine *engine, const struct arrival *arrival)
{
    struct kafka_header headers[DLQ_HEADERS_MAX];
    const struct dlq_letter letter = arrival_letter(engine, arrival, headers);

    settle_poison(engine, &letter);
}

/* Puts a counted record where it belongs. `request` has room for it unless its lane is busy. */
static void route(struct engine *engine, const struct arrival *arrival, struct request *request)
{
    const struct batch_entry *entry = &arrival->entry;

    if (arrival->poison) {
        bury(engine, arrival);
    } else if (arrival->dropped) {
        settle_dropped(engine, entry, "null-value");
    } else if (lanes_enter(engine->lanes, entry->lane)) {
        entry->partition->in_requests++;
        if (batch_add(&request->batch, &arrival->put, entry)) {
            engine_fail_memory(engine);
        }
    } else {
        wait_in_lane(engine, arrival);
    }
}

static bool may_take(const struct engine *engine)
{
    return !engine->draining && !engine->failed && engine->stream.known && !engine->ready.head;
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
    arrival_read(engine, record, partition, &arrival);
    engine->wanted = batch_encoded_bound(&arrival.put);
    if (!has_memory(engine, engine->wanted)) {
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
    engine->used += engine->wanted;
    engine->wanted = 0;
    route(engine, &arrival, request);
    consumer_pop(engine->consumer);
    return true;
}

static bool open_is_full(const struct engine *engine)
{
    return engine->open && engine->open->batch.count == BATCH_RECORDS_MAX;
}

void intake_run(struct engine *engine, int64_t now_ms)
{
    for (;;) {
        bool more = fill_from_ready(engine, now_ms);

        while (more && !open_is_full(engine) && may_take(engine)) {
            more = take_record(engine, now_ms);
        }
        if (!open_is_full(engine)) {
            return;
        }
        seal(engine);
        sender_run(engine, now_ms);
    }
}

bool intake_hungry(const struct engine *engine)
{
    bool has_slot = engine->open && engine->open->batch.count < BATCH_RECORDS_MAX;

    for (size_t i = 0; !has_slot && i < engine->request_count; i++) {
        has_slot = engine->requests[i].state == REQUEST_FREE;
    }
    return has_slot && may_take(engine) && has_memory(engine, engine->wanted);
}
