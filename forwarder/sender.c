/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/sender.h"

#include "forwarder/outcome.h"

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
        outcome_not_sent(engine, request, "out of memory for a request", now_ms);
        return;
    }
    if (aws_call(engine->aws, "Kinesis_20131202.PutRecords", body, engine->config->request_timeout_ms,
                 outcome_answer, request, &err)) {
        outcome_not_sent(engine, request, err.message, now_ms);
        return;
    }
    if (request->outcome_unknown) {
        metrics_add(engine->metrics, FWD_POSSIBLE_DUPLICATES, request_records(request));
        request->outcome_unknown = false;
    }
    request->state = REQUEST_SENT;
    engine->sent++;
    rate_spend(&engine->rate, request->to - request->from);
    metrics_observe(engine->metrics, FWD_BATCH_RECORDS, (double)(request->to - request->from));
}

/* When a request is to be sent; INT64_MAX: not by itself. */
static int64_t due_ms(const struct engine *engine, const struct request *request, int64_t now_ms)
{
    switch (request->state) {
    case REQUEST_SEALED:
        return now_ms;
    case REQUEST_WAITING:
        return request->due_ms;
    case REQUEST_OPEN:
        if (request->batch.count == 0) {
            return INT64_MAX;
        }
        return engine->draining || consumer_revoking(engine->consumer) ||
                       request->batch.count == BATCH_RECORDS_MAX
                   ? now_ms
                   : request->opened_ms + engine->config->linger_ms;
    case REQUEST_FREE:
    case REQUEST_SENT:
        break;
    }
    return INT64_MAX;
}

static bool has_turn(const struct engine *engine)
{
    return engine->sent < (size_t)engine->config->in_flight;
}

void sender_run(struct engine *engine, int64_t now_ms)
{
    for (size_t i = 0; i < engine->request_count; i++) {
        if (!has_turn(engine) || rate_delay_ms(&engine->rate, now_ms) > 0) {
            return;
        }
        if (due_ms(engine, &engine->requests[i], now_ms) <= now_ms) {
            send_request(engine, &engine->requests[i], now_ms);
        }
    }
}

int64_t sender_next_ms(struct engine *engine, int64_t now_ms)
{
    int64_t next = INT64_MAX;
    int64_t earliest;

    if (!has_turn(engine)) {
        return next; /* an answer comes first */
    }
    for (size_t i = 0; i < engine->request_count; i++) {
        int64_t due = due_ms(engine, &engine->requests[i], now_ms);
        next = due < next ? due : next;
    }
    earliest = now_ms + rate_delay_ms(&engine->rate, now_ms);
    return next < earliest ? earliest : next;
}
