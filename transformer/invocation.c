/* SPDX-License-Identifier: Apache-2.0 */
#include "transformer/invocation.h"

#include "lib/clock.h"
#include "lib/log.h"
#include "transformer/metrics.h"

enum { KEPT_MEMORY = 1024 * 1024 }; /* what stays allocated between invocations */

void function_init(struct function *function, struct metrics *metrics, bool if_missing)
{
    *function = (struct function){.options = {.if_missing = if_missing, .payload_cap = TRANSFORM_PAYLOAD_CAP},
                                  .metrics = metrics};
    buf_init(&function->out, TRANSFORM_PAYLOAD_CAP);
}

void function_done(struct function *function)
{
    buf_done(&function->out);
}

static const char *error_type(int code)
{
    switch (code) {
    case -ERROR_SYNTAX:
        return "Function.InvalidEvent";
    case -ERROR_LIMIT:
        return "Function.ResponseTooLarge";
    default:
        return "Function.OutOfMemory";
    }
}

static const char *failed(struct function *function, int code, const struct error *err,
                          const char *request_id)
{
    const char *type = error_type(code);

    LOG_WARN("event refused, the caller gets the error", LOG_STR("request_id", request_id),
             LOG_STR("type", type), LOG_STR("error", err->message));
    buf_add_str(&function->out, "{\"errorMessage\":");
    buf_add_json_string(&function->out, err->message, strlen(err->message));
    buf_addf(&function->out, ",\"errorType\":\"%s\"}", type);
    metrics_add_label(function->metrics, METRIC_INVOCATIONS, "function_error", 1);
    return type;
}

const char *function_invoke(struct function *function, struct str event, const char *request_id)
{
    struct transform_counts counts = {0};
    struct error err = {0};
    int64_t start_us = clock_monotonic_us();
    const char *type = NULL;
    int rc;

    if (function->out.size > KEPT_MEMORY) {
        buf_done(&function->out);
    }
    rc = transform_event(event, &function->options, &function->out, &counts, &err);
    if (rc != 0) {
        type = failed(function, rc, &err, request_id);
    } else {
        metrics_add_label(function->metrics, METRIC_INVOCATIONS, "ok", 1);
        metrics_add_label(function->metrics, METRIC_RECORDS, "Ok", counts.ok);
        metrics_add_label(function->metrics, METRIC_RECORDS, "ProcessingFailed", counts.failed);
        if (counts.failed > 0) {
            LOG_WARN("records failed, Firehose puts them under its error prefix",
                     LOG_STR("request_id", request_id), LOG_UINT("failed", counts.failed),
                     LOG_UINT("ok", counts.ok));
        }
    }
    metrics_add(function->metrics, METRIC_EVENT_BYTES, event.len);
    metrics_add(function->metrics, METRIC_ANSWER_BYTES, function->out.len);
    metrics_observe(function->metrics, METRIC_SECONDS, (double)(clock_monotonic_us() - start_us) / 1e6);
    return type;
}
