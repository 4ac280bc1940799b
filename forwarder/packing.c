/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/packing.h"

#include <stdlib.h>
#include <string.h>

#include "forwarder/aggregate.h"
#include "forwarder/pack.h"
#include "forwarder/settle.h"
#include "lib/base64.h"
#include "lib/log.h"

enum { DECODE_SLACK = 2 /* bytes that decoding base64 may reserve beyond what it gives */ };

/* What an aggregate is to be made of. */
struct plan {
    struct str keys; /* as they stand in the JSON of each */
    cJSON *document; /* owns the next two */
    struct str partition_key;
    struct str hash_key; /* empty: none */
    size_t count;
};

int packing_init(struct engine *engine)
{
    size_t bytes = (size_t)engine->config->aggregate_bytes;

    if (bytes > 0) {
        buf_init(&engine->aggregate, bytes + DECODE_SLACK);
        buf_reserve(&engine->aggregate, bytes + DECODE_SLACK);
    }
    return buf_error(&engine->aggregate);
}

static struct str json_of(const struct held *held)
{
    return (struct str){held->json, held->entry.len};
}

/* True if `held` may be packed, and together with `first`, whose JSON ends with `first_keys`. */
static bool goes_with(const struct held *held, const struct held *first, struct str first_keys)
{
    struct str data;
    struct str keys;

    if (held->entry.attempts > 0 || held->entry.partition != first->entry.partition) {
        return false;
    }
    batch_split(json_of(held), &data, &keys);
    return str_eq(keys, first_keys) && !aggregate_is_one(data);
}

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;

    return least < c ? least : c;
}

/* How many of them fit into one Kinesis record and into the batch. */
static size_t count_fitting(const struct engine *engine, const struct batch *batch, const struct held *first,
                            const struct plan *plan)
{
    size_t cap = smallest((size_t)engine->config->aggregate_bytes, engine->stream.record_cap,
                          BATCH_RAW_MAX - batch->raw);
    size_t key_len = plan->partition_key.len;
    size_t raw = key_len + aggregate_base_size(plan->partition_key, plan->hash_key);
    const struct held *behind = lanes_first(engine->lanes, first->entry.lane);
    const struct held *held = first;
    size_t count = 0;

    while (held && count < AGGREGATE_RECORDS_MAX && goes_with(held, first, plan->keys)) {
        raw += aggregate_record_size(held->entry.raw - key_len, plan->hash_key.len > 0);
        if (raw > cap) {
            break;
        }
        count++;
        held = held == first ? behind : held->next;
    }
    return count;
}

/* False if the record goes alone. */
static bool make_plan(const struct engine *engine, const struct batch *batch, const struct held *first,
                      struct plan *plan)
{
    const struct held *behind = lanes_first(engine->lanes, first->entry.lane);
    struct str data;

    if (!behind) {
        return false;
    }
    batch_split(json_of(first), &data, &plan->keys);
    if (!goes_with(first, first, plan->keys) || !goes_with(behind, first, plan->keys)) {
        return false;
    }
    plan->document = batch_decode_keys(json_of(first), &plan->partition_key, &plan->hash_key);
    plan->count = plan->document ? count_fitting(engine, batch, first, plan) : 0;
    if (plan->count < 2) {
        cJSON_Delete(plan->document);
        return false;
    }
    return true;
}

static struct pack *pack_new(size_t count)
{
    struct pack *pack = malloc(sizeof(*pack) + count * sizeof(*pack->records));

    if (pack) {
        pack->reserved = 0;
        pack->count = 0;
    }
    return pack;
}

/* Appends a record's data to the aggregate, and the record to the entry's list. Frees it. */
static void add_record(struct engine *engine, const struct plan *plan, struct held *held,
                       struct batch_entry *entry)
{
    struct buf *out = &engine->aggregate;
    size_t len = held->entry.raw - plan->partition_key.len;
    struct pack *pack = entry->pack;

    aggregate_add_head(out, len, plan->hash_key.len > 0);
    pack->records[pack->count++] = (struct packed){.ticket = held->entry.ticket,
                                                   .offset = held->entry.offset,
                                                   .timestamp_ms = held->entry.timestamp_ms,
                                                   .start = (uint32_t)out->len,
                                                   .len = (uint32_t)len};
    if (batch_decode_data(json_of(held), out)) {
        engine_fail_memory(engine);
    }
    if (held->entry.timestamp_ms >= 0 &&
        (entry->timestamp_ms < 0 || held->entry.timestamp_ms < entry->timestamp_ms)) {
        entry->timestamp_ms = held->entry.timestamp_ms;
    }
    pack->reserved += held_size(held->entry.len) - base64_encoded_size(len);
    engine->held_bytes -= held_size(held->entry.len);
    free(held);
}

/* Puts the aggregate together. Each record is freed as it is copied, so no memory is taken beside
 * `aggregate`. */
static void put_together(struct engine *engine, const struct plan *plan, struct batch_entry *entry)
{
    struct buf *out = &engine->aggregate;

    buf_reset(out);
    aggregate_start(out, plan->partition_key, plan->hash_key);
    add_record(engine, plan, held_pop(&engine->ready), entry);
    for (size_t i = 1; i < plan->count; i++) {
        add_record(engine, plan, lanes_pop(engine->lanes, entry->lane), entry);
    }
    aggregate_end(out);
    engine->held_bytes += entry->pack->reserved;
}

bool packing_ready(struct engine *engine, struct batch *batch)
{
    const struct held *first = engine->ready.head;
    struct batch_entry entry;
    struct batch_record put;
    struct plan plan;

    if (engine->config->aggregate_bytes == 0 || !make_plan(engine, batch, first, &plan)) {
        return false;
    }
    entry = first->entry;
    entry.pack = pack_new(plan.count);
    if (!entry.pack) {
        cJSON_Delete(plan.document);
        return false;
    }
    put_together(engine, &plan, &entry);
    put = (struct batch_record){buf_str(&engine->aggregate), plan.partition_key, plan.hash_key};
    entry.raw = (uint32_t)batch_raw_size(&put);
    if (buf_error(&engine->aggregate) || batch_add(batch, &put, &entry)) {
        settle_pack(engine, &entry);
        engine_fail_memory(engine);
    } else {
        entry.partition->in_requests++;
        metrics_observe(engine->metrics, FWD_AGGREGATE_RECORDS, (double)plan.count);
    }
    cJSON_Delete(plan.document);
    return true;
}

/* The records of an aggregate, whose data are in engine->aggregate, on their own again. */
static struct held_list take_apart(struct engine *engine, const struct batch_entry *entry, struct str json)
{
    size_t key_len = entry->raw - engine->aggregate.len;
    struct held_list list = {NULL, NULL};
    struct held *held = NULL;
    struct buf one;

    buf_init(&one, entry->len);
    for (size_t i = 0; i < entry->pack->count && (i == 0 || held); i++) {
        const struct packed *record = &entry->pack->records[i];
        struct batch_entry alone = *entry;

        alone.pack = NULL;
        alone.ticket = record->ticket;
        alone.offset = record->offset;
        alone.timestamp_ms = record->timestamp_ms;
        alone.raw = (uint32_t)(record->len + key_len);
        alone.attempts++;
        buf_reset(&one);
        batch_encode_like(json, (struct str){engine->aggregate.data + record->start, record->len}, &one);
        held = buf_error(&one) ? NULL : settle_hold(engine, &alone, buf_str(&one));
        if (held) {
            held_push(&list, held);
        }
    }
    if (!held) {
        engine_fail_memory(engine);
    }
    buf_done(&one);
    return list;
}

void packing_undo(struct engine *engine, const struct batch *batch, size_t index)
{
    const struct batch_entry *entry = &batch->entries[index];
    struct str json = batch_json(batch, index);
    struct held_list list = {NULL, NULL};
    struct held *first;

    LOG_WARN("Kinesis refuses an aggregate; sending its records one by one",
             LOG_INT("partition", entry->partition->id), LOG_INT("offset", entry->offset),
             LOG_UINT("records", entry->pack->count));
    buf_reset(&engine->aggregate);
    if (batch_decode_data(json, &engine->aggregate)) {
        engine_fail_memory(engine);
    } else {
        list = take_apart(engine, entry, json);
    }
    entry->partition->in_requests--;
    settle_pack(engine, entry);
    first = held_pop(&list);
    if (first) {
        held_push(&engine->ready, first);
        lanes_wait_first(engine->lanes, entry->lane, &list);
    }
}
