/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/settle.h"

#include <stdlib.h>

#include "forwarder/pack.h"
#include "lib/log.h"

void settle_leave_lane(struct engine *engine, uint32_t lane)
{
    struct held *next = lanes_leave(engine->lanes, lane);

    if (next) {
        held_push(&engine->ready, next);
    }
}

/* Its offset may be committed. */
static void settle(struct engine *engine, struct partition *partition, uint64_t ticket)
{
    offsets_confirm(&partition->offsets, ticket);
    engine->alive--;
    partitions_settle(&engine->partitions, partition);
}

void settle_pack(struct engine *engine, const struct batch_entry *entry)
{
    if (entry->pack) {
        engine->held_bytes -= entry->pack->reserved;
        free(entry->pack);
    }
}

void settle_confirmed(struct engine *engine, const struct batch_entry *entry)
{
    const struct pack *pack = entry->pack;

    entry->partition->in_requests--;
    settle_leave_lane(engine, entry->lane);
    engine->confirmed += pack_records(entry);
    for (size_t i = 0; i < pack_records(entry); i++) {
        settle(engine, entry->partition, pack ? pack->records[i].ticket : entry->ticket);
    }
    settle_pack(engine, entry);
}

void settle_dropped(struct engine *engine, const struct batch_entry *entry, const char *reason)
{
    metrics_add_label(engine->metrics, FWD_DROPPED, reason, 1);
    settle(engine, entry->partition, entry->ticket);
}

void settle_released(struct engine *engine, struct held *held)
{
    size_t count = pack_records(&held->entry);

    settle_leave_lane(engine, held->entry.lane);
    engine->alive -= count;
    engine->held_bytes -= held_size(held->entry.len);
    for (size_t i = 0; i < count; i++) {
        partitions_settle(&engine->partitions, held->entry.partition);
    }
    metrics_add(engine->metrics, FWD_RELEASED, count);
    settle_pack(engine, &held->entry);
    free(held);
}

void engine_dead_lettered(void *ctx, const struct dlq_letter *letter)
{
    struct engine *engine = ctx;

    letter->owner->in_requests--;
    settle(engine, letter->owner, letter->ticket);
    metrics_add_label(engine->metrics, FWD_DEAD_LETTERED, letter->reason, 1);
}

static void send_letter(struct engine *engine, const struct dlq_letter *letter)
{
    struct error err;

    LOG_WARN("record goes to the dead-letter topic", LOG_STR("reason", letter->reason),
             LOG_STR("message", letter->message), LOG_INT("partition", letter->partition),
             LOG_INT("offset", letter->offset));
    letter->owner->in_requests++;
    if (dlq_send(engine->dlq, letter, &err)) {
        letter->owner->in_requests--;
        engine_fail(engine, "cannot reach the dead-letter topic; stopping with the record uncommitted",
                    err.message);
    }
}

void settle_poison(struct engine *engine, const struct dlq_letter *letter)
{
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
        send_letter(engine, letter);
        return;
    }
}

struct held *settle_hold(struct engine *engine, const struct batch_entry *entry, struct str json)
{
    struct held *held = held_new(entry, json);

    if (!held) {
        settle_pack(engine, entry);
        engine_fail_memory(engine);
        return NULL;
    }
    engine->held_bytes += held_size(json.len);
    return held;
}
