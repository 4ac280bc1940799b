/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/handover.h"

#include "lib/clock.h"
#include "lib/log.h"

enum { COMMIT_INTERVAL_MS = 500, COMMIT_PARTITIONS_MAX = 4096 };

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

/* The broker has what was given to the last commit. */
static void acknowledge(struct engine *engine)
{
    for (struct partition *p = engine->partitions.list; p; p = p->next) {
        if (p->owned && p->committed > p->acked) {
            p->acked = p->committed;
        }
    }
}

static void on_committed(void *ctx, bool ok)
{
    struct engine *engine = ctx;

    if (engine->commits_pending > 0) {
        engine->commits_pending--;
    }
    metrics_add_label(engine->metrics, FWD_COMMITS, ok ? "ok" : "failed", 1);
    if (ok) {
        acknowledge(engine);
    }
    for (struct partition *p = engine->partitions.list; !ok && p; p = p->next) {
        p->committed = -1; /* all of them go with the next commit */
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
    } else {
        acknowledge(engine);
    }
}

static void on_assigned(void *ctx, int32_t id)
{
    struct engine *engine = ctx;

    if (partitions_add(&engine->partitions, id)) {
        engine_fail_memory(engine);
    }
    metrics_add_label(engine->metrics, FWD_REBALANCES, "assigned", 1);
    LOG_INFO("partition assigned", LOG_INT("partition", id));
}

static void on_revoked(void *ctx, int32_t id, bool lost)
{
    struct engine *engine = ctx;
    struct partition *partition = partitions_find(&engine->partitions, id);

    metrics_add_label(engine->metrics, FWD_REBALANCES, lost ? "lost" : "revoked", 1);
    if (!partition) {
        return;
    }
    LOG_INFO(lost ? "partition lost; its records are left to the next owner"
                  : "partition revoked; waiting for its requests, then handing it back",
             LOG_INT("partition", id), LOG_UINT("records_in_hand", partition->alive));
    if (lost) {
        metrics_add(engine->metrics, FWD_POSSIBLE_DUPLICATES, partition_uncommitted(partition));
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
            metrics_add(engine->metrics, FWD_POSSIBLE_DUPLICATES, partition_uncommitted(p));
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

void handover_run(struct engine *engine, int64_t now_ms)
{
    commit_due(engine, now_ms);
    hand_back(engine, now_ms);
}

int64_t handover_next_ms(const struct engine *engine, int64_t now_ms)
{
    return engine->commit_due_ms > now_ms ? engine->commit_due_ms : now_ms + COMMIT_INTERVAL_MS;
}
