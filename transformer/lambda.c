/* SPDX-License-Identifier: Apache-2.0 */
#include "transformer/lambda.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/clock.h"
#include "lib/http.h"
#include "lib/log.h"
#include "lib/stop.h"

#define TYPE_HEADER "Lambda-Runtime-Function-Error-Type"

enum {
    URL_CAP = 512,
    ID_CAP = 128,
    TRACE_CAP = 1024,
    /* The Runtime API's own limit for events is Lambda's 6 MB; some room, since only it decides. */
    EVENT_CAP = TRANSFORM_PAYLOAD_CAP + 1024 * 1024,
    ANSWER_CAP = 64 * 1024, /* what the Runtime API says to a post */
    CONNECT_TIMEOUT_MS = 1000,
    POLL_MS = 60000,
    LEAST_POST_MS = 1000,
    LONGEST_POST_MS = 900000 /* as long as a function may take */
};

struct runtime {
    struct http_client *client;
    const char *api; /* host:port */
    struct function *function;
};

/* What came back from the Runtime API. */
struct exchange {
    bool done;
    int status;
    struct error error;
    struct buf body;
    char request_id[ID_CAP];
    char trace_id[TRACE_CAP];
    long long deadline_ms; /* since 1970; 0: not told */
};

static void copy_header(const struct http_response *response, const char *name, char *out, size_t size)
{
    struct str value = http_response_header(response, name);

    snprintf(out, size, "%.*s", STR_ARG(value));
}

static void on_done(void *ctx, const struct http_response *response)
{
    struct exchange *exchange = ctx;

    exchange->done = true;
    exchange->status = response->status;
    exchange->error = response->error;
    copy_header(response, "Lambda-Runtime-Aws-Request-Id", exchange->request_id, ID_CAP);
    copy_header(response, "Lambda-Runtime-Trace-Id", exchange->trace_id, TRACE_CAP);
    if (!str_to_int64(http_response_header(response, "Lambda-Runtime-Deadline-Ms"), 0, INT64_MAX,
                      &exchange->deadline_ms)) {
        exchange->deadline_ms = 0;
    }
    exchange->body.data = buf_take(response->body, &exchange->body.len);
}

/* Runs one request to its end; a stop ends it only if it is one that `waits`. False: no answer. */
static bool run_exchange(struct runtime *runtime, const struct http_request *request, bool waits,
                         struct exchange *exchange)
{
    struct http_transfer *transfer;

    *exchange = (struct exchange){0};
    transfer = http_start(runtime->client, request, on_done, exchange, &exchange->error);
    if (!transfer) {
        return false;
    }
    while (!exchange->done) {
        struct pollfd stop = {.fd = waits ? stop_fd() : -1, .events = POLLIN};
        if (waits && stop_requested()) {
            http_cancel(transfer);
            return false;
        }
        http_poll(runtime->client, &stop, 1, POLL_MS);
    }
    return exchange->error.code == ERROR_NONE;
}

static void exchange_done(struct exchange *exchange)
{
    free(exchange->body.data);
    exchange->body = (struct buf){0};
}

/* The id becomes part of a path. */
static bool is_request_id(const char *id)
{
    return *id &&
           strspn(id, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") == strlen(id);
}

/* --- posts -----------------------------------------------------------------------------------------------
 */

/* Posts and returns the status, or 0 if there was no answer, which is logged. `type` is NULL or an error's.
 */
static int post(struct runtime *runtime, const char *path, const char *type, struct str body,
                int64_t timeout_ms)
{
    const struct http_header headers[] = {{"Content-Type", "application/json"}, {TYPE_HEADER, type}};
    struct exchange exchange;
    char url[URL_CAP];
    struct http_request request = {.method = "POST",
                                   .url = url,
                                   .headers = headers,
                                   .header_count = type ? 2 : 1,
                                   .body = body.ptr,
                                   .body_len = body.len,
                                   .timeout_ms = timeout_ms,
                                   .response_cap = ANSWER_CAP,
                                   .no_proxy = true};
    int status = 0;

    snprintf(url, sizeof(url), "http://%s/2018-06-01/runtime/%s", runtime->api, path);
    if (run_exchange(runtime, &request, false, &exchange)) {
        status = exchange.status;
    } else {
        LOG_ERROR("the Runtime API did not take the post, going on with the next event",
                  LOG_STR("path", path), LOG_STR("error", exchange.error.message));
    }
    exchange_done(&exchange);
    return status;
}

static int post_error(struct runtime *runtime, const char *request_id, const char *type, struct str body,
                      int64_t timeout_ms)
{
    char path[ID_CAP + 64];

    snprintf(path, sizeof(path), "invocation/%s/error", request_id);
    return post(runtime, path, type, body, timeout_ms);
}

static int post_answer(struct runtime *runtime, const char *request_id, int64_t timeout_ms)
{
    const struct buf *out = &runtime->function->out;
    char path[ID_CAP + 64];
    int status;

    snprintf(path, sizeof(path), "invocation/%s/response", request_id);
    status = post(runtime, path, NULL, buf_str(out), timeout_ms);
    if (status == 413) {
        LOG_ERROR("the answer is too long for Lambda, posting an error instead",
                  LOG_STR("request_id", request_id), LOG_UINT("bytes", out->len));
        status = post_error(runtime, request_id, "Function.ResponseTooLarge",
                            STR("{\"errorMessage\":\"Lambda refused the answer as too long\","
                                "\"errorType\":\"Function.ResponseTooLarge\"}"),
                            timeout_ms);
    }
    return status;
}

/* --- the loop --------------------------------------------------------------------------------------------
 */

static int64_t time_left_ms(const struct exchange *event)
{
    int64_t left_ms = event->deadline_ms - clock_wall_ms();

    if (event->deadline_ms == 0 || left_ms > LONGEST_POST_MS) {
        return LONGEST_POST_MS;
    }
    return left_ms < LEAST_POST_MS ? LEAST_POST_MS : left_ms;
}

/* False if the sandbox is lost. */
static bool handle(struct runtime *runtime, const struct exchange *event)
{
    const struct buf *out = &runtime->function->out;
    const char *id = event->request_id;
    const char *type;
    int status;

    if (!is_request_id(id)) {
        LOG_ERROR("an event without a request id cannot be answered, going on with the next one");
        return true;
    }
    setenv("_X_AMZN_TRACE_ID", event->trace_id, 1);
    type = function_invoke(runtime->function, (struct str){event->body.data, event->body.len}, id);
    status = type ? post_error(runtime, id, type, buf_str(out), time_left_ms(event))
                  : post_answer(runtime, id, time_left_ms(event));
    if (status >= 300 && status != 500) {
        LOG_ERROR("the Runtime API refused the answer, going on with the next event",
                  LOG_STR("request_id", id), LOG_INT("status", status));
    }
    return status != 500;
}

/* Waits for an event and answers it. False at the end, with *ret_code set. */
static bool handle_next(struct runtime *runtime, const char *url, int *ret_code)
{
    const struct http_request request = {
        .method = "GET", .url = url, .timeout_ms = 0, .response_cap = EVENT_CAP, .no_proxy = true};
    struct exchange event;
    bool arrived = run_exchange(runtime, &request, true, &event);
    bool goes_on;

    if (!arrived && stop_requested()) {
        LOG_INFO("stopped");
        *ret_code = 0;
        goes_on = false;
    } else if (!arrived || event.status != 200) {
        LOG_ERROR("the Runtime API has no next event, the process ends", LOG_INT("status", event.status),
                  LOG_STR("error", event.error.message));
        goes_on = false;
    } else {
        goes_on = handle(runtime, &event);
        if (!goes_on) {
            LOG_ERROR("the Runtime API says that the sandbox is lost, the process ends");
        }
    }
    exchange_done(&event);
    return goes_on;
}

static struct http_client *new_client(struct error *err)
{
    const struct http_options options = {.user_agent = "userstream-transformer",
                                         .connect_timeout_ms = CONNECT_TIMEOUT_MS};

    return http_client_new(&options, err);
}

int lambda_run(const char *runtime_api, struct function *function)
{
    struct error err = {0};
    struct runtime runtime = {.client = new_client(&err), .api = runtime_api, .function = function};
    char url[URL_CAP];
    int code = 1;

    if (!runtime.client) {
        LOG_ERROR("cannot start", LOG_STR("error", err.message));
        return 1;
    }
    snprintf(url, sizeof(url), "http://%s/2018-06-01/runtime/invocation/next", runtime_api);
    LOG_INFO("taking events from Lambda", LOG_STR("runtime_api", runtime_api));
    while (handle_next(&runtime, url, &code)) {
    }
    http_client_free(runtime.client);
    return code;
}

void lambda_init_failed(const char *runtime_api, const char *type, const char *message)
{
    struct error err = {0};
    struct runtime runtime = {.api = runtime_api};
    struct buf body;

    if (http_global_init(&err) != 0) {
        return;
    }
    runtime.client = new_client(&err);
    if (!runtime.client) {
        return;
    }
    buf_init(&body, ANSWER_CAP);
    buf_add_str(&body, "{\"errorMessage\":");
    buf_add_json_string(&body, message, strlen(message));
    buf_addf(&body, ",\"errorType\":\"%s\"}", type);
    (void)post(&runtime, "init/error", type, buf_str(&body), LEAST_POST_MS);
    buf_done(&body);
    http_client_free(runtime.client);
}
