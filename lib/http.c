/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/http.h"

#include <assert.h>
#include <curl/curl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/http_transfer.h"
#include "lib/str.h"

enum {
    DEFAULT_CONNECT_TIMEOUT_MS = 5000,
    DEFAULT_CONNECTIONS = 16,
    CONNECTION_CACHE = 64,        /* kept-alive connections, over all hosts */
    IDLE_TRANSFERS = 64,          /* handles kept for the next requests */
    KEPT_BODY_BYTES = 256 * 1024, /* memory that an idle handle keeps for the next body */
    RESTARTS = 100,               /* of one request: each closes a connection of the cache */
    EXTRA_FDS = 64,
    PERFORM_POLL_MS = 1000
};

struct http_client {
    CURLM *multi;
    struct http_settings settings;
    struct http_transfer *active;
    struct http_transfer *idle;
    size_t active_count;
    size_t idle_count;
};

/* --- transfers --------------------------------------------------------------------------------------- */

static struct http_transfer *take_idle(struct http_client *client)
{
    struct http_transfer *transfer = client->idle;

    if (!transfer) {
        return http_transfer_new(client, &client->settings);
    }
    client->idle = transfer->next;
    client->idle_count--;
    transfer->next = NULL;
    return transfer;
}

static void give_back(struct http_transfer *transfer)
{
    struct http_client *client = transfer->client;

    if (client->idle_count == IDLE_TRANSFERS) {
        http_transfer_free(transfer);
        return;
    }
    if (transfer->body.size > KEPT_BODY_BYTES) {
        buf_done(&transfer->body);
    }
    transfer->next = client->idle;
    client->idle = transfer;
    client->idle_count++;
}

static void activate(struct http_transfer *transfer)
{
    struct http_client *client = transfer->client;

    transfer->previous = NULL;
    transfer->next = client->active;
    if (transfer->next) {
        transfer->next->previous = transfer;
    }
    client->active = transfer;
    client->active_count++;
}

static void deactivate(struct http_transfer *transfer)
{
    struct http_client *client = transfer->client;

    curl_multi_remove_handle(client->multi, transfer->easy);
    if (transfer->previous) {
        transfer->previous->next = transfer->next;
    } else {
        client->active = transfer->next;
    }
    if (transfer->next) {
        transfer->next->previous = transfer->previous;
    }
    transfer->previous = transfer->next = NULL;
    client->active_count--;
}

struct http_transfer *http_start(struct http_client *client, const struct http_request *request,
                                 http_done_fn *done, void *ctx, struct error *err)
{
    struct http_transfer *transfer = take_idle(client);

    if (!transfer) {
        error_set(err, ERROR_MEMORY, true, "no memory for an HTTP request");
        return NULL;
    }
    if (http_transfer_prepare(transfer, request, err) < 0) {
        give_back(transfer);
        return NULL;
    }
    transfer->done = done;
    transfer->ctx = ctx;
    transfer->started_us = clock_monotonic_us();
    if (curl_multi_add_handle(client->multi, transfer->easy) != CURLM_OK) {
        error_set(err, ERROR_MEMORY, true, "%s: cannot start the request", transfer->place);
        give_back(transfer);
        return NULL;
    }
    activate(transfer);
    return transfer;
}

void http_cancel(struct http_transfer *transfer)
{
    if (transfer) {
        deactivate(transfer);
        give_back(transfer);
    }
}

/* --- the loop ---------------------------------------------------------------------------------------- */

static void finish(struct http_transfer *transfer, CURLcode code)
{
    long status = 0;
    struct http_response response = {
        .body = &transfer->body,
        .headers = &transfer->headers,
        .failure = http_transfer_failure(code),
        .sent = http_transfer_was_sent(transfer),
        .latency_us = clock_monotonic_us() - transfer->started_us,
    };

    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    response.status = (int)status;
    http_transfer_describe(transfer, code, &response.error);
    deactivate(transfer);
    transfer->done(transfer->ctx, &response);
    give_back(transfer);
}

/* Once more, when the connection turned out to be closed before anything was sent. */
static bool restart(struct http_transfer *transfer)
{
    CURLM *multi = transfer->client->multi;

    if (!transfer->stale || transfer->restarts == RESTARTS) {
        return false;
    }
    transfer->stale = false;
    transfer->restarts++;
    curl_multi_remove_handle(multi, transfer->easy);
    return curl_multi_add_handle(multi, transfer->easy) == CURLM_OK;
}

/* Returns how many transfers finished. Their callbacks may start and cancel others. */
static size_t run(struct http_client *client)
{
    struct http_transfer *transfer;
    size_t finished = 0;
    CURLMsg *message;
    int running;
    int left;

    curl_multi_perform(client->multi, &running);
    while ((message = curl_multi_info_read(client->multi, &left))) {
        CURLcode code = message->data.result;
        if (message->msg == CURLMSG_DONE &&
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer) == CURLE_OK) {
            if (!restart(transfer)) {
                finish(transfer, code);
                finished++;
            }
        }
    }
    return finished;
}

static void wait_for_events(struct http_client *client, struct pollfd *extra, size_t extra_count,
                            int timeout_ms)
{
    struct curl_waitfd fds[EXTRA_FDS];
    unsigned count = 0;

    assert(extra_count <= EXTRA_FDS);
    for (size_t i = 0; i < extra_count; i++) {
        extra[i].revents = 0;
        if (extra[i].fd >= 0) {
            fds[count++] = (struct curl_waitfd){
                .fd = extra[i].fd,
                .events = (short)((extra[i].events & POLLIN ? CURL_WAIT_POLLIN : 0) |
                                  (extra[i].events & POLLPRI ? CURL_WAIT_POLLPRI : 0) |
                                  (extra[i].events & POLLOUT ? CURL_WAIT_POLLOUT : 0)),
            };
        }
    }
    curl_multi_poll(client->multi, fds, count, timeout_ms, NULL);
    if (count > 0) {
        poll(extra, extra_count, 0); /* curl does not pass on POLLERR and POLLHUP */
    }
}

void http_poll(struct http_client *client, struct pollfd *extra, size_t extra_count, int64_t timeout_ms)
{
    int wait_ms = timeout_ms < 0 || timeout_ms > INT_MAX ? INT_MAX : (int)timeout_ms;

    if (run(client) > 0) {
        wait_ms = 0;
    }
    wait_for_events(client, extra, extra_count, wait_ms);
    run(client);
}

/* --- the client -------------------------------------------------------------------------------------- */

/* curl counts these calls: a second client is no harm. */
static int start_curl(struct error *err)
{
    CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);

    signal(SIGPIPE, SIG_IGN);
    if (code != CURLE_OK) {
        return error_set(err, ERROR_MEMORY, false, "libcurl does not start: %s", curl_easy_strerror(code));
    }
    return 0;
}

struct http_client *http_client_new(const struct http_options *options, struct error *err)
{
    int connections = options->max_connections > 0 ? options->max_connections : DEFAULT_CONNECTIONS;
    struct http_client *client;
    bool ok;

    if (start_curl(err)) {
        return NULL;
    }
    client = calloc(1, sizeof(*client));
    ok = client != NULL;
    if (ok) {
        client->settings.connect_timeout_ms =
            options->connect_timeout_ms > 0 ? options->connect_timeout_ms : DEFAULT_CONNECT_TIMEOUT_MS;
        client->settings.user_agent = strdup(options->user_agent);
        client->settings.ca_bundle = options->ca_bundle ? strdup(options->ca_bundle) : NULL;
        client->multi = curl_multi_init();
        ok = client->settings.user_agent && client->multi &&
             (!options->ca_bundle || client->settings.ca_bundle) &&
             curl_multi_setopt(client->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING) == CURLM_OK &&
             curl_multi_setopt(client->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)connections) == CURLM_OK &&
             curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTION_CACHE) == CURLM_OK;
    }
    if (!ok) {
        error_set(err, ERROR_MEMORY, true, "no memory for the HTTP client");
        http_client_free(client);
        return NULL;
    }
    return client;
}

void http_client_free(struct http_client *client)
{
    if (!client) {
        return;
    }
    while (client->active) {
        http_cancel(client->active);
    }
    while (client->idle) {
        http_transfer_free(take_idle(client));
    }
    curl_multi_cleanup(client->multi); /* closes the connections */
    http_sockets_done(&client->settings.sockets);
    free(client->settings.user_agent);
    free(client->settings.ca_bundle);
    free(client);
}

size_t http_in_flight(const struct http_client *client)
{
    return client->active_count;
}

/* --- one request to its end -------------------------------------------------------------------------- */

struct waiting {
    bool done;
    int status;
    int rc;
    struct buf *body;
    struct error *err;
};

static void on_waited(void *ctx, const struct http_response *response)
{
    struct waiting *waiting = ctx;

    waiting->done = true;
    waiting->status = response->status;
    if (response->error.code != ERROR_NONE) {
        waiting->rc = -(int)response->error.code;
        if (waiting->err) {
            *waiting->err = response->error;
        }
        return;
    }
    if (waiting->body) {
        buf_add(waiting->body, response->body->data, response->body->len);
        waiting->rc = buf_error(waiting->body);
        if (waiting->rc < 0) {
            error_set(waiting->err, (enum error_code) - waiting->rc, false,
                      "the answer does not fit in %zu bytes", waiting->body->cap);
        }
    }
}

int http_perform(struct http_client *client, const struct http_request *request, int *ret_status,
                 struct buf *ret_body, struct error *err)
{
    struct waiting waiting = {.body = ret_body, .err = err};
    struct error start_error = {0};

    if (!http_start(client, request, on_waited, &waiting, &start_error)) {
        if (err) {
            *err = start_error;
        }
        return -(int)start_error.code;
    }
    while (!waiting.done) {
        http_poll(client, NULL, 0, PERFORM_POLL_MS);
    }
    if (waiting.rc == 0 && ret_status) {
        *ret_status = waiting.status;
    }
    return waiting.rc;
}

/* --- answers ----------------------------------------------------------------------------------------- */

static struct str trim(struct str s)
{
    while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t')) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t')) {
        s.len--;
    }
    return s;
}

struct str http_response_header(const struct http_response *response, const char *name)
{
    struct str rest = buf_str(response->headers);
    struct str wanted = str_of(name);

    while (rest.len > 0) {
        const char *end = memchr(rest.ptr, '\n', rest.len);
        size_t len = end ? (size_t)(end - rest.ptr) : rest.len;
        const char *colon = memchr(rest.ptr, ':', len);

        if (colon && str_eq_nocase((struct str){rest.ptr, (size_t)(colon - rest.ptr)}, wanted)) {
            return trim((struct str){colon + 1, len - (size_t)(colon + 1 - rest.ptr)});
        }
        rest.ptr += len + (end != NULL);
        rest.len -= len + (end != NULL);
    }
    return STR("");
}
