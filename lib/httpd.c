/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/httpd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/httpd_private.h"
#include "lib/log.h"

enum {
    DEFAULT_BODY_CAP = 64 * 1024,
    DEFAULT_CONNECTIONS = 256,
    DEFAULT_TIMEOUT_S = 30,
    /* One connection's memory at libmicrohttpd: its headers, and the pieces a body arrives in. */
    CONNECTION_MEMORY = 64 * 1024,
    CONNECTION_INCREMENT = 16 * 1024,
    RUN_ROUNDS = 16
};

/* --- start and stop ---------------------------------------------------------------------------------- */

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

static struct MHD_Daemon *start_daemon(struct httpd *httpd, int listen_fd)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, httpd_on_request, httpd,
        MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, MHD_OPTION_LISTEN_SOCKET, listen_fd,
        MHD_OPTION_URI_LOG_CALLBACK, httpd_on_target, httpd, MHD_OPTION_NOTIFY_COMPLETED, httpd_on_completed,
        NULL, MHD_OPTION_CONNECTION_LIMIT, httpd->limits.connections, MHD_OPTION_CONNECTION_TIMEOUT,
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
    listen_fd = httpd_listen(address, port, err);
    if (listen_fd < 0) {
        httpd_stop(httpd);
        return NULL;
    }
    httpd->port = httpd_bound_port(listen_fd);
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
            httpd_abort(request); /* libmicrohttpd refuses to stop with suspended ones */
        }
    }
    if (httpd->daemon) {
        MHD_stop_daemon(httpd->daemon);
    }
    for (struct httpd_request *request = httpd->requests, *next; request; request = next) {
        next = request->next;
        httpd_request_free(request);
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

/*
 * Makes poll_fd readable when libmicrohttpd is due without an event: at once for work it left over, later
 * for idle connections. A timer that is early enough is left alone, so most requests set none.
 */
void httpd_arm_timer(struct httpd *httpd, int64_t timeout_ms)
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
    httpd_arm_timer(httpd, timeout_ms);
}
