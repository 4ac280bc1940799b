/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/gateway.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/random.h"

#include "local/aws/call.h"
#include "local/aws/cbor.h"
#include "local/aws/faults.h"
#include "local/aws/firehose.h"
#include "local/aws/kinesis.h"
#include "local/aws/s3.h"

enum {
    OPERATION_CAP = 64,
    HELD_CAP = 1024,              /* requests held back at once; more are handled without waiting */
    OUTPUT_KEEP = 2 * 1024 * 1024 /* memory for answers that is kept between requests */
};

static const char json_type[] = "application/x-amz-json-1.1";
static const char old_json_type[] = "application/x-amz-json-1.0";
static const char cbor_type[] = "application/x-amz-cbor-1.1";

struct json_service {
    const char *name;
    const char *target; /* before the operation, with its dot */
    int (*run)(struct call *call);
};

static const struct json_service services[] = {{"kinesis", "Kinesis_20131202.", kinesis_call},
                                               {"firehose", "Firehose_20150804.", firehose_call}};

/* A request that an ordered latency holds back. */
struct held {
    struct httpd_request *request;
    const struct json_service *service;
    char operation[OPERATION_CAP];
    struct fault_verdict verdict;
    int64_t due_ms; /* monotonic */
};

struct gateway {
    struct local *local;
    struct buf output;
    struct held held[HELD_CAP];
    size_t held_count;
};

struct gateway *gateway_new(struct local *local)
{
    struct gateway *gateway = calloc(1, sizeof(*gateway));

    if (gateway) {
        gateway->local = local;
        buf_init(&gateway->output, CALL_OUTPUT_CAP);
    }
    return gateway;
}

void gateway_free(struct gateway *gateway)
{
    if (!gateway) {
        return;
    }
    for (size_t i = 0; i < gateway->held_count; i++) {
        httpd_abort(gateway->held[i].request);
    }
    buf_done(&gateway->output);
    free(gateway);
}

static void add_header(void *ctx, const char *name, const char *value)
{
    struct gateway_input *input = ctx;

    if (input->header_count < SIGV4_HEADER_CAP) {
        input->headers[input->header_count++] = (struct sigv4_header){str_of(name), str_of(value)};
    }
}

void gateway_read(const struct local *local, const struct httpd_request *request, const char *service,
                  int64_t now_ms, struct gateway_input *ret)
{
    ret->header_count = 0;
    httpd_each_header(request, add_header, ret);
    ret->auth = (struct auth_input){.service = service,
                                    .region = local->config->region,
                                    .access_key = local->config->access_key,
                                    .secret_key = local->config->secret_key,
                                    .method = httpd_method(request),
                                    .path = httpd_path(request),
                                    .query = httpd_query(request),
                                    .body = httpd_body(request),
                                    .headers = ret->headers,
                                    .header_count = ret->header_count,
                                    .now_ms = now_ms};
}

/* --- answers of the JSON services ------------------------------------------------------------------------
 */

static void add_date(struct httpd_request *request, int64_t wall_ms)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;
    char text[64];

    gmtime_r(&seconds, &utc);
    strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &utc);
    httpd_reply_header(request, "Date", text);
}

static void add_common(struct httpd_request *request, int64_t wall_ms)
{
    char id[RANDOM_UUID_SIZE];

    random_uuid(id);
    httpd_reply_header(request, "x-amzn-RequestId", id);
    add_date(request, wall_ms);
}

static bool has_type(const struct httpd_request *request, const char *type)
{
    struct str found = httpd_header(request, "content-type");

    return found.ptr && found.len >= strlen(type) && strncasecmp(found.ptr, type, strlen(type)) == 0;
}

/* Answers in the protocol of the request; JSON for one that is neither JSON nor CBOR. */
static void reply_body(struct httpd_request *request, int status, struct str json)
{
    struct buf cbor;

    if (!has_type(request, cbor_type) || json.len == 0) {
        httpd_reply(request, status, has_type(request, cbor_type) ? cbor_type : json_type, json.ptr,
                    json.len);
        return;
    }
    buf_init(&cbor, CALL_OUTPUT_CAP);
    if (cbor_write(json, &cbor)) {
        httpd_reply(request, 500, cbor_type, NULL, 0);
    } else {
        httpd_reply(request, status, cbor_type, cbor.data, cbor.len);
    }
    buf_done(&cbor);
}

static void reply_json_error(struct httpd_request *request, int status, const char *code, const char *message,
                             int64_t wall_ms)
{
    struct buf body;

    buf_init(&body, 8192);
    buf_addf(&body, "{\"__type\":\"%s\",\"message\":", code);
    buf_add_json_string(&body, message, strlen(message));
    buf_add_char(&body, '}');
    add_common(request, wall_ms);
    reply_body(request, status, buf_str(&body));
    buf_done(&body);
}

static void refuse(struct gateway *gateway, struct httpd_request *request, int status, const char *code,
                   const char *message, int64_t wall_ms)
{
    metrics_add_label(gateway->local->metrics, METRIC_REFUSED, code, 1);
    LOG_DEBUG("refused", LOG_STR("code", code), LOG_STR("message", message));
    reply_json_error(request, status, code, message, wall_ms);
}

/* The answer of a call that went well, unless a fault spoils it. */
static void reply_json(struct httpd_request *request, const struct fault_verdict *verdict,
                       const struct buf *output, int64_t wall_ms)
{
    static const char nonsense[] = "<html><body>Bad gateway</body></html>";

    if (verdict->reset_after) {
        httpd_abort(request);
        return;
    }
    add_common(request, wall_ms);
    if (verdict->malformed) {
        httpd_reply(request, 200, json_type, nonsense, sizeof(nonsense) - 1);
    } else if (verdict->truncate) {
        httpd_reply_cut(request, 200, json_type, output->data, output->len, output->len / 2);
    } else {
        reply_body(request, 200, buf_str(output));
    }
}

/* --- calls of the JSON services --------------------------------------------------------------------------
 */

static void run_call(struct gateway *gateway, struct httpd_request *request,
                     const struct json_service *service, const char *operation,
                     const struct fault_verdict *verdict, int64_t now_ms)
{
    struct str body = httpd_body(request);
    struct error err = {0};
    cJSON *input = has_type(request, cbor_type) ? cbor_read(body) : json_parse(body.ptr, body.len, &err);
    struct call call = {
        .local = gateway->local, .operation = operation, .input = input, .now_ms = clock_wall_ms()};

    if (!input || !cJSON_IsObject(input)) {
        refuse(gateway, request, 400, "SerializationException",
               err.message[0] ? err.message : "The body is not an object of its content type.", now_ms);
        cJSON_Delete(input);
        return;
    }
    buf_reset(&gateway->output);
    call.output = gateway->output;
    if (service->run(&call)) {
        refuse(gateway, request, call.status, call.code, call.message, now_ms);
    } else if (buf_error(&call.output)) {
        refuse(gateway, request, 500, "InternalFailure", "The answer does not fit.", now_ms);
    } else {
        reply_json(request, verdict, &call.output, now_ms);
    }
    gateway->output = call.output;
    if (gateway->output.size > OUTPUT_KEEP) {
        buf_done(&gateway->output);
    }
    cJSON_Delete(input);
}

static void handle_json(struct gateway *gateway, struct httpd_request *request,
                        const struct json_service *service, const char *operation,
                        const struct fault_verdict *verdict)
{
    int64_t started_us = clock_monotonic_us();
    int64_t now_ms = clock_wall_ms() + faults_clock_skew_ms(gateway->local->faults, service->name);
    struct gateway_input input;
    struct auth_refusal refusal;

    gateway_read(gateway->local, request, service->name, now_ms, &input);
    if (verdict->reset_before) {
        httpd_abort(request);
    } else if (!auth_check(&input.auth, &refusal)) {
        refuse(gateway, request, refusal.status, refusal.code, refusal.message, now_ms);
    } else if (verdict->status) {
        reply_json_error(request, verdict->status, verdict->code, "This error was ordered by /_local/faults.",
                         now_ms + verdict->skew_ms);
    } else {
        metrics_add_label(gateway->local->metrics, METRIC_REQUESTS, operation, 1);
        run_call(gateway, request, service, operation, verdict, now_ms);
    }
    metrics_observe(gateway->local->metrics, METRIC_REQUEST_SECONDS,
                    (double)(clock_monotonic_us() - started_us) / 1e6);
}

static const struct json_service *find_service(struct str target)
{
    for (size_t i = 0; i < ARRAY_LENGTH(services); i++) {
        if (str_starts_with(target, str_of(services[i].target))) {
            return &services[i];
        }
    }
    return NULL;
}

static void receive_json(struct gateway *gateway, struct httpd_request *request, struct str target)
{
    const struct json_service *service = find_service(target);
    struct held *held;
    struct held now = {.request = request, .service = service};
    int64_t wall_ms = clock_wall_ms();

    if (!service) {
        refuse(gateway, request, 400, "UnknownOperationException", "", wall_ms);
        return;
    }
    if (!has_type(request, json_type) && !has_type(request, old_json_type) && !has_type(request, cbor_type)) {
        refuse(gateway, request, 400, "SerializationException",
               "local-aws speaks application/x-amz-json-1.1 and application/x-amz-cbor-1.1", wall_ms);
        return;
    }
    snprintf(now.operation, sizeof(now.operation), "%s", target.ptr + strlen(service->target));
    faults_draw(gateway->local->faults, service->name, now.operation, &now.verdict);
    if (now.verdict.delay_ms > 0 && gateway->held_count < HELD_CAP) {
        held = &gateway->held[gateway->held_count++];
        *held = now;
        held->due_ms = clock_monotonic_ms() + now.verdict.delay_ms;
        return;
    }
    handle_json(gateway, request, service, now.operation, &now.verdict);
}

int64_t gateway_run(struct gateway *gateway)
{
    int64_t now_ms = clock_monotonic_ms();
    int64_t next_ms = -1;
    size_t kept = 0;
    size_t due_count = 0;
    struct held *due = NULL;

    if (gateway->held_count == 0) {
        return -1;
    }
    due = calloc(gateway->held_count, sizeof(*due));
    for (size_t i = 0; i < gateway->held_count; i++) {
        struct held *held = &gateway->held[i];
        if (due && held->due_ms <= now_ms) {
            due[due_count++] = *held;
            continue;
        }
        if (next_ms < 0 || held->due_ms - now_ms < next_ms) {
            next_ms = held->due_ms - now_ms;
        }
        gateway->held[kept++] = *held;
    }
    gateway->held_count = kept;
    for (size_t i = 0; i < due_count; i++) {
        handle_json(gateway, due[i].request, due[i].service, due[i].operation, &due[i].verdict);
    }
    free(due);
    return next_ms < 0 ? -1 : next_ms > 0 ? next_ms : 1;
}

void gateway_hurry(struct gateway *gateway)
{
    for (size_t i = 0; i < gateway->held_count; i++) {
        gateway->held[i].due_ms = 0;
    }
}

/* --- the other doors -------------------------------------------------------------------------------------
 */

static void handle_faults(struct gateway *gateway, struct httpd_request *request)
{
    struct faults *faults = gateway->local->faults;
    struct str method = httpd_method(request);
    struct error err = {0};
    struct buf text;

    if (!faults) {
        httpd_reply_text(request, 404, "faults are switched off; LOCAL_AWS_FAULTS=1 switches them on\n");
        return;
    }
    if (str_eq(method, STR("DELETE"))) {
        faults_clear(faults);
    } else if (str_eq(method, STR("PUT")) && faults_order(faults, httpd_body(request), &err)) {
        char line[600];
        snprintf(line, sizeof(line), "%s\n", err.message);
        httpd_reply_text(request, 400, line);
        return;
    }
    if (!str_eq(method, STR("GET"))) {
        LOG_INFO("faults ordered", LOG_STRN("method", method));
    }
    buf_init(&text, 64 * 1024);
    faults_write(faults, &text);
    httpd_reply(request, 200, "application/json", text.data, text.len);
    buf_done(&text);
}

static void handle_s3(struct gateway *gateway, struct httpd_request *request)
{
    int64_t now_ms = clock_wall_ms();
    struct gateway_input input;
    struct auth_refusal refusal;
    struct s3_request s3;

    gateway_read(gateway->local, request, "s3", now_ms, &input);
    add_date(request, now_ms);
    s3_begin(&s3, gateway->local, request, &input, now_ms);
    if (!auth_check(&input.auth, &refusal)) {
        metrics_add_label(gateway->local->metrics, METRIC_REFUSED, refusal.code, 1);
        s3_refuse(&s3, refusal.status, refusal.code, refusal.message);
    } else {
        s3_handle(&s3);
    }
}

void gateway_handle(struct gateway *gateway, struct httpd_request *request)
{
    struct str target = httpd_header(request, "x-amz-target");

    if (str_eq(httpd_path(request), STR("/_local/faults"))) {
        handle_faults(gateway, request);
    } else if (target.ptr) {
        receive_json(gateway, request, target);
    } else {
        handle_s3(gateway, request);
    }
}
