/* SPDX-License-Identifier: Apache-2.0 */
#include "transformer/lambda.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/stop.h"
#include "transformer/runtime_api.h"

enum {
    ID_CAP = 128,
    PATH_CAP = ID_CAP + 64,
    TRACE_CAP = 1024,
    /* The Runtime API's own limit for events is Lambda's 6 MB; some room, since only it decides. */
    EVENT_CAP = TRANSFORM_PAYLOAD_CAP + 1024 * 1024,
    ANSWER_CAP = 64 * 1024, /* what the Runtime API says to a post */
    LEAST_POST_MS = 1000,
    LONGEST_POST_MS = 900000 /* as long as a function may take */
};

struct runtime {
    struct runtime_api api;
    struct function *function;
};

struct event {
    char request_id[ID_CAP];
    char trace_id[TRACE_CAP];
    int64_t deadline_ms; /* since 1970; 0: not told */
    struct str body;
};

/* The id becomes part of a path. */
static bool is_request_id(const char *id)
{
    return *id &&
           strspn(id, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") == strlen(id);
}

static void copy_header(const struct http_answer *answer, const char *name, char *out, size_t size)
{
    struct str value = http_answer_header(answer, name);

    snprintf(out, size, "%.*s", STR_ARG(value));
}

static void read_event(const struct http_answer *answer, struct event *ret)
{
    long long deadline_ms = 0;

    copy_header(answer, "Lambda-Runtime-Aws-Request-Id", ret->request_id, sizeof(ret->request_id));
    copy_header(answer, "Lambda-Runtime-Trace-Id", ret->trace_id, sizeof(ret->trace_id));
    (void)str_to_int64(http_answer_header(answer, "Lambda-Runtime-Deadline-Ms"), 0, INT64_MAX, &deadline_ms);
    ret->deadline_ms = deadline_ms;
    ret->body = http_answer_body(answer);
}

/* --- posts -----------------------------------------------------------------------------------------------
 */

/* Posts and returns the status, or 0 if there was no answer, which is logged. `type` is NULL or an error's.
 */
static int post(struct runtime *runtime, const char *path, const char *type, struct str body,
                int64_t timeout_ms)
{
    const struct runtime_request request = {
        .method = "POST", .path = path, .error_type = type, .body = body, .timeout_ms = timeout_ms};
    struct http_answer answer;
    struct error err = {0};
    int status = 0;

    http_answer_init(&answer, ANSWER_CAP);
    if (runtime_api_exchange(&runtime->api, &request, &answer, &err) == 0) {
        status = answer.status;
    } else {
        LOG_ERROR("the Runtime API did not take the post, going on with the next event",
                  LOG_STR("path", path), LOG_STR("error", err.message));
    }
    http_answer_done(&answer);
    return status;
}

static int post_error(struct runtime *runtime, const char *request_id, const char *type, struct str body,
                      int64_t timeout_ms)
{
    char path[PATH_CAP];

    snprintf(path, sizeof(path), "invocation/%s/error", request_id);
    return post(runtime, path, type, body, timeout_ms);
}

static int post_answer(struct runtime *runtime, const char *request_id, int64_t timeout_ms)
{
    const struct buf *out = &runtime->function->out;
    char path[PATH_CAP];
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

static int64_t time_left_ms(const struct event *event)
{
    int64_t left_ms = event->deadline_ms - clock_wall_ms();

    if (event->deadline_ms == 0 || left_ms > LONGEST_POST_MS) {
        return LONGEST_POST_MS;
    }
    return left_ms < LEAST_POST_MS ? LEAST_POST_MS : left_ms;
}

/* False if the sandbox is lost. */
static bool handle(struct runtime *runtime, const struct event *event)
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
    type = function_invoke(runtime->function, event->body, id);
    status = type ? post_error(runtime, id, type, buf_str(out), time_left_ms(event))
                  : post_answer(runtime, id, time_left_ms(event));
    if (status >= 300 && status != 500) {
        LOG_ERROR("the Runtime API refused the answer, going on with the next event",
                  LOG_STR("request_id", id), LOG_INT("status", status));
    }
    if (status == 500) {
        LOG_ERROR("the Runtime API says that the sandbox is lost, the process ends");
    }
    return status != 500;
}

/* Waits for an event and answers it. False at the end, with *ret_code set. */
static bool handle_next(struct runtime *runtime, int *ret_code)
{
    const struct runtime_request request = {
        .method = "GET", .path = "invocation/next", .interruptible = true};
    struct http_answer answer;
    struct event event;
    struct error err = {0};
    bool goes_on = false;
    int rc;

    http_answer_init(&answer, EVENT_CAP);
    rc = runtime_api_exchange(&runtime->api, &request, &answer, &err);
    if (rc == -ERROR_STOPPED) {
        LOG_INFO("stopped");
        *ret_code = 0;
    } else if (rc < 0 || answer.status != 200) {
        LOG_ERROR("the Runtime API has no next event, the process ends", LOG_INT("status", answer.status),
                  LOG_STR("error", err.message));
    } else {
        read_event(&answer, &event);
        goes_on = handle(runtime, &event);
    }
    http_answer_done(&answer);
    return goes_on;
}

int lambda_run(const char *runtime_api, struct function *function)
{
    struct runtime runtime = {.function = function};
    struct error err = {0};
    int code = 1;

    if (runtime_api_init(&runtime.api, runtime_api, &err) < 0) {
        LOG_ERROR("cannot start", LOG_STR("error", err.message));
        return 1;
    }
    LOG_INFO("taking events from Lambda", LOG_STR("runtime_api", runtime_api));
    while (handle_next(&runtime, &code)) {
    }
    runtime_api_done(&runtime.api);
    return code;
}

void lambda_init_failed(const char *runtime_api, const char *type, const char *message)
{
    struct runtime runtime = {0};
    struct buf body;

    if (runtime_api_init(&runtime.api, runtime_api, NULL) < 0) {
        return;
    }
    buf_init(&body, ANSWER_CAP);
    buf_add_str(&body, "{\"errorMessage\":");
    buf_add_json_string(&body, message, strlen(message));
    buf_addf(&body, ",\"errorType\":\"%s\"}", type);
    (void)post(&runtime, "init/error", type, buf_str(&body), LEAST_POST_MS);
    buf_done(&body);
    runtime_api_done(&runtime.api);
}
