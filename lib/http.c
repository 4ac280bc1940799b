/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/http.h"

#include <assert.h>
#include <curl/curl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/str.h"
#include "lib/url.h"

enum {
    DEFAULT_CONNECT_TIMEOUT_MS = 5000,
    DEFAULT_CONNECTIONS = 16,
    CONNECTION_CACHE = 64,           /* kept-alive connections, over all hosts */
    CONNECTION_AGE_S = 55,           /* an idle one older than this is not used again: servers close at 60 */
    RECEIVE_BUFFER = 128 * 1024,     /* one per transfer under way */
    RESPONSE_HEADER_CAP = 16 * 1024, /* bytes received */
    REQUEST_HEADER_CAP = 64 * 1024,  /* bytes sent; a session token takes up to 4 KiB */
    REQUEST_HEADERS = 64,            /* lines sent */
    OWN_HEADERS = 2,                 /* Expect and Content-Type */
    IDLE_TRANSFERS = 64,             /* handles kept for the next requests */
    KEPT_BODY_BYTES = 256 * 1024,    /* memory that an idle handle keeps for the next body */
    EXTRA_FDS = 64,
    PERFORM_POLL_MS = 1000
};

struct http_transfer {
    struct http_client *client;
    struct http_transfer *previous; /* in the list of those under way, */
    struct http_transfer *next;     /* or of the idle ones (next only) */
    CURL *easy;
    http_done_fn *done;
    void *ctx;
    struct buf body;
    struct buf headers;
    struct buf lines; /* the request's headers, "name: value" NUL */
    struct curl_slist nodes[REQUEST_HEADERS + OWN_HEADERS];
    char place[256]; /* "host:port", for messages */
    bool repeatable; /* the method is safe to send twice */
    unsigned tries;  /* how often curl was about to send the request */
    bool body_too_long;
    bool headers_too_long;
    int64_t timeout_ms;
    int64_t started_us;
    char reason[CURL_ERROR_SIZE];
};

struct http_client {
    CURLM *multi;
    char *user_agent;
    char *ca_bundle;
    int64_t connect_timeout_ms;
    struct http_transfer *active;
    struct http_transfer *idle;
    size_t active_count;
    size_t idle_count;
};

/* --- what curl calls --------------------------------------------------------------------------------- */

static size_t on_body(char *data, size_t size, size_t count, void *ctx)
{
    struct http_transfer *transfer = ctx;
    size_t len = size * count;

    buf_add(&transfer->body, data, len);
    if (buf_error(&transfer->body)) {
        transfer->body_too_long = buf_error(&transfer->body) == -ERROR_LIMIT;
        return len > 0 ? 0 : 1;
    }
    return len;
}

static size_t on_header(char *data, size_t size, size_t count, void *ctx)
{
    struct http_transfer *transfer = ctx;
    size_t len = size * count;
    struct str line = {data, len};

    while (line.len > 0 && (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r')) {
        line.len--;
    }
    if (str_starts_with(line, STR("HTTP/"))) {
        buf_reset(&transfer->headers); /* those before were of an interim answer (1xx) */
    } else if (line.len > 0) {
        buf_add(&transfer->headers, line.ptr, line.len);
        buf_add_char(&transfer->headers, '\n');
    }
    if (buf_error(&transfer->headers)) {
        transfer->headers_too_long = true;
        return 0;
    }
    return len;
}

/*
 * Called when a connection stands and the request is about to be sent. curl sends a request again by itself
 * when a kept-alive connection closes before the answer's first byte; the server may have acted on it all
 * the same, so what is not repeatable is given up instead, for the caller to decide on.
 */
static int on_ready_to_send(void *ctx, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
    struct http_transfer *transfer = ctx;

    (void)remote_ip;
    (void)local_ip;
    (void)remote_port;
    (void)local_port;
    transfer->tries++;
    return transfer->tries > 1 && !transfer->repeatable ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* --- transfers --------------------------------------------------------------------------------------- */

#define SET(option, value) ok = ok && curl_easy_setopt(easy, option, value) == CURLE_OK

/* What is the same for all requests of a client. */
static bool set_common(struct http_transfer *transfer)
{
    const struct http_client *client = transfer->client;
    CURL *easy = transfer->easy;
    bool ok = true;

    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_USERAGENT, client->user_agent);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)client->connect_timeout_ms);
    SET(CURLOPT_TCP_NODELAY, 1L);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_TCP_KEEPIDLE, 30L);
    SET(CURLOPT_TCP_KEEPINTVL, 15L);
    SET(CURLOPT_MAXAGE_CONN, (long)CONNECTION_AGE_S);
    SET(CURLOPT_BUFFERSIZE, (long)RECEIVE_BUFFER);
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_ERRORBUFFER, transfer->reason);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, transfer);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, transfer);
    SET(CURLOPT_PREREQFUNCTION, on_ready_to_send);
    SET(CURLOPT_PREREQDATA, transfer);
    SET(CURLOPT_PRIVATE, transfer);
    if (client->ca_bundle) {
        SET(CURLOPT_CAINFO, client->ca_bundle);
    }
    return ok;
}

static void transfer_free(struct http_transfer *transfer)
{
    if (!transfer) {
        return;
    }
    curl_easy_cleanup(transfer->easy);
    buf_done(&transfer->body);
    buf_done(&transfer->headers);
    buf_done_secret(&transfer->lines);
    free(transfer);
}

static struct http_transfer *transfer_new(struct http_client *client)
{
    struct http_transfer *transfer = calloc(1, sizeof(*transfer));

    if (!transfer) {
        return NULL;
    }
    transfer->client = client;
    buf_init(&transfer->body, 0);
    buf_init(&transfer->headers, RESPONSE_HEADER_CAP);
    buf_init(&transfer->lines, REQUEST_HEADER_CAP);
    transfer->easy = curl_easy_init();
    if (!transfer->easy || !set_common(transfer)) {
        transfer_free(transfer);
        return NULL;
    }
    return transfer;
}

static struct http_transfer *take_idle(struct http_client *client)
{
    struct http_transfer *transfer = client->idle;

    if (!transfer) {
        return transfer_new(client);
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
        transfer_free(transfer);
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

/* --- starting ---------------------------------------------------------------------------------------- */

static bool header_is_clean(const struct http_header *header)
{
    return header->name[0] != '\0' && !strpbrk(header->name, "\r\n: ;") && !strpbrk(header->value, "\r\n");
}

static void add_line(struct http_transfer *transfer, const char *name, const char *value)
{
    struct buf *lines = &transfer->lines;

    /* curl's notation: "name;" sends an empty header, "name:" suppresses its own. */
    if (!value) {
        buf_addf(lines, "%s:", name);
    } else {
        buf_addf(lines, value[0] == '\0' ? "%s;" : "%s: %s", name, value);
    }
    buf_add_char(lines, '\0');
}

/* The nodes point into `lines`, so they are made when that has stopped growing. */
static void link_nodes(struct http_transfer *transfer)
{
    char *line = transfer->lines.data;
    char *end = line + transfer->lines.len;
    size_t i = 0;

    while (line < end) {
        transfer->nodes[i].data = line;
        line += strlen(line) + 1;
        transfer->nodes[i].next = line < end ? &transfer->nodes[i + 1] : NULL;
        i++;
    }
}

static int set_headers(struct http_transfer *transfer, const struct http_request *request, struct error *err)
{
    bool has_type = false;

    buf_reset(&transfer->lines);
    if (request->header_count > REQUEST_HEADERS) {
        return error_set(err, ERROR_LIMIT, false, "%s: more than %d request headers", transfer->place,
                         REQUEST_HEADERS);
    }
    for (size_t i = 0; i < request->header_count; i++) {
        const struct http_header *header = &request->headers[i];
        if (!header_is_clean(header)) {
            return error_set(err, ERROR_SYNTAX, false, "%s: request header %zu is malformed", transfer->place,
                             i + 1);
        }
        has_type = has_type || strcasecmp(header->name, "Content-Type") == 0;
        add_line(transfer, header->name, header->value);
    }
    add_line(transfer, "Expect", NULL);
    if (!has_type) {
        add_line(transfer, "Content-Type", NULL);
    }
    if (buf_error(&transfer->lines)) {
        return error_set(err, (enum error_code) - buf_error(&transfer->lines), false,
                         "%s: request headers longer than %d bytes", transfer->place, REQUEST_HEADER_CAP);
    }
    link_nodes(transfer);
    if (curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->nodes) != CURLE_OK) {
        return error_set(err, ERROR_MEMORY, true, "%s: no memory for the request", transfer->place);
    }
    return 0;
}

static bool set_method(struct http_transfer *transfer, const struct http_request *request)
{
    CURL *easy = transfer->easy;
    const char *method = request->method;
    bool get = strcmp(method, "GET") == 0;
    bool head = strcmp(method, "HEAD") == 0;
    bool post = strcmp(method, "POST") == 0;
    bool body = request->body || post || strcmp(method, "PUT") == 0;
    bool ok = true;

    transfer->repeatable = get || head || strcmp(method, "PUT") == 0 || strcmp(method, "DELETE") == 0;
    SET(CURLOPT_POSTFIELDS, NULL); /* forget what the last request set */
    SET(CURLOPT_HTTPGET, 1L);
    if (body) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
        SET(CURLOPT_POSTFIELDS, request->body ? request->body : "");
    } else if (head) {
        SET(CURLOPT_NOBODY, 1L);
    }
    SET(CURLOPT_CUSTOMREQUEST, (get && !body) || head || post ? NULL : method);
    return ok;
}

/* Who the messages name: never user, path or query. */
static bool note_place(struct http_transfer *transfer, const char *url)
{
    struct url parts;
    struct str place;
    size_t len;

    if (!url_split(str_of(url), &parts)) {
        return false;
    }
    place = parts.authority;
    len = place.len < sizeof(transfer->place) ? place.len : sizeof(transfer->place) - 1;
    memcpy(transfer->place, place.ptr, len);
    transfer->place[len] = '\0';
    return true;
}

static int prepare(struct http_transfer *transfer, const struct http_request *request, struct error *err)
{
    CURL *easy = transfer->easy;
    bool ok = true;
    int rc;

    if (!note_place(transfer, request->url)) {
        return error_set(err, ERROR_CONFIG, false, "not an http or https URL");
    }
    rc = set_headers(transfer, request, err);
    if (rc < 0) {
        return rc;
    }
    SET(CURLOPT_URL, request->url);
    SET(CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    SET(CURLOPT_NOPROXY, request->no_proxy ? "*" : NULL);
    if (!ok || !set_method(transfer, request)) {
        return error_set(err, ERROR_MEMORY, true, "%s: no memory for the request", transfer->place);
    }
    buf_reset(&transfer->body);
    buf_reset(&transfer->headers);
    transfer->body.cap = request->response_cap;
    transfer->tries = 0;
    transfer->body_too_long = transfer->headers_too_long = false;
    transfer->timeout_ms = request->timeout_ms;
    transfer->reason[0] = '\0';
    return 0;
}

struct http_transfer *http_start(struct http_client *client, const struct http_request *request,
                                 http_done_fn *done, void *ctx, struct error *err)
{
    struct http_transfer *transfer = take_idle(client);

    if (!transfer) {
        error_set(err, ERROR_MEMORY, true, "no memory for an HTTP request");
        return NULL;
    }
    if (prepare(transfer, request, err) < 0) {
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

/* --- finishing --------------------------------------------------------------------------------------- */

/* True if bytes of the request may have left. */
static bool was_sent(const struct http_transfer *transfer)
{
    long bytes = 0;

    return transfer->tries > 0 &&
           curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &bytes) == CURLE_OK && bytes > 0;
}

static void timed_out(const struct http_transfer *transfer, struct error *err)
{
    if (transfer->tries == 0) {
        error_set(err, ERROR_TIMEOUT, true, "%s: no connection in time: %s", transfer->place,
                  transfer->reason);
    } else {
        error_set(err, ERROR_TIMEOUT, true, "%s: no whole answer within %lld ms", transfer->place,
                  (long long)transfer->timeout_ms);
    }
}

static void too_long(const struct http_transfer *transfer, struct error *err)
{
    if (transfer->headers_too_long) {
        error_set(err, ERROR_LIMIT, false, "%s: the answer's headers are longer than %d bytes",
                  transfer->place, RESPONSE_HEADER_CAP);
    } else if (transfer->body_too_long) {
        error_set(err, ERROR_LIMIT, false, "%s: the answer is longer than %zu bytes", transfer->place,
                  transfer->body.cap);
    } else {
        error_set(err, ERROR_MEMORY, true, "%s: no memory for the answer", transfer->place);
    }
}

static void describe(const struct http_transfer *transfer, CURLcode code, struct error *err)
{
    const char *place = transfer->place;
    const char *reason = transfer->reason[0] ? transfer->reason : curl_easy_strerror(code);

    switch (code) {
    case CURLE_OK:
        *err = (struct error){0};
        break;
    case CURLE_OPERATION_TIMEDOUT:
        timed_out(transfer, err);
        break;
    case CURLE_WRITE_ERROR:
        too_long(transfer, err);
        break;
    case CURLE_ABORTED_BY_CALLBACK:
        error_set(err, ERROR_NETWORK, true, "%s: the server closed the connection without an answer", place);
        break;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        error_set(err, ERROR_CONFIG, false, "%s: %s", place, reason);
        break;
    case CURLE_SSL_CACERT_BADFILE:
        error_set(err, ERROR_CONFIG, false, "%s: certificate authorities cannot be read: %s", place, reason);
        break;
    case CURLE_PEER_FAILED_VERIFICATION:
        error_set(err, ERROR_NETWORK, false, "%s: the server's certificate is not trusted: %s", place,
                  reason);
        break;
    case CURLE_OUT_OF_MEMORY:
        error_set(err, ERROR_MEMORY, true, "%s: %s", place, reason);
        break;
    default:
        error_set(err, ERROR_NETWORK, true, "%s: %s", place, reason);
        break;
    }
}

static enum http_failure failure_of(CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return HTTP_FAILURE_NONE;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return HTTP_FAILURE_DNS;
    case CURLE_COULDNT_CONNECT:
        return HTTP_FAILURE_CONNECT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return HTTP_FAILURE_TLS;
    case CURLE_OPERATION_TIMEDOUT:
        return HTTP_FAILURE_TIMEOUT;
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_ABORTED_BY_CALLBACK:
        return HTTP_FAILURE_BROKEN;
    case CURLE_PARTIAL_FILE:
        return HTTP_FAILURE_CUT_SHORT;
    case CURLE_WRITE_ERROR:
        return HTTP_FAILURE_TOO_LONG;
    default:
        return HTTP_FAILURE_OTHER;
    }
}

static void finish(struct http_transfer *transfer, CURLcode code)
{
    long status = 0;
    struct http_response response = {
        .body = &transfer->body,
        .headers = &transfer->headers,
        .failure = failure_of(code),
        .sent = was_sent(transfer),
        .latency_us = clock_monotonic_us() - transfer->started_us,
    };

    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    response.status = (int)status;
    describe(transfer, code, &response.error);
    deactivate(transfer);
    transfer->done(transfer->ctx, &response);
    give_back(transfer);
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
            finish(transfer, code);
            finished++;
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

int http_global_init(struct error *err)
{
    CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);

    if (code != CURLE_OK) {
        return error_set(err, ERROR_MEMORY, false, "libcurl does not start: %s", curl_easy_strerror(code));
    }
    return 0;
}

struct http_client *http_client_new(const struct http_options *options, struct error *err)
{
    struct http_client *client = calloc(1, sizeof(*client));
    int connections = options->max_connections > 0 ? options->max_connections : DEFAULT_CONNECTIONS;
    bool ok = client != NULL;

    if (ok) {
        client->connect_timeout_ms =
            options->connect_timeout_ms > 0 ? options->connect_timeout_ms : DEFAULT_CONNECT_TIMEOUT_MS;
        client->user_agent = strdup(options->user_agent);
        client->ca_bundle = options->ca_bundle ? strdup(options->ca_bundle) : NULL;
        client->multi = curl_multi_init();
        ok = client->user_agent && client->multi && (!options->ca_bundle || client->ca_bundle) &&
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
        transfer_free(take_idle(client));
    }
    curl_multi_cleanup(client->multi);
    free(client->user_agent);
    free(client->ca_bundle);
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
