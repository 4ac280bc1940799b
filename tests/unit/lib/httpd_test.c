/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server against raw sockets in the same thread. The loop polls httpd_fd() alone and never asks
 * httpd_timeout_ms(), so that the descriptor's promise is tested with everything else.
 */
#include "lib/httpd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/buf.h"
#include "lib/clock.h"

enum { DEADLINE_MS = 20000, BODY_CAP = 1000, ANSWER_CAP = 1024 * 1024, MANY = 100 };

struct world {
    struct httpd *httpd;
    struct httpd_request *kept[MANY];
    int kept_count;
    int handled;
    struct buf answer;
    char seen[4096];
};

static void note_header(void *ctx, const char *name, const char *value)
{
    struct world *w = ctx;
    size_t len = strlen(w->seen);

    snprintf(w->seen + len, sizeof(w->seen) - len, "%s=%s\n", name, value);
}

static void note_request(struct world *w, struct httpd_request *request)
{
    char value[32];
    bool found = httpd_query_value(request, "q", value, sizeof(value));
    struct str x = httpd_header(request, "x-TEST");

    snprintf(w->seen, sizeof(w->seen), "%.*s|%.*s|%.*s|%.*s|q=%s|%s%.*s\n", STR_ARG(httpd_method(request)),
             STR_ARG(httpd_target(request)), STR_ARG(httpd_path(request)), STR_ARG(httpd_query(request)),
             found ? value : "(none)", x.ptr ? "x=" : "", STR_ARG(x));
    httpd_each_header(request, note_header, w);
}

static void handle(void *ctx, struct httpd_request *request)
{
    struct world *w = ctx;
    struct str path = httpd_path(request);

    w->handled++;
    note_request(w, request);
    if (str_eq(path, STR("/keep"))) {
        w->kept[w->kept_count++] = request;
    } else if (str_eq(path, STR("/abort"))) {
        httpd_abort(request);
    } else if (str_eq(path, STR("/empty"))) {
        httpd_reply(request, 204, NULL, NULL, 0);
    } else if (str_eq(path, STR("/split"))) {
        httpd_reply_header(request, "X-Evil", "a\r\nX-More: b");
        httpd_reply_text(request, 200, "split");
    } else if (str_eq(path, STR("/headers"))) {
        httpd_reply_header(request, "X-A", "1");
        httpd_reply_header(request, "X-A", "2");
        httpd_reply_text(request, 503, "not ready: no brokers");
    } else {
        httpd_reply(request, 200, "application/octet-stream", httpd_body(request).ptr,
                    httpd_body(request).len);
    }
}

static int start(void **state, unsigned timeout_s, unsigned connections)
{
    struct world *w = calloc(1, sizeof(*w));
    struct httpd_limits limits = {.body_cap = BODY_CAP, .timeout_s = timeout_s, .connections = connections};

    buf_init(&w->answer, ANSWER_CAP);
    w->httpd = httpd_start("127.0.0.1", 0, &limits, handle, w, NULL);
    *state = w;
    return w->httpd ? 0 : -1;
}

static int set_up(void **state)
{
    return start(state, 0, 0);
}

static int set_up_impatient(void **state)
{
    return start(state, 1, 0);
}

static int set_up_two_connections(void **state)
{
    return start(state, 0, 2);
}

static int tear_down(void **state)
{
    struct world *w = *state;

    httpd_stop(w->httpd);
    buf_done(&w->answer);
    free(w);
    return 0;
}

/* --- a client of few words -------------------------------------------------------------------------------
 */

static int dial(const struct world *w)
{
    struct sockaddr_in name = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                               .sin_port = htons(httpd_port(w->httpd))};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0);
    return fd;
}

static void say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Waits for the server or the client's descriptor. Returns whether the client's is readable. */
static bool turn(struct world *w, int fd, int timeout_ms)
{
    struct pollfd fds[] = {{.fd = httpd_fd(w->httpd), .events = POLLIN}, {.fd = fd, .events = POLLIN}};

    poll(fds, 2, timeout_ms);
    if (fds[0].revents) {
        httpd_run(w->httpd);
    }
    return fds[1].revents != 0;
}

static void turn_until(struct world *w, const int *counter, int goal)
{
    int64_t deadline = clock_monotonic_ms() + DEADLINE_MS;

    while (*counter < goal) {
        assert_true(clock_monotonic_ms() < deadline);
        turn(w, -1, 1000);
    }
}

/* Reads until `end` is the answer's end, or the connection closes (end NULL). False for a reset. */
static bool read_answer(struct world *w, int fd, const char *end)
{
    int64_t deadline = clock_monotonic_ms() + DEADLINE_MS;

    buf_reset(&w->answer);
    for (;;) {
        char *room = buf_reserve(&w->answer, 4096);
        ssize_t got;
        assert_non_null(room);
        assert_true(clock_monotonic_ms() < deadline);
        if (!turn(w, fd, 1000)) {
            continue;
        }
        got = recv(fd, room, 4096, 0);
        if (got <= 0) {
            return got == 0;
        }
        buf_commit(&w->answer, (size_t)got);
        size_t len = end ? strlen(end) : 0;
        if (end && w->answer.len >= len && memcmp(w->answer.data + w->answer.len - len, end, len) == 0) {
            return true;
        }
    }
}

static void ask(struct world *w, const char *request, const char *end)
{
    int fd = dial(w);

    say(fd, request);
    read_answer(w, fd, end);
    close(fd);
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        fail_msg("\"%s\" is not in:\n%s", part, text);
    }
}

static void assert_status(const struct world *w, int status)
{
    char line[32];

    snprintf(line, sizeof(line), "HTTP/1.1 %d ", status);
    if (!w->answer.data || strncmp(w->answer.data, line, strlen(line)) != 0) {
        fail_msg("not %d: %s", status, w->answer.data ? w->answer.data : "(nothing)");
    }
}

/* --- tests -----------------------------------------------------------------------------------------------
 */

static void test_request_as_the_handler_sees_it(void **state)
{
    static const struct {
        const char *target;
        const char *seen;
    } cases[] = {
        {"/", "GET|/|/||q=(none)|"},
        {"/a%20b/%2e%2E/../c", "GET|/a%20b/%2e%2E/../c|/a%20b/%2e%2E/../c||q=(none)|"},
        {"/p?q=1", "GET|/p?q=1|/p|q=1|q=1|"},
        {"/p?", "GET|/p?|/p||q=(none)|"},
        {"/p?a=b&q=x%20y+z&q=2", "GET|/p?a=b&q=x%20y+z&q=2|/p|a=b&q=x%20y+z&q=2|q=x y z|"},
        {"/p?%71=coded", "GET|/p?%71=coded|/p|%71=coded|q=coded|"},
        {"/p?q", "GET|/p?q|/p|q|q=|"},
        {"/p?q=", "GET|/p?q=|/p|q=|q=|"},
        {"/p?qq=1&xq=2&Q=3", "GET|/p?qq=1&xq=2&Q=3|/p|qq=1&xq=2&Q=3|q=(none)|"},
        {"/p?q=%zz", "GET|/p?q=%zz|/p|q=%zz|q=(none)|"},
        {"/p?q=%4", "GET|/p?q=%4|/p|q=%4|q=(none)|"},
        {"/p?q=a%00b", "GET|/p?q=a%00b|/p|q=a%00b|q=(none)|"},
        {"/p?q=1234567890123456789012345678901", "|q=1234567890123456789012345678901|"},
        {"/p?q=12345678901234567890123456789012", "|q=(none)|"},
        {"/p?x=1?q=2", "GET|/p?x=1?q=2|/p|x=1?q=2|q=(none)|"},
    };
    struct world *w = *state;

    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char request[256];
        snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
                 cases[i].target);
        ask(w, request, NULL);
        assert_status(w, 200);
        assert_has(w->seen, cases[i].seen);
    }
}

static void test_headers(void **state)
{
    struct world *w = *state;

    ask(w,
        "GET / HTTP/1.1\r\nHost: h\r\nB: 1\r\nConnection: close\r\nA: 2\r\nb: 3\r\nX-Test:  a b \t\r\n\r\n",
        NULL);
    assert_has(w->seen, "|x=a b\nHost=h\nB=1\nConnection=close\nA=2\nb=3\nX-Test=a b");
    ask(w, "GET /headers HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", NULL);
    assert_status(w, 503);
    assert_has(w->answer.data, "\r\nX-A: 1\r\nX-A: 2\r\n");
    assert_has(w->answer.data, "\r\nContent-Type: text/plain; charset=utf-8\r\n");
    assert_has(w->answer.data, "\r\n\r\nnot ready: no brokers");
}

static void test_keep_alive_and_pipelining(void **state)
{
    struct world *w = *state;
    int fd = dial(w);

    say(fd, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nonePOST / HTTP/1.1\r\nHost: h\r\n"
            "Content-Length: 3\r\n\r\ntwo");
    assert_true(read_answer(w, fd, "two"));
    assert_has(w->answer.data, "one");
    for (int i = 0; i < 20; i++) {
        say(fd, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nthird");
        assert_true(read_answer(w, fd, "third"));
        assert_status(w, 200);
    }
    assert_int_equal(w->handled, 22);
    assert_int_equal(httpd_in_flight(w->httpd), 0);
    close(fd);
}

static void test_head_and_empty(void **state)
{
    struct world *w = *state;

    ask(w, "HEAD /headers HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", NULL);
    assert_status(w, 503);
    assert_has(w->answer.data, "Content-Length: 21\r\n");
    assert_memory_equal(w->answer.data + w->answer.len - 4, "\r\n\r\n", 4);
    ask(w, "DELETE /empty HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", NULL);
    assert_status(w, 204);
    assert_has(w->seen, "DELETE|");
    assert_memory_equal(w->answer.data + w->answer.len - 4, "\r\n\r\n", 4);
}

static void test_body_in_pieces(void **state)
{
    static const char *const pieces[] = {
        "PO", "ST /x HTTP/1.1\r\nHo", "st: h\r\nContent-Le", "ngth: 6\r\n\r", "\nab", "cd", "e", "f"};
    struct world *w = *state;
    int fd = dial(w);

    for (size_t i = 0; i < ARRAY_LENGTH(pieces); i++) {
        say(fd, pieces[i]);
        turn(w, -1, 20);
    }
    assert_true(read_answer(w, fd, "abcdef"));
    assert_int_equal(w->handled, 1);
    close(fd);
}

static void test_chunked_body_and_100_continue(void **state)
{
    struct world *w = *state;
    int fd = dial(w);

    say(fd, "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert_true(read_answer(w, fd, "100 Continue\r\n\r\n"));
    say(fd, "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n");
    assert_true(read_answer(w, fd, "abcdefg"));
    close(fd);
}

static void test_answer_without_100_closes(void **state)
{
    struct world *w = *state;

    ask(w, "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n", NULL);
    assert_has(w->answer.data, "Connection: close\r\n");
}

/* A client that sends `length` bytes, as a known length or in chunks, and reads meanwhile. */
static void send_long(struct world *w, size_t length, bool chunked)
{
    enum { PIECE = 1000 };
    char piece[PIECE + 16];
    int fd = dial(w);

    snprintf(piece, sizeof(piece),
             "POST /long HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n", length);
    say(fd, chunked
                ? "POST /long HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                : piece);
    for (size_t sent = 0; sent < length; sent += PIECE) {
        size_t n = length - sent < PIECE ? length - sent : PIECE;
        size_t head = chunked ? (size_t)snprintf(piece, sizeof(piece), "%zx\r\n", n) : 0;
        memset(piece + head, 'x', n);
        memcpy(piece + head + n, "\r\n", 2);
        if (send(fd, piece, head + n + (chunked ? 2 : 0), MSG_NOSIGNAL) < 0) {
            break; /* cut off, as it may be */
        }
        turn(w, -1, 0);
    }
    if (chunked && send(fd, "0\r\n\r\n", 5, MSG_NOSIGNAL) < 0) {
        assert_true(errno == EPIPE || errno == ECONNRESET);
    }
    read_answer(w, fd, NULL);
    close(fd);
}

static void test_body_cap(void **state)
{
    struct world *w = *state;

    for (int chunked = 0; chunked < 2; chunked++) {
        w->handled = 0;
        send_long(w, BODY_CAP, chunked);
        assert_status(w, 200);
        assert_int_equal(w->handled, 1);
        send_long(w, BODY_CAP + 1, chunked);
        assert_status(w, 413);
        assert_has(w->answer.data, "longer than 1000 bytes");
        assert_has(w->answer.data, "Connection: close\r\n");
        send_long(w, 500000, chunked);
        assert_status(w, 413);
        assert_int_equal(w->handled, 1);
    }
    assert_int_equal(httpd_in_flight(w->httpd), 0);
}

static void test_endless_body_is_cut_off(void **state)
{
    struct world *w = *state;
    int fd = dial(w);

    ask(w, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999\r\n\r\n", NULL);
    assert_status(w, 413);
    close(fd);
    send_long(w, 4 * 1024 * 1024, true);
    assert_int_equal(w->answer.len, 0);
    assert_int_equal(w->handled, 0);
    assert_int_equal(httpd_in_flight(w->httpd), 0);
}

static void test_malformed_requests(void **state)
{
    static const char *const cases[] = {
        "\x16\x03\x01\x02 \r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/1.1\r\nContent-Length: -1\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    };
    struct world *w = *state;

    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        int fd = dial(w);
        say(fd, cases[i]);
        read_answer(w, fd, NULL);
        close(fd);
        if (w->answer.len > 0) {
            assert_has(w->answer.data, "HTTP/1.1 4");
        }
    }
    assert_int_equal(w->handled, 0);
    assert_int_equal(httpd_in_flight(w->httpd), 0);
    ask(w, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", NULL);
    assert_status(w, 200);
}

static void test_deferred_reply(void **state)
{
    struct world *w = *state;
    int fd = dial(w);

    say(fd, "POST /keep?q=1 HTTP/1.1\r\nHost: h\r\nX-Test: kept\r\nContent-Length: 4\r\n\r\nbody");
    turn_until(w, &w->kept_count, 1);
    turn(w, -1, 0);
    assert_int_equal(httpd_in_flight(w->httpd), 1);
    note_request(w, w->kept[0]); /* all of it is still there */
    assert_has(w->seen, "POST|/keep?q=1|/keep|q=1|q=1|x=kept\nHost=h\n");
    assert_true(str_eq(httpd_body(w->kept[0]), STR("body")));
    httpd_reply_header(w->kept[0], "X-Late", "yes");
    httpd_reply_text(w->kept[0], 202, "late");
    assert_true(read_answer(w, fd, "late"));
    assert_status(w, 202);
    assert_has(w->answer.data, "X-Late: yes\r\n");
    say(fd, "GET /headers HTTP/1.1\r\nHost: h\r\n\r\n"); /* the connection goes on */
    assert_true(read_answer(w, fd, "no brokers"));
    close(fd);
}

static void test_deferred_replies_to_many(void **state)
{
    struct world *w = *state;
    int fds[MANY];

    for (int i = 0; i < MANY; i++) {
        fds[i] = dial(w);
        say(fds[i], "GET /keep HTTP/1.1\r\nHost: h\r\n\r\n");
    }
    turn_until(w, &w->kept_count, MANY);
    assert_int_equal(httpd_in_flight(w->httpd), MANY);
    for (int i = 0; i < MANY; i++) {
        httpd_reply_text(w->kept[i], 200, "done");
    }
    for (int i = MANY - 1; i >= 0; i--) {
        assert_true(read_answer(w, fds[i], "done"));
        close(fds[i]);
    }
    assert_int_equal(httpd_in_flight(w->httpd), 0);
}

static void test_client_leaves_before_a_deferred_reply(void **state)
{
    struct world *w = *state;
    int fd = dial(w);
    int64_t deadline = clock_monotonic_ms() + DEADLINE_MS;

    say(fd, "GET /keep HTTP/1.1\r\nHost: h\r\n\r\n");
    turn_until(w, &w->kept_count, 1);
    close(fd);
    turn(w, -1, 20);
    httpd_reply_text(w->kept[0], 200, "to nobody");
    while (httpd_in_flight(w->httpd) > 0) {
        assert_true(clock_monotonic_ms() < deadline);
        turn(w, -1, 1000);
    }
    ask(w, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", NULL);
    assert_status(w, 200);
}

static void test_abort(void **state)
{
    struct world *w = *state;
    int fd;

    ask(w, "GET /abort HTTP/1.1\r\nHost: h\r\n\r\n", NULL);
    assert_int_equal(w->answer.len, 0);
    fd = dial(w);
    say(fd, "GET /keep HTTP/1.1\r\nHost: h\r\n\r\n");
    turn_until(w, &w->kept_count, 1);
    httpd_abort(w->kept[0]);
    read_answer(w, fd, NULL);
    assert_int_equal(w->answer.len, 0);
    assert_int_equal(httpd_in_flight(w->httpd), 0);
    close(fd);
}

static void test_reply_header_cannot_split_the_answer(void **state)
{
    struct world *w = *state;

    ask(w, "GET /split HTTP/1.1\r\nHost: h\r\n\r\n", NULL);
    assert_int_equal(w->answer.len, 0);
}

static void test_slow_client_is_cut_off(void **state)
{
    struct world *w = *state;
    int fd = dial(w);

    say(fd, "GET / HTTP/1.1\r\nHo");
    read_answer(w, fd, NULL); /* ends because the server closes, without an event of ours */
    assert_int_equal(w->handled, 0);
    close(fd);
}

static void test_connection_limit(void **state)
{
    struct world *w = *state;
    int fds[4];

    for (int i = 0; i < 4; i++) {
        fds[i] = dial(w);
        say(fds[i], "GET /headers HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    }
    for (int i = 0; i < 4; i++) { /* the last two wait in the backlog until the first are done */
        read_answer(w, fds[i], NULL);
        assert_status(w, 503);
        close(fds[i]);
    }
}

static void test_quiesce(void **state)
{
    struct world *w = *state;
    struct sockaddr_in name = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                               .sin_port = htons(httpd_port(w->httpd))};
    int fd = dial(w);
    int late = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    say(fd, "GET /keep HTTP/1.1\r\nHost: h\r\n\r\n");
    turn_until(w, &w->kept_count, 1);
    httpd_quiesce(w->httpd);
    httpd_quiesce(w->httpd);
    assert_int_equal(connect(late, (struct sockaddr *)&name, sizeof(name)), -1);
    assert_int_equal(errno, ECONNREFUSED);
    httpd_reply_text(w->kept[0], 200, "last");
    assert_true(read_answer(w, fd, NULL));
    assert_has(w->answer.data, "Connection: close\r\n");
    assert_has(w->answer.data, "last");
    close(fd);
    close(late);
}

static void test_stop_with_requests_open(void **state)
{
    struct world *w = *state;
    int fds[] = {dial(w), dial(w), dial(w)};

    say(fds[0], "GET /keep HTTP/1.1\r\nHost: h\r\n\r\n");
    say(fds[1], "GET /keep HTTP/1.1\r\nHost: h\r\n\r\n");
    say(fds[2], "POST /half HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf");
    turn_until(w, &w->kept_count, 2);
    turn(w, -1, 20);
    httpd_reply_text(w->kept[1], 200, "answered but not sent");
    httpd_stop(w->httpd);
    w->httpd = NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(fds); i++) {
        close(fds[i]);
    }
}

static void test_port_in_use_and_bad_addresses(void **state)
{
    static const struct {
        const char *address;
        enum error_code code;
        const char *message;
    } cases[] = {
        {"127.0.0.1", ERROR_IO, "set HTTP_PORT to a free port"},
        {"192.0.2.1", ERROR_IO, "set HTTP_ADDRESS"},
        {"localhost", ERROR_CONFIG, "HTTP_ADDRESS \"localhost\""},
        {"", ERROR_CONFIG, "HTTP_ADDRESS \"\""},
        {"::g", ERROR_CONFIG, "HTTP_ADDRESS \"::g\""},
    };
    struct world *w = *state;

    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct error err = {0};
        assert_null(httpd_start(cases[i].address, httpd_port(w->httpd), NULL, handle, w, &err));
        assert_int_equal(err.code, cases[i].code);
        assert_has(err.message, cases[i].message);
    }
}

static void test_ipv6(void **state)
{
    struct world *w = *state;
    struct error err = {0};
    struct httpd *httpd = httpd_start("::1", 0, NULL, handle, w, &err);
    struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd;

    if (!httpd && strstr(err.message, "HTTP_ADDRESS")) {
        print_message("this machine has no IPv6\n");
        skip();
    }
    assert_non_null(httpd);
    httpd_stop(w->httpd);
    w->httpd = httpd;
    name.sin6_port = htons(httpd_port(httpd));
    fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0);
    say(fd, "GET /headers HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(read_answer(w, fd, "no brokers"));
    close(fd);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_request_as_the_handler_sees_it),
        CASE(test_headers),
        CASE(test_keep_alive_and_pipelining),
        CASE(test_head_and_empty),
        CASE(test_body_in_pieces),
        CASE(test_chunked_body_and_100_continue),
        CASE(test_body_cap),
        CASE(test_endless_body_is_cut_off),
        CASE(test_malformed_requests),
        CASE(test_deferred_reply),
        CASE(test_deferred_replies_to_many),
        CASE(test_client_leaves_before_a_deferred_reply),
        CASE(test_abort),
        CASE(test_reply_header_cannot_split_the_answer),
        cmocka_unit_test_setup_teardown(test_slow_client_is_cut_off, set_up_impatient, tear_down),
        cmocka_unit_test_setup_teardown(test_connection_limit, set_up_two_connections, tear_down),
        CASE(test_answer_without_100_closes),
        CASE(test_quiesce),
        CASE(test_stop_with_requests_open),
        CASE(test_port_in_use_and_bad_addresses),
        CASE(test_ipv6),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
