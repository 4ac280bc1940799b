/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server in the test's own process, for clients that work through lib/http.h: it records the last request
 * and answers by the test's function. Header only; for unit tests.
 */
#ifndef TESTS_UNIT_LIB_STAND_IN_H
#define TESTS_UNIT_LIB_STAND_IN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/http.h"
#include "lib/httpd.h"

struct stand_in {
    struct httpd *httpd;
    struct http_client *http;
    char url[80]; /* "http://127.0.0.1:12345" */
    char host[64];
    unsigned requests;
    char method[16];
    char target[1024];
    struct buf headers; /* "name: value\n" */
    struct buf body;
    void (*answer)(struct stand_in *, struct httpd_request *);
    void *ctx;
};

static inline void stand_in_header(void *ctx, const char *name, const char *value)
{
    buf_addf(ctx, "%s: %s\n", name, value);
}

static inline void stand_in_handle(void *ctx, struct httpd_request *request)
{
    struct stand_in *server = ctx;
    struct str body = httpd_body(request);

    server->requests++;
    snprintf(server->method, sizeof(server->method), "%.*s", STR_ARG(httpd_method(request)));
    snprintf(server->target, sizeof(server->target), "%.*s", STR_ARG(httpd_target(request)));
    buf_reset(&server->headers);
    httpd_each_header(request, stand_in_header, &server->headers);
    buf_reset(&server->body);
    buf_add(&server->body, body.ptr, body.len);
    server->answer(server, request);
}

static inline void stand_in_start(struct stand_in *server,
                                  void (*answer)(struct stand_in *, struct httpd_request *))
{
    struct http_options options = {.user_agent = "unit-test"};
    struct httpd_limits limits = {.body_cap = 1024 * 1024};
    struct error err = {0};

    *server = (struct stand_in){.answer = answer};
    buf_init(&server->headers, 65536);
    buf_init(&server->body, 1024 * 1024);
    server->http = http_client_new(&options, &err);
    assert_non_null(server->http);
    server->httpd = httpd_start("127.0.0.1", 0, &limits, stand_in_handle, server, &err);
    assert_non_null(server->httpd);
    snprintf(server->host, sizeof(server->host), "127.0.0.1:%u", httpd_port(server->httpd));
    snprintf(server->url, sizeof(server->url), "http://%s", server->host);
}

static inline void stand_in_stop(struct stand_in *server)
{
    http_client_free(server->http);
    httpd_stop(server->httpd);
    buf_done(&server->headers);
    buf_done(&server->body);
}

/* One turn of client and server. */
static inline void stand_in_turn(struct stand_in *server)
{
    struct pollfd fd = {.fd = httpd_fd(server->httpd), .events = POLLIN};

    http_poll(server->http, &fd, 1, 20);
    httpd_run(server->httpd);
}

/* Turns until *flag; fails the test after ten seconds. */
static inline void stand_in_until(struct stand_in *server, const bool *flag)
{
    int64_t deadline_ms = clock_monotonic_ms() + 10000;

    while (!*flag) {
        if (clock_monotonic_ms() > deadline_ms) {
            fail_msg("nothing happened in ten seconds");
        }
        stand_in_turn(server);
    }
}

/* Value of a header of the last request, or NULL; the caller frees it. */
static inline char *stand_in_take_header(const struct stand_in *server, const char *name)
{
    const char *line = server->headers.data;
    size_t len = strlen(name);

    while (line && *line) {
        const char *end = strchr(line, '\n');
        if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
            return strndup(line + len + 2, (size_t)(end - line) - len - 2);
        }
        line = end + 1;
    }
    return NULL;
}

/* Fails unless the last request had the header with that value; NULL: unless it had none. */
static inline void stand_in_assert_header(const struct stand_in *server, const char *name, const char *value)
{
    char *found = stand_in_take_header(server, name);

    if (!value) {
        assert_null(found);
    } else {
        assert_non_null(found);
        assert_string_equal(found, value);
    }
    free(found);
}

#endif
