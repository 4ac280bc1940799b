/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/firehose_lambda.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/http.h"
#include "lib/log.h"
#include "lib/random.h"
#include "lib/retry.h"

static const struct retry_policy call_retry = {.base_ms = 100, .cap_ms = 5000};

/* A batch on its way through the function, kept over the attempts. */
struct firehose_invocation {
    struct local *local;
    struct firehose_stream *stream;
    struct firehose_record *records;
    size_t count;
    struct buf data; /* of the records */
    struct buf event;
    struct http_transfer *transfer; /* NULL: waits for retry_ms */
    int64_t retry_ms;               /* monotonic */
    int64_t attempts;               /* that count */
    unsigned failures;              /* in a row, for the back-off */
    bool unreachable;               /* as logged */
};

static void invocation_free(struct firehose_invocation *invocation)
{
    buf_done(&invocation->data);
    buf_done(&invocation->event);
    free(invocation->records);
    free(invocation);
}

void firehose_lambda_cancel(struct firehose_stream *stream)
{
    if (stream->invocation) {
        if (stream->invocation->transfer) {
            http_cancel(stream->invocation->transfer);
        }
        invocation_free(stream->invocation);
        stream->invocation = NULL;
    }
}

/* --- the batch -------------------------------------------------------------------------------------------
 */

struct reading {
    struct firehose_invocation *invocation;
    int64_t limit; /* raw bytes to take */
};

static bool take(void *ctx, const struct firehose_record *record)
{
    struct reading *reading = ctx;
    struct firehose_invocation *invocation = reading->invocation;

    if (invocation->count == FIREHOSE_BATCH_CAP ||
        (invocation->count > 0 && (int64_t)(invocation->data.len + record->data.len) > reading->limit)) {
        return false;
    }
    invocation->records[invocation->count] = *record;
    invocation->records[invocation->count++].data.ptr = NULL; /* set when the buffer has stopped growing */
    buf_add(&invocation->data, record->data.ptr, record->data.len);
    return true;
}

static struct firehose_invocation *invocation_new(struct local *local, struct firehose_stream *stream)
{
    struct firehose_invocation *invocation = calloc(1, sizeof(*invocation));
    struct reading reading = {.invocation = invocation, .limit = stream->settings.transform_bytes};
    size_t offset = 0;

    if (!invocation) {
        return NULL;
    }
    invocation->local = local;
    invocation->stream = stream;
    buf_init(&invocation->data, FIREHOSE_PAYLOAD_CAP);
    buf_init(&invocation->event, FIREHOSE_PAYLOAD_CAP);
    invocation->records = calloc(FIREHOSE_BATCH_CAP, sizeof(*invocation->records));
    if (!invocation->records ||
        firehose_store_read(local->state, stream->id, FIREHOSE_RAW, INT64_MAX, take, &reading) ||
        buf_error(&invocation->data) || invocation->count == 0) {
        invocation_free(invocation);
        return NULL;
    }
    for (size_t i = 0; i < invocation->count; i++) {
        invocation->records[i].data.ptr = buf_str(&invocation->data).ptr + offset;
        offset += invocation->records[i].data.len;
    }
    invocation->count =
        firehose_event_fit(invocation->records, invocation->count, stream->settings.transform_bytes);
    return invocation;
}

/* --- what came of it -------------------------------------------------------------------------------------
 */

static int store_failed(struct firehose_invocation *invocation, size_t index,
                        const struct firehose_failure *failure, struct buf *line)
{
    char arn[FIREHOSE_ARN_CAP];
    struct firehose_failed_line fields = {.attempts = invocation->attempts,
                                          .ended_ms = clock_wall_ms(),
                                          .failure = *failure,
                                          .function_arn = arn};

    firehose_function_arn(invocation->local, invocation->stream->settings.function, arn);
    buf_reset(line);
    firehose_failed_write(&fields, &invocation->records[index], line);
    if (buf_error(line)) {
        return buf_error(line);
    }
    return firehose_store_change(invocation->local->state, invocation->records[index].id, FIREHOSE_BAD,
                                 buf_str(line));
}

static int store_result(struct firehose_invocation *invocation, size_t index,
                        const struct firehose_result *result, const struct buf *data, struct buf *line,
                        struct firehose_buffer *buffer)
{
    const struct firehose_record *record = &invocation->records[index];
    struct str text = {buf_str(data).ptr + result->offset, result->len};
    int code;

    switch (result->outcome) {
    case FIREHOSE_OK:
        firehose_queue_add(&buffer->queues[FIREHOSE_READY], record->id, record->arrival_ms,
                           (int64_t)text.len);
        return firehose_store_change(invocation->local->state, record->id, FIREHOSE_READY, text);
    case FIREHOSE_DROPPED:
        return firehose_store_drop(invocation->local->state, record->id);
    case FIREHOSE_FAILED:
        break;
    }
    code = store_failed(invocation, index, &result->failure, line);
    firehose_queue_add(&buffer->queues[FIREHOSE_BAD], record->id, record->arrival_ms, (int64_t)line->len);
    return code;
}

/* Moves the batch on, in one transaction. */
static int store_results(struct firehose_invocation *invocation, const struct firehose_result *results,
                         const struct buf *data)
{
    struct state *state = invocation->local->state;
    struct firehose_stream *stream = invocation->stream;
    struct firehose_buffer buffer = stream->buffer;
    struct firehose_queue *raw = &buffer.queues[FIREHOSE_RAW];
    struct buf line;
    int code = state_begin(state);

    buf_init(&line, FIREHOSE_PAYLOAD_CAP);
    for (size_t i = 0; code == 0 && i < invocation->count; i++) {
        code = store_result(invocation, i, &results[i], data, &line, &buffer);
        raw->bytes -= (int64_t)invocation->records[i].data.len;
    }
    raw->count -= (int64_t)invocation->count;
    buf_done(&line);
    if (code == 0) {
        code = firehose_store_first(state, stream->id, FIREHOSE_RAW, raw);
    }
    if (code) {
        state_rollback(state);
        return code;
    }
    if ((code = state_commit(state)) == 0) {
        stream->buffer = buffer;
    }
    return code;
}

static void count_results(const struct firehose_invocation *invocation, const struct firehose_result *results)
{
    size_t dropped = 0;
    size_t failed = 0;

    for (size_t i = 0; i < invocation->count; i++) {
        dropped += results[i].outcome == FIREHOSE_DROPPED;
        failed += results[i].outcome == FIREHOSE_FAILED;
    }
    metrics_add_label(invocation->local->metrics, METRIC_FIREHOSE_DROPPED, invocation->stream->settings.name,
                      dropped);
    LOG_DEBUG("batch transformed", LOG_STR("delivery_stream", invocation->stream->settings.name),
              LOG_UINT("records", invocation->count), LOG_UINT("dropped", dropped),
              LOG_UINT("failed", failed));
    if (failed > 0) {
        LOG_WARN("the transform failed records, they go to the error output",
                 LOG_STR("delivery_stream", invocation->stream->settings.name), LOG_UINT("records", failed));
    }
}

static void try_again(struct firehose_invocation *invocation)
{
    int64_t delay = call_retry.base_ms + retry_delay_ms(&call_retry, invocation->failures++, random_u64());

    invocation->retry_ms = clock_monotonic_ms() + delay;
}

/* Stores the results and ends the invocation; if the state refuses, the batch goes through once more. */
static void finish(struct firehose_invocation *invocation, const struct firehose_result *results,
                   const struct buf *data)
{
    if (store_results(invocation, results, data)) {
        try_again(invocation);
        return;
    }
    count_results(invocation, results);
    invocation->stream->invocation = NULL;
    invocation_free(invocation);
}

static void fail_batch(struct firehose_invocation *invocation, const struct firehose_failure *failure)
{
    struct firehose_result *results = calloc(invocation->count, sizeof(*results));
    struct buf none;

    if (!results) {
        try_again(invocation);
        return;
    }
    for (size_t i = 0; i < invocation->count; i++) {
        results[i] = (struct firehose_result){.outcome = FIREHOSE_FAILED, .failure = *failure};
    }
    buf_init(&none, 0);
    finish(invocation, results, &none);
    free(results);
}

static void take_answer(struct firehose_invocation *invocation, struct str answer)
{
    struct firehose_result *results = calloc(invocation->count, sizeof(*results));
    struct firehose_failure failure;
    struct buf data;

    buf_init(&data, FIREHOSE_PAYLOAD_CAP);
    if (!results) {
        try_again(invocation);
    } else if (firehose_results_read(answer, invocation->records, invocation->count, results, &data,
                                     &failure)) {
        finish(invocation, results, &data);
    } else {
        LOG_WARN("the transform's answer is of no use, the batch goes to the error output",
                 LOG_STR("delivery_stream", invocation->stream->settings.name),
                 LOG_STR("code", failure.code));
        fail_batch(invocation, &failure);
    }
    buf_done(&data);
    free(results);
}

/* --- attempts --------------------------------------------------------------------------------------------
 */

/* An attempt that counts went wrong: again, or to the error output. */
static void count_attempt(struct firehose_invocation *invocation, bool timed_out, const char *what)
{
    static const struct firehose_failure error = {
        "Lambda.FunctionError",
        "The Lambda function was successfully invoked but it returned an error result."};
    static const struct firehose_failure late = {"Lambda.FunctionTimedOut",
                                                 "The Lambda function did not answer in time."};
    bool last = invocation->attempts > invocation->stream->settings.retries;

    LOG_WARN(last ? "the transform failed, the batch goes to the error output"
                  : "the transform failed, trying again",
             LOG_STR("delivery_stream", invocation->stream->settings.name), LOG_STR("reason", what),
             LOG_INT("attempt", invocation->attempts), LOG_UINT("records", invocation->count));
    if (last) {
        fail_batch(invocation, timed_out ? &late : &error);
    } else {
        try_again(invocation);
    }
}

static void unreachable(struct firehose_invocation *invocation, const char *why)
{
    if (!invocation->unreachable) {
        LOG_WARN("the transform cannot be reached, its records wait",
                 LOG_STR("delivery_stream", invocation->stream->settings.name), LOG_STR("error", why));
    }
    invocation->unreachable = true;
    try_again(invocation);
}

static void on_answer(void *ctx, const struct http_response *response)
{
    struct firehose_invocation *invocation = ctx;
    struct metrics *metrics = invocation->local->metrics;
    char what[600];

    invocation->transfer = NULL;
    if (response->error.code != ERROR_NONE && !response->sent) {
        metrics_add_label(metrics, METRIC_LAMBDA_CALLS, "unreachable", 1);
        unreachable(invocation, response->error.message);
        return;
    }
    invocation->attempts++;
    invocation->unreachable = false;
    if (response->error.code != ERROR_NONE) {
        metrics_add_label(metrics, METRIC_LAMBDA_CALLS, "error", 1);
        count_attempt(invocation, response->error.code == ERROR_TIMEOUT, response->error.message);
        return;
    }
    if (response->status != 200 || http_response_header(response, "x-amz-function-error").len > 0 ||
        firehose_is_function_error(buf_str(response->body))) {
        metrics_add_label(metrics, METRIC_LAMBDA_CALLS, "error", 1);
        snprintf(what, sizeof(what), "status %d", response->status);
        count_attempt(invocation, false, response->status == 200 ? "function error" : what);
        return;
    }
    metrics_add_label(metrics, METRIC_LAMBDA_CALLS, "ok", 1);
    take_answer(invocation, buf_str(response->body));
}

static void start(struct firehose_invocation *invocation)
{
    const struct local_config *config = invocation->local->config;
    char url[2400];
    char uuid[RANDOM_UUID_SIZE];
    char arn[FIREHOSE_ARN_CAP];
    char source[FIREHOSE_ARN_CAP];
    static const struct http_header headers[] = {{"Content-Type", "application/json"}};
    struct firehose_event event = {.invocation_id = uuid, .arn = arn, .region = config->region};
    struct http_request request = {.method = "POST",
                                   .url = url,
                                   .headers = headers,
                                   .header_count = ARRAY_LENGTH(headers),
                                   .timeout_ms = config->lambda_timeout_ms,
                                   .response_cap = FIREHOSE_PAYLOAD_CAP};
    struct error err = {0};
    size_t base = strlen(config->lambda_url);

    base -= config->lambda_url[base - 1] == '/';
    snprintf(url, sizeof(url), "%.*s/2015-03-31/functions/%s/invocations", (int)base, config->lambda_url,
             invocation->stream->settings.function);
    random_uuid(uuid);
    firehose_arn(invocation->local, invocation->stream->settings.name, arn);
    if (invocation->stream->settings.source[0]) {
        snprintf(source, sizeof(source), "arn:aws:kinesis:%s:%s:stream/%s", config->region, LOCAL_ACCOUNT,
                 invocation->stream->settings.source);
        event.source_arn = source;
    }
    buf_reset(&invocation->event);
    firehose_event_write(&event, invocation->records, invocation->count, &invocation->event);
    request.body = invocation->event.data;
    request.body_len = invocation->event.len;
    invocation->transfer = http_start(invocation->local->http, &request, on_answer, invocation, &err);
    if (!invocation->transfer) {
        unreachable(invocation, err.message);
    }
}

int64_t firehose_lambda_run(struct local *local, struct firehose_stream *stream)
{
    struct firehose_hints hints = {.bytes = stream->settings.buffer_bytes,
                                   .transform_bytes = stream->settings.transform_bytes};
    int64_t left;

    if (!stream->settings.function[0] || !local->config->lambda_url) {
        return -1;
    }
    if (!stream->invocation && firehose_buffer_transforms(&stream->buffer, &hints)) {
        stream->invocation = invocation_new(local, stream);
    }
    if (!stream->invocation || stream->invocation->transfer) {
        return -1;
    }
    left = stream->invocation->retry_ms - clock_monotonic_ms();
    if (left > 0) {
        return left;
    }
    start(stream->invocation);
    return stream->invocation->transfer ? -1 : call_retry.base_ms;
}
