/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/httpd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/url.h"

enum {
    DEFAULT_BODY_CAP = 64 * 1024,
    DEFAULT_CONNECTIONS = 256,
    DEFAULT_TIMEOUT_S = 30,
    /* Read on behind a body's cap, so that the client gets the 413 and not a reset; then it is cut off. */
    DISCARD_CAP = 1024 * 1024,
    /* One connection's memory at libmicrohttpd: its headers, and the pieces a body arrives in. */
    CONNECTION_MEMORY = 64 * 1024,
    CONNECTION_INCREMENT = 16 * 1024,
    REPLY_HEADER_CAP = 16 * 1024,
    LISTEN_BACKLOG = 511,
    RUN_ROUNDS = 16
};

enum request_state {
    REQUEST_READING,
    REQUEST_HANDLING, /* inside the handler's call */
    REQUEST_KEPT,     /* the connection is suspended until the answer */
    REQUEST_ANSWERED,
    REQUEST_ABORTED
};

struct httpd_request {
    struct httpd *httpd;
    struct httpd_request *previous;
    struct httpd_request *next;
    struct MHD_Connection *connection; /* NULL until the headers are complete */
    enum request_state state;
    const char *method;
    struct str target;
    size_t path_len;
    struct buf body;
    bool too_long;
    size_t discarded;
    struct buf headers; /* of the reply: name NUL value NUL, ... */
    struct MHD_Response *response;
    unsigned status;
    char target_bytes[];
};

struct httpd {
    struct MHD_Daemon *daemon;
    int poll_fd;  /* epoll over the daemon's own epoll descriptor and the timer: what the caller polls */
    int timer_fd; /* for what libmicrohttpd wants done without an event */
    int64_t timer_due_ms; /* 0: not armed */
    uint16_t port;
    struct httpd_limits limits;
    httpd_handler *handler;
    void *ctx;
    struct httpd_request *requests;
    unsigned in_flight;
    bool quiesced;
};

/* --- waking up ----------------------------------------------------------------------------------- */

/*
 * Makes poll_fd readable when libmicrohttpd is due without an event: at once for work it left over, later
 * for idle connections. A timer that is early enough is left alone, so most requests set none.
 */
static void arm_timer(struct httpd *httpd, int64_t timeout_ms)
{
    int64_t now = clock_monotonic_ms();
    int64_t due = timeout_ms < 0 ? 0 : now + timeout_ms;
    struct itimerspec timer = {0};

    if (httpd->timer_due_ms > now && (due == 0 || httpd->timer_due_ms <= due)) {
        return;
    }
    if (due == 0 && httpd->timer_due_ms == 0) {
        return;
    }
    if (timeout_ms >= 0) {
        timer.it_value.tv_sec = timeout_ms / 1000;
        timer.it_value.tv_nsec = timeout_ms % 1000 * 1000000 + 1; /* all zero would disarm it */
    }
    timerfd_settime(httpd->timer_fd, 0, &timer, NULL);
    httpd->timer_due_ms = due;
}

/* --- requests ---------------------------------------------------------------------------------------- */

static void request_free(struct httpd_request *request)
{
    if (!request) {
        return;
    }
    if (request->previous) {
        request->previous->next = request->next;
    } else {
        request->httpd->requests = request->next;
    }
    if (request->next) {
        request->next->previous = request->previous;
    }
    if (request->connection) {
        request->httpd->in_flight--;
    }
    if (request->response) {
        MHD_destroy_response(request->response);
    }
    buf_done(&request->body);
    buf_done(&request->headers);
    free(request);
}

/* libmicrohttpd's first word of a request: its target as sent. The result travels as *con_cls. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *connection)
{
    struct httpd *httpd = cls;
    size_t len = strlen(target);
    struct httpd_request *request = calloc(1, sizeof(*request) + len + 1);
    const char *query;

    (void)connection;
    if (!request) {
        return NULL;
    }
    memcpy(request->target_bytes, target, len + 1);
    request->target = (struct str){request->target_bytes, len};
    query = strchr(request->target_bytes, '?');
    request->path_len = query ? (size_t)(query - request->target_bytes) : len;
    buf_init(&request->body, httpd->limits.body_cap);
    buf_init(&request->headers, REPLY_HEADER_CAP);
    request->httpd = httpd;
    request->next = httpd->requests;
    if (request->next) {
        request->next->previous = request;
    }
    httpd->requests = request;
    return request;
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
                         enum MHD_RequestTerminationCode code)
{
    (void)cls;
    (void)connection;
    (void)code;
    request_free(*con_cls);
    *con_cls = NULL;
}

/* --- replies ----------------------------------------------------------------------------------------- */

static bool add_reply_headers(struct MHD_Response *response, const struct buf *headers)
{
    const char *p = headers->data;

    if (buf_error(headers)) {
        return false;
    }
    while (p && p < headers->data + headers->len) {
        const char *value = p + strlen(p) + 1;
        if (MHD_add_response_header(response, p, value) != MHD_YES) {
            return false;
        }
        p = value + strlen(value) + 1;
    }
    return true;
}

static struct MHD_Response *make_response(struct httpd_request *request, const void *body, size_t len)
{
    struct MHD_Response *response;
    void *copy = NULL;

    if (len > 0) {
        copy = malloc(len);
        if (!copy) {
            return NULL;
        }
        memcpy(copy, body, len);
    }
    response =
        MHD_create_response_from_buffer(len, copy, len > 0 ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
    if (!response) {
        free(copy);
        return NULL;
    }
    if (!add_reply_headers(response, &request->headers)) {
        MHD_destroy_response(response);
        return NULL;
    }
    return response;
}

/* Gives libmicrohttpd the answer from inside its call of on_request(). */
static enum MHD_Result queue_answer(struct httpd_request *request)
{
    return request->response ? MHD_queue_response(request->connection, request->status, request->response)
                             : MHD_NO;
}

static void finish(struct httpd_request *request, enum request_state state)
{
    bool kept = request->state == REQUEST_KEPT;

    request->state = state;
    if (kept) {
        MHD_resume_connection(request->connection); /* leads to another call of on_request() */
        arm_timer(request->httpd, 0);
    }
}

void httpd_reply_header(struct httpd_request *request, const char *name, const char *value)
{
    buf_add(&request->headers, name, strlen(name) + 1);
    buf_add(&request->headers, value, strlen(value) + 1);
}

void httpd_reply(struct httpd_request *request, int status, const char *content_type, const void *body,
                 size_t len)
{
    if (content_type) {
        httpd_reply_header(request, "Content-Type", content_type);
    }
    if (request->httpd->quiesced) {
        httpd_reply_header(request, "Connection", "close");
    }
    request->status = (unsigned)status;
    request->response = make_response(request, body, len);
    finish(request, REQUEST_ANSWERED);
}

void httpd_reply_text(struct httpd_request *request, int status, const char *text)
{
    httpd_reply(request, status, "text/plain; charset=utf-8", text, strlen(text));
}

void httpd_abort(struct httpd_request *request)
{
    finish(request, REQUEST_ABORTED);
}

/* --- libmicrohttpd's calls --------------------------------------------------------------------------- */

static enum MHD_Result reply_too_long(struct httpd_request *request)
{
    char text[80];

    snprintf(text, sizeof(text), "the body is longer than %zu bytes\n", request->httpd->limits.body_cap);
    httpd_reply_header(request, "Connection", "close");
    request->state = REQUEST_HANDLING;
    httpd_reply_text(request, 413, text);
    return queue_answer(request);
}

static enum MHD_Result begin(struct httpd_request *request, struct MHD_Connection *connection,
                             const char *method)
{
    const char *text = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
    long long length = 0;

    request->connection = connection;
    request->method = method;
    request->httpd->in_flight++;
    if (!text || !str_to_int64(str_of(text), 0, INT64_MAX, &length)) {
        return MHD_YES;
    }
    if ((uint64_t)length > (uint64_t)request->httpd->limits.body_cap + DISCARD_CAP) {
        return reply_too_long(request);
    }
    if ((size_t)length <= request->httpd->limits.body_cap) {
        buf_reserve(&request->body, (size_t)length);
    }
    return MHD_YES;
}

static enum MHD_Result take_upload(struct httpd_request *request, const char *data, size_t *len)
{
    if (!request->too_long) {
        buf_add(&request->body, data, *len);
        if (buf_error(&request->body)) {
            request->too_long = true;
            buf_done(&request->body);
        }
    }
    if (request->too_long) {
        request->discarded += *len;
        if (request->discarded > DISCARD_CAP) {
            return MHD_NO;
        }
    }
    *len = 0;
    return MHD_YES;
}

static enum MHD_Result hand_over(struct httpd_request *request)
{
    request->state = REQUEST_HANDLING;
    request->httpd->handler(request->httpd->ctx, request);
    switch (request->state) {
    case REQUEST_ANSWERED:
        return queue_answer(request);
    case REQUEST_ABORTED:
        return MHD_NO;
    default:
        request->state = REQUEST_KEPT;
        MHD_suspend_connection(request->connection);
        return MHD_YES;
    }
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload_data,
                                  size_t *upload_data_size, void **con_cls)
{
    struct httpd_request *request = *con_cls;

    (void)cls;
    (void)url;
    (void)version;
    if (!request) {
        return MHD_NO;
    }
    if (!request->connection) {
        return begin(request, connection, method);
    }
    if (*upload_data_size > 0) {
        return take_upload(request, upload_data, upload_data_size);
    }
    switch (request->state) {
    case REQUEST_READING:
        return request->too_long ? reply_too_long(request) : hand_over(request);
    case REQUEST_ANSWERED:
        return queue_answer(request);
    case REQUEST_ABORTED:
        return MHD_NO;
    default:
        return MHD_YES;
    }
}

static void on_log(void *cls, const char *format, va_list args) PRINTF_LIKE(2, 0);
static void on_log(void *cls, const char *format, va_list args)
{
    char text[256];
    size_t len;

    (void)cls;
    vsnprintf(text, sizeof(text), format, args);
    len = strlen(text);
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == ' ')) {
        text[--len] = '\0';
    }
    LOG_DEBUG("http server", LOG_STR("message", text));
}

/* --- start and stop ---------------------------------------------------------------------------------- */

static bool parse_address(const char *text, uint16_t port, struct sockaddr_storage *ret, socklen_t *ret_len)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;

    memset(ret, 0, sizeof(*ret));
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        *ret_len = sizeof(*v4);
        return true;
    }
    if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        *ret_len = sizeof(*v6);
        return true;
    }
    return false;
}

static int listen_failed(const char *address, uint16_t port, int number, struct error *err)
{
    const char *hint = "";

    if (number == EADDRINUSE) {
        hint = "; another process listens there, set HTTP_PORT to a free port";
    } else if (number == EADDRNOTAVAIL) {
        hint = "; no interface of this machine has the address, set HTTP_ADDRESS";
    } else if (number == EACCES) {
        hint = "; ports below 1024 need a privilege, set HTTP_PORT to a higher one";
    }
    return error_set(err, ERROR_IO, false, "cannot listen on %s port %u: %s%s", address, port,
                     strerror(number), hint);
}

/* A listening socket, so that what goes wrong is known exactly. Negative on failure. */
static int listen_on(const char *address, uint16_t port, struct error *err)
{
    struct sockaddr_storage name;
    socklen_t name_len;
    int yes = 1;
    int fd;

    if (!parse_address(address, port, &name, &name_len)) {
        return error_set(err, ERROR_CONFIG, false, "HTTP_ADDRESS \"%s\" is no IPv4 or IPv6 address", address);
    }
    fd = socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return listen_failed(address, port, errno, err);
    }
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0 ||
        bind(fd, (struct sockaddr *)&name, name_len) < 0 || listen(fd, LISTEN_BACKLOG) < 0) {
        int number = errno;
        close(fd);
        return listen_failed(address, port, number, err);
    }
    return fd;
}

static uint16_t bound_port(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } name = {0};
    socklen_t len = sizeof(name);

    if (getsockname(fd, &name.any, &len) < 0) {
        return 0;
    }
    return ntohs(name.any.sa_family == AF_INET6 ? name.v6.sin6_port : name.v4.sin_port);
}

static struct MHD_Daemon *start_daemon(struct httpd *httpd, int listen_fd)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, httpd,
        MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, MHD_OPTION_LISTEN_SOCKET, listen_fd,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, httpd, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
        MHD_OPTION_CONNECTION_LIMIT, httpd->limits.connections, MHD_OPTION_CONNECTION_TIMEOUT,
        httpd->limits.timeout_s, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_CONNECTION_MEMORY_INCREMENT, (size_t)CONNECTION_INCREMENT, MHD_OPTION_END);
}

static bool make_pollable(struct httpd *httpd)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(httpd->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    struct epoll_event event = {.events = EPOLLIN};

    httpd->poll_fd = epoll_create1(EPOLL_CLOEXEC);
    httpd->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    return info && httpd->poll_fd >= 0 && httpd->timer_fd >= 0 &&
           epoll_ctl(httpd->poll_fd, EPOLL_CTL_ADD, info->epoll_fd, &event) == 0 &&
           epoll_ctl(httpd->poll_fd, EPOLL_CTL_ADD, httpd->timer_fd, &event) == 0;
}

static struct httpd_limits with_defaults(const struct httpd_limits *limits)
{
    struct httpd_limits full = limits ? *limits : (struct httpd_limits){0};

    full.body_cap = full.body_cap ? full.body_cap : DEFAULT_BODY_CAP;
    full.connections = full.connections ? full.connections : DEFAULT_CONNECTIONS;
    full.timeout_s = full.timeout_s ? full.timeout_s : DEFAULT_TIMEOUT_S;
    return full;
}

struct httpd *httpd_start(const char *address, uint16_t port, const struct httpd_limits *limits,
                          httpd_handler *handler, void *ctx, struct error *err)
{
    struct httpd *httpd = calloc(1, sizeof(*httpd));
    int listen_fd = -1;

    if (!httpd) {
        error_set(err, ERROR_MEMORY, true, "no memory for the HTTP server");
        return NULL;
    }
    httpd->poll_fd = httpd->timer_fd = -1;
    httpd->handler = handler;
    httpd->ctx = ctx;
    httpd->limits = with_defaults(limits);
    listen_fd = listen_on(address, port, err);
    if (listen_fd < 0) {
        httpd_stop(httpd);
        return NULL;
    }
    httpd->port = bound_port(listen_fd);
    httpd->daemon = start_daemon(httpd, listen_fd);
    if (!httpd->daemon || !make_pollable(httpd)) { /* listen_fd is libmicrohttpd's, also in failure */
        error_set(err, ERROR_IO, false, "cannot start the HTTP server on %s port %u: %s", address,
                  httpd->port, strerror(errno));
        httpd_stop(httpd);
        return NULL;
    }
    return httpd;
}

void httpd_quiesce(struct httpd *httpd)
{
    if (!httpd->quiesced) {
        int listen_fd = MHD_quiesce_daemon(httpd->daemon);
        httpd->quiesced = true;
        if (listen_fd >= 0) {
            close(listen_fd);
        }
    }
}

void httpd_stop(struct httpd *httpd)
{
    if (!httpd) {
        return;
    }
    for (struct httpd_request *request = httpd->requests; request; request = request->next) {
        if (request->state == REQUEST_KEPT) {
            finish(request, REQUEST_ABORTED); /* libmicrohttpd refuses to stop with suspended ones */
        }
    }
    if (httpd->daemon) {
        MHD_stop_daemon(httpd->daemon);
    }
    for (struct httpd_request *request = httpd->requests, *next; request; request = next) {
        next = request->next;
        request_free(request);
    }
    if (httpd->poll_fd >= 0) {
        close(httpd->poll_fd);
    }
    if (httpd->timer_fd >= 0) {
        close(httpd->timer_fd);
    }
    free(httpd);
}

/* --- the loop ---------------------------------------------------------------------------------------- */

uint16_t httpd_port(const struct httpd *httpd)
{
    return httpd->port;
}

int httpd_fd(const struct httpd *httpd)
{
    return httpd->poll_fd;
}

unsigned httpd_in_flight(const struct httpd *httpd)
{
    return httpd->in_flight;
}

int64_t httpd_timeout_ms(struct httpd *httpd)
{
#if MHD_VERSION >= 0x00097701
    return MHD_get_timeout64s(httpd->daemon);
#else
    MHD_UNSIGNED_LONG_LONG timeout;
    return MHD_get_timeout(httpd->daemon, &timeout) == MHD_YES ? (int64_t)timeout : -1;
#endif
}

static unsigned connections(struct httpd *httpd)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(httpd->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);

    return info ? info->num_connections : 0;
}

void httpd_run(struct httpd *httpd)
{
    unsigned before = connections(httpd);
    int64_t timeout_ms = 0;

    for (int round = 0; round < RUN_ROUNDS && timeout_ms == 0; round++) {
        unsigned after;
        MHD_run(httpd->daemon);
        timeout_ms = httpd_timeout_ms(httpd);
        after = connections(httpd);
        if (after < before) {
            timeout_ms = 0; /* libmicrohttpd takes up accepting again in its next run only */
        }
        before = after;
    }
    arm_timer(httpd, timeout_ms);
}

/* --- what a request holds ---------------------------------------------------------------------------- */

struct str httpd_method(const struct httpd_request *request)
{
    return str_of(request->method);
}

struct str httpd_target(const struct httpd_request *request)
{
    return request->target;
}

struct str httpd_path(const struct httpd_request *request)
{
    return (struct str){request->target.ptr, request->path_len};
}

struct str httpd_query(const struct httpd_request *request)
{
    size_t start = request->path_len + (request->path_len < request->target.len);

    return (struct str){request->target.ptr + start, request->target.len - start};
}

struct str httpd_body(const struct httpd_request *request)
{
    return buf_str(&request->body);
}

struct str httpd_header(const struct httpd_request *request, const char *name)
{
    struct str value = str_of(MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name));

    /* libmicrohttpd before 1.0 leaves white space at the end */
    while (value.len > 0 && (value.ptr[value.len - 1] == ' ' || value.ptr[value.len - 1] == '\t')) {
        value.len--;
    }
    return value;
}

struct header_walk {
    void (*fn)(void *ctx, const char *name, const char *value);
    void *ctx;
};

static enum MHD_Result on_header(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
    const struct header_walk *walk = cls;

    (void)kind;
    walk->fn(walk->ctx, name, value ? value : "");
    return MHD_YES;
}

void httpd_each_header(const struct httpd_request *request,
                       void (*fn)(void *ctx, const char *name, const char *value), void *ctx)
{
    struct header_walk walk = {fn, ctx};

    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, on_header, &walk);
}

bool httpd_query_value(const struct httpd_request *request, const char *name, char *out, size_t size)
{
    struct str value;

    return url_query_find(httpd_query(request), str_of(name), &value) &&
           url_decode(value, true, out, size, NULL);
}
