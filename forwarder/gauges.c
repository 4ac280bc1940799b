/* SPDX-License-Identifier: Apache-2.0 */
/* What the engine tells of itself: readiness and gauges. */
#include <stdio.h>

#include "forwarder/engine_state.h"
#include "lib/clock.h"

enum { UNHEALTHY_AFTER_MS = 30000 /* requests failing for longer than this make the service not ready */ };

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
    metrics_set(metrics, FWD_HELD_BYTES, (double)engine_memory(engine));
    metrics_set(metrics, FWD_REQUESTS_IN_FLIGHT, (double)engine->sent);
    metrics_set(metrics, FWD_RATE_LIMIT, rate_limit(&engine->rate));
    metrics_set(metrics, FWD_PARTITIONS, (double)owned);
    metrics_set(metrics, FWD_CREDENTIALS_EXPIRY, creds ? (double)creds->expires_ms / 1000 : 0);
    metrics_set(metrics, FWD_LAST_SUCCESS, (double)engine->last_success_wall_ms / 1000);
    metrics_set(metrics, FWD_RECORD_CAP, (double)engine->stream.record_cap);
    update_lag(engine);
}
