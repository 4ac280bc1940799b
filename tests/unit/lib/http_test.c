/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client against the project's own server, both in this thread, and against raw sockets for what a
 * decent server never does.
 */
#include "lib/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "lib/httpd.h"

enum { DEADLINE_MS = 20000, MANY = 200, BIG = 3 * 1024 * 1024 };

/* --- a raw server: accepts, swallows what comes, says what it is told ---------------------------------- */

enum raw_step { RAW_ANSWER, RAW_CLOSE, RAW_RESET, RAW_SILENT };

struct raw_server {
    int listen_fd;
    int fd;
    uint16_t port;
    unsigned accepted;
    unsigned requests;
    /* What to do with request n; the last step is for all further ones. */
    const enum raw_step *steps;
    size_t step_count;
    const char *answer;
};

/* --- the fixture --------------------------------------------------------------------------------------- */

struct world {
    struct http_client *client;
    struct httpd *httpd;
    struct raw_server raw;
    struct httpd_request *kept[MANY];
    size_t kept_count;
    char seen[8192]; /* what the server saw last */
    char body[256];
    int done;
    int last_status;
    size_t last_len;
    bool last_sent;
    struct error last_error;
    char last_header[128];
    char *taken;
    struct http_transfer *victim;
    int chain;
};

static void note_header(void *ctx, const char *name, const char *value)
{
    struct world *w = ctx;
    size_t len = strlen(w->seen);

    snprintf(w->seen + len, sizeof(w->seen) - len, "%s: %s\n", name, value);
}

static void handle(void *ctx, struct httpd_request *request)
{
    struct world *w = ctx;
    struct str path = httpd_path(request);
    struct str body = httpd_body(request);

    snprintf(w->seen, sizeof(w->seen), "%.*s %.*s\n", STR_ARG(httpd_method(request)),
             STR_ARG(httpd_target(request)));
    httpd_each_header(request, note_header, w);
    if (str_eq(path, STR("/keep"))) {
        w->kept[w->kept_count++] = request;
    } else if (str_eq(path, STR("/abort"))) {
        httpd_abort(request);
    } else if (str_eq(path, STR("/big"))) {
        char *big = calloc(1, BIG);
        httpd_reply(request, 200, "application/octet-stream", big, BIG);
        free(big);
    } else {
        httpd_reply_header(request, "X-Answer", "  forty two ");
        httpd_reply(request, str_eq(path, STR("/missing")) ? 404 : 200, "text/plain", body.ptr, body.len);
    }
}

static int raw_listen(struct raw_server *raw)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(name);

    raw->fd = -1;
    raw->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (bind(raw->listen_fd, (struct sockaddr *)&name, len) < 0 || listen(raw->listen_fd, 16) < 0 ||
        getsockname(raw->listen_fd, (struct sockaddr *)&name, &len) < 0) {
        return -1;
    }
    raw->port = ntohs(name.sin_port);
    return 0;
}

static void raw_close(struct raw_server *raw, bool reset)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};

    if (reset) {
        setsockopt(raw->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    }
    if (raw->fd >= 0) {
        close(raw->fd);
    }
    raw->fd = -1;
}

static void raw_run(struct raw_server *raw)
{
    char text[8192];
    ssize_t got;
    enum raw_step step;

    if (raw->fd < 0) {
        raw->fd = accept4(raw->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        raw->accepted += raw->fd >= 0;
        return;
    }
    got = recv(raw->fd, text, sizeof(text), 0);
    if (got <= 0) {
        raw_close(raw, false);
        return;
    }
    step = raw->steps[raw->requests < raw->step_count ? raw->requests : raw->step_count - 1];
    raw->requests++;
    if (step == RAW_ANSWER || step == RAW_RESET) {
        assert_int_equal(send(raw->fd, raw->answer, strlen(raw->answer), MSG_NOSIGNAL), strlen(raw->answer));
    }
    if (step == RAW_CLOSE || step == RAW_RESET) {
        raw_close(raw, step == RAW_RESET);
    }
}

static void use_raw(struct world *w, const enum raw_step *steps, size_t count, const char *answer)
{
    assert_int_equal(raw_listen(&w->raw), 0);
    w->raw.steps = steps;
    w->raw.step_count = count;
    w->raw.answer = answer;
}

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    struct http_options options = {.user_agent = "http-test/1"};
    struct httpd_limits limits = {.body_cap = 4 * 1024 * 1024};

    w->raw.listen_fd = w->raw.fd = -1;
    w->client = http_client_new(&options, NULL);
    w->httpd = httpd_start("127.0.0.1", 0, &limits, handle, w, NULL);
    *state = w;
    return w->client && w->httpd ? 0 : -1;
}

static int tear_down(void **state)
{
    struct world *w = *state;

    http_client_free(w->client);
    httpd_stop(w->httpd);
    raw_close(&w->raw, false);
    if (w->raw.listen_fd >= 0) {
        close(w->raw.listen_fd);
    }
    free(w->taken);
    free(w);
    return 0;
}

static void turn(struct world *w)
{
    struct pollfd fds[] = {
        {.fd = httpd_fd(w->httpd), .events = POLLIN},
        {.fd = w->raw.fd >= 0 ? w->raw.fd : w->raw.listen_fd, .events = POLLIN},
    };

    http_poll(w->client, fds, ARRAY_LENGTH(fds), 1000);
    httpd_run(w->httpd);
    if (fds[1].revents) {
        raw_run(&w->raw);
    }
}

/* Turns the loop until *counter has reached the goal. */
static void turn_until(struct world *w, const int *counter, int goal)
{
    int64_t deadline = clock_monotonic_ms() + DEADLINE_MS;

    while (*counter < goal) {
        assert_true(clock_monotonic_ms() < deadline);
        turn(w);
    }
}

static void on_done(void *ctx, const struct http_response *response)
{
    struct world *w = ctx;
    struct str header = http_response_header(response, "x-answer");

    w->done++;
    w->last_status = response->status;
    w->last_error = response->error;
    w->last_sent = response->sent;
    w->last_len = response->body->len;
    snprintf(w->body, sizeof(w->body), "%.*s", STR_ARG(buf_str(response->body)));
    snprintf(w->last_header, sizeof(w->last_header), "%.*s", STR_ARG(header));
    assert_true(response->latency_us >= 0);
}

static const char *url_of(const struct world *w, bool raw, const char *target)
{
    static char url[512];

    snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", raw ? w->raw.port : httpd_port(w->httpd), target);
    return url;
}

static struct http_request request_for(const char *method, const char *url)
{
    return (struct http_request){
        .method = method, .url = url, .response_cap = 4 * 1024 * 1024, .timeout_ms = DEADLINE_MS};
}

static void start(struct world *w, const struct http_request *request)
{
    struct error err = {0};

    if (!http_start(w->client, request, on_done, w, &err)) {
        fail_msg("%s", err.message);
    }
}

/* One request to its end. */
static void exchange(struct world *w, const struct http_request *request)
{
    start(w, request);
    turn_until(w, &w->done, w->done + 1);
}

static void assert_answered(const struct world *w, int status)
{
    if (w->last_error.code != ERROR_NONE) {
        fail_msg("%s", w->last_error.message);
    }
    assert_int_equal(w->last_status, status);
}

static void assert_failed(const struct world *w, enum error_code code, const char *message_part)
{
    assert_int_equal(w->last_error.code, code);
    if (!strstr(w->last_error.message, message_part)) {
        fail_msg("\"%s\" is not in \"%s\"", message_part, w->last_error.message);
    }
}

static void assert_seen(const struct world *w, const char *part, bool expected)
{
    if ((strstr(w->seen, part) != NULL) != expected) {
        fail_msg("\"%s\" is %s in:\n%s", part, expected ? "not" : "wrongly", w->seen);
    }
}

/* --- tests --------------------------------------------------------------------------------------------- */

static void test_methods_and_bodies(void **state)
{
    static const struct {
        const char *method;
        const char *body;
        const char *answer;
    } cases[] = {
        {"GET", NULL, ""},         {"POST", "x=1", "x=1"}, {"HEAD", NULL, ""},    {"PUT", "put", "put"},
        {"DELETE", NULL, ""},      {"GET", NULL, ""},      {"POST", NULL, ""},    {"PUT", NULL, ""},
        {"DELETE", "why", "why"},  {"POST", "", ""},       {"HEAD", NULL, ""},    {"POST", "again", "again"},
        {"PATCH", "some", "some"}, {"OPTIONS", NULL, ""},  {"GET", "odd", "odd"},
    };
    struct world *w = *state;

    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct http_request request = request_for(cases[i].method, url_of(w, false, "/a%20b/../c?d=%2f"));
        char line[64];
        request.body = cases[i].body;
        request.body_len = cases[i].body ? strlen(cases[i].body) : 0;
        exchange(w, &request);
        assert_answered(w, 200);
        assert_string_equal(w->body, cases[i].answer);
        snprintf(line, sizeof(line), "%s /a%%20b/../c?d=%%2f\n", cases[i].method);
        assert_seen(w, line, true);
        assert_true(w->last_sent);
    }
}

static void test_own_headers(void **state)
{
    struct world *w = *state;
    struct http_header headers[] = {{"X-One", "1"}, {"x-empty", ""}, {"Content-Type", "application/json"}};
    struct http_request request = request_for("POST", url_of(w, false, "/"));
    static char body[2 * 1024 * 1024]; /* over the size where curl would ask for 100-continue */

    request.headers = headers;
    request.header_count = ARRAY_LENGTH(headers);
    request.body = body;
    request.body_len = sizeof(body);
    exchange(w, &request);
    assert_answered(w, 200);
    assert_int_equal(w->last_len, sizeof(body));
    assert_seen(w, "X-One: 1\n", true);
    assert_seen(w, "x-empty: \n", true);
    assert_seen(w, "Content-Type: application/json\n", true);
    assert_seen(w, "User-Agent: http-test/1\n", true);
    assert_seen(w, "Content-Length: 2097152\n", true);
    assert_seen(w, "Expect", false);
    assert_seen(w, "Accept-Encoding", false);
    request.header_count = 0; /* nothing is left over for the next user of the handle */
    exchange(w, &request);
    assert_seen(w, "X-One", false);
    assert_seen(w, "Content-Type", false);
}

static void test_refuses_headers_that_would_split_the_request(void **state)
{
    static const struct http_header bad[] = {
        {"X-A", "1\r\nX-B: 2"}, {"X-A\n", "1"}, {"", "1"}, {"X-A: b", "1"}, {"X;", "1"},
    };
    struct world *w = *state;

    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        struct http_request request = request_for("GET", url_of(w, false, "/"));
        struct error err = {0};
        request.headers = &bad[i];
        request.header_count = 1;
        assert_null(http_start(w->client, &request, on_done, w, &err));
        assert_int_equal(err.code, ERROR_SYNTAX);
    }
    assert_int_equal(http_in_flight(w->client), 0);
}

static void test_response_headers(void **state)
{
    struct world *w = *state;
    struct http_request request = request_for("GET", url_of(w, false, "/missing"));

    exchange(w, &request);
    assert_answered(w, 404);
    assert_string_equal(w->last_header, "forty two");
}

static void on_done_take(void *ctx, const struct http_response *response)
{
    struct world *w = ctx;

    w->taken = buf_take(response->body, &w->last_len);
    w->done++;
}

static void test_callback_takes_the_body(void **state)
{
    struct world *w = *state;
    struct http_request request = request_for("POST", url_of(w, false, "/"));

    request.body = "mine";
    request.body_len = 4;
    assert_non_null(http_start(w->client, &request, on_done_take, w, NULL));
    turn_until(w, &w->done, 1);
    assert_int_equal(w->last_len, 4);
    assert_string_equal(w->taken, "mine");
    exchange(w, &request);
    assert_string_equal(w->body, "mine");
}

static void test_response_cap(void **state)
{
    static const struct {
        size_t cap;
        enum error_code code;
    } cases[] = {{BIG, ERROR_NONE}, {BIG - 1, ERROR_LIMIT}, {0, ERROR_LIMIT}, {BIG + 1, ERROR_NONE}};
    struct world *w = *state;

    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct http_request request = request_for("GET", url_of(w, false, "/big"));
        request.response_cap = cases[i].cap;
        exchange(w, &request);
        assert_int_equal(w->last_error.code, cases[i].code);
        assert_true(w->last_len <= cases[i].cap);
        assert_true(w->last_sent);
    }
}

static void test_response_header_cap(void **state)
{
    static const enum raw_step steps[] = {RAW_ANSWER};
    static char answer[17000];
    struct world *w = *state;
    struct http_request request;

    snprintf(answer, sizeof(answer), "HTTP/1.1 200 OK\r\nX-Wide: %016300d\r\nContent-Length: 0\r\n\r\n", 0);
    use_raw(w, steps, 1, answer);
    request = request_for("GET", url_of(w, true, "/"));
    exchange(w, &request);
    assert_answered(w, 200);
    snprintf(answer, sizeof(answer), "HTTP/1.1 200 OK\r\nX-Wide: %016400d\r\nContent-Length: 0\r\n\r\n", 0);
    exchange(w, &request);
    assert_failed(w, ERROR_LIMIT, "headers are longer than 16384 bytes");
}

static void test_timeout(void **state)
{
    struct world *w = *state;
    struct http_request request = request_for("POST", url_of(w, false, "/keep?secret=1"));

    request.timeout_ms = 50;
    exchange(w, &request);
    assert_failed(w, ERROR_TIMEOUT, "no whole answer within 50 ms");
    assert_true(w->last_sent);
    assert_true(w->last_error.retriable);
    assert_null(strstr(w->last_error.message, "secret"));
    assert_non_null(strstr(w->last_error.message, "127.0.0.1:"));
}

static void test_connection_refused(void **state)
{
    struct world *w = *state;
    struct http_request request;

    assert_int_equal(raw_listen(&w->raw), 0);
    request = request_for("POST", url_of(w, true, "/?secret=1"));
    close(w->raw.listen_fd);
    w->raw.listen_fd = -1;
    exchange(w, &request);
    assert_failed(w, ERROR_NETWORK, "127.0.0.1:");
    assert_false(w->last_sent);
    assert_true(w->last_error.retriable);
    assert_int_equal(w->last_status, 0);
    assert_null(strstr(w->last_error.message, "secret"));
}

static void test_wrong_urls(void **state)
{
    static const char *const cases[] = {
        "ftp://127.0.0.1/secret", "http:///secret", "http://127.0.0.1:99999/secret",
        "file:///etc/secret",     "/secret",        "",
    };
    struct world *w = *state;

    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct http_request request = request_for("GET", cases[i]);
        struct error err = {0};
        assert_null(http_start(w->client, &request, on_done, w, &err));
        assert_int_equal(err.code, ERROR_CONFIG);
        assert_false(err.retriable);
        assert_null(strstr(err.message, "secret"));
    }
}

static void test_plain_answer_to_tls(void **state)
{
    static const enum raw_step steps[] = {RAW_ANSWER};
    struct world *w = *state;
    struct http_request request;
    char url[64];

    use_raw(w, steps, 1, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    snprintf(url, sizeof(url), "https://127.0.0.1:%u/", w->raw.port);
    request = request_for("POST", url);
    exchange(w, &request);
    assert_failed(w, ERROR_NETWORK, "127.0.0.1:");
    assert_false(w->last_sent);
}

static void test_reset_and_close_in_the_middle(void **state)
{
    static const struct {
        enum raw_step step;
        const char *answer;
        const char *method;
        bool sent;
    } cases[] = {
        {RAW_RESET, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "POST", true},
        {RAW_RESET, "HTTP/1.1 200", "POST", true},
        {RAW_CLOSE, "", "POST", true},
        {RAW_CLOSE, "", "GET", true},
    };
    struct world *w = *state;

    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct http_request request;
        use_raw(w, &cases[i].step, 1, cases[i].answer);
        request = request_for(cases[i].method, url_of(w, true, "/"));
        request.body = "x";
        request.body_len = 1;
        exchange(w, &request);
        assert_failed(w, ERROR_NETWORK, "127.0.0.1:");
        assert_int_equal(w->last_sent, cases[i].sent);
        close(w->raw.listen_fd);
        w->raw.listen_fd = -1;
    }
}

static void test_keep_alive_uses_one_connection(void **state)
{
    static const enum raw_step steps[] = {RAW_ANSWER};
    struct world *w = *state;
    struct http_request request;

    use_raw(w, steps, 1, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    request = request_for("GET", url_of(w, true, "/"));
    for (int i = 0; i < 10; i++) {
        exchange(w, &request);
        assert_answered(w, 200);
    }
    assert_int_equal(w->raw.accepted, 1);
    assert_int_equal(w->raw.requests, 10);
}

/* The server closes a kept-alive connection just when the next request arrives. */
static void test_stale_connection_repeats_get(void **state)
{
    static const enum raw_step steps[] = {RAW_ANSWER, RAW_CLOSE, RAW_ANSWER};
    struct world *w = *state;
    struct http_request request;

    use_raw(w, steps, ARRAY_LENGTH(steps), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    request = request_for("GET", url_of(w, true, "/"));
    exchange(w, &request);
    exchange(w, &request);
    assert_answered(w, 200);
    assert_int_equal(w->raw.requests, 3);
}

static void test_stale_connection_never_repeats_post(void **state)
{
    static const enum raw_step steps[] = {RAW_ANSWER, RAW_CLOSE, RAW_ANSWER};
    struct world *w = *state;
    struct http_request request;

    use_raw(w, steps, ARRAY_LENGTH(steps), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    request = request_for("POST", url_of(w, true, "/"));
    request.body = "once";
    request.body_len = 4;
    exchange(w, &request);
    exchange(w, &request);
    assert_failed(w, ERROR_NETWORK, "closed the connection without an answer");
    assert_true(w->last_sent);
    assert_true(w->last_error.retriable);
    assert_int_equal(w->raw.requests, 2);
    exchange(w, &request);
    assert_answered(w, 200);
}

static void test_interim_answers_are_skipped(void **state)
{
    static const enum raw_step steps[] = {RAW_ANSWER};
    struct world *w = *state;
    struct http_request request;

    use_raw(w, steps, 1,
            "HTTP/1.1 103 Early Hints\r\nX-Answer: no\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
            "x-ANSWER:yes\r\n\r\n");
    request = request_for("GET", url_of(w, true, "/"));
    exchange(w, &request);
    assert_answered(w, 200);
    assert_string_equal(w->last_header, "yes");
}

static void test_redirects_are_not_followed(void **state)
{
    static const enum raw_step steps[] = {RAW_ANSWER};
    struct world *w = *state;
    struct http_request request;

    use_raw(w, steps, 1, "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
    request = request_for("GET", url_of(w, true, "/"));
    exchange(w, &request);
    assert_answered(w, 302);
    assert_int_equal(w->raw.requests, 1);
}

static void test_many_at_once(void **state)
{
    struct world *w = *state;

    for (int i = 0; i < MANY; i++) {
        char target[32];
        struct http_request request;
        snprintf(target, sizeof(target), "/echo?i=%d", i);
        request = request_for("GET", url_of(w, false, target));
        start(w, &request);
    }
    assert_int_equal(http_in_flight(w->client), MANY);
    turn_until(w, &w->done, MANY);
    assert_int_equal(http_in_flight(w->client), 0);
    assert_answered(w, 200);
}

static void test_deferred_replies_in_any_order(void **state)
{
    struct world *w = *state;
    struct http_request request = request_for("GET", url_of(w, false, "/keep"));
    int64_t deadline = clock_monotonic_ms() + DEADLINE_MS;

    for (int i = 0; i < 10; i++) {
        start(w, &request);
    }
    while (w->kept_count < 10 && clock_monotonic_ms() < deadline) {
        turn(w);
    }
    assert_int_equal(w->kept_count, 10);
    assert_int_equal(httpd_in_flight(w->httpd), 10);
    for (size_t i = 10; i > 0; i--) {
        httpd_reply_text(w->kept[i - 1], 200, "late");
    }
    turn_until(w, &w->done, 10);
    assert_answered(w, 200);
    assert_string_equal(w->body, "late");
}

static void on_done_chain(void *ctx, const struct http_response *response)
{
    struct world *w = ctx;
    struct http_request request = request_for("GET", url_of(w, false, "/"));

    assert_int_equal(response->error.code, ERROR_NONE);
    if (w->victim) {
        http_cancel(w->victim);
        w->victim = NULL;
    }
    if (++w->chain < 20) {
        assert_non_null(http_start(w->client, &request, on_done_chain, w, NULL));
    }
}

static void test_callbacks_start_and_cancel(void **state)
{
    struct world *w = *state;
    struct http_request request = request_for("GET", url_of(w, false, "/"));
    struct http_request kept;

    assert_non_null(http_start(w->client, &request, on_done_chain, w, NULL));
    kept = request_for("GET", url_of(w, false, "/keep"));
    w->victim = http_start(w->client, &kept, on_done, w, NULL);
    assert_non_null(w->victim);
    turn_until(w, &w->chain, 20);
    assert_int_equal(http_in_flight(w->client), 0);
    assert_int_equal(w->done, 0);
}

/* Two end in the same turn, and the callback of the first to be told cancels the other. */
static void on_done_cancel_other(void *ctx, const struct http_response *response)
{
    struct world *w = ctx;

    (void)response;
    w->done++;
    http_cancel(w->victim);
}

static void test_cancel_of_a_finished_one(void **state)
{
    static const enum raw_step steps[] = {RAW_ANSWER};
    struct world *w = *state;
    struct http_request request;

    use_raw(w, steps, 1, "");
    request = request_for("GET", url_of(w, true, "/"));
    close(w->raw.listen_fd);
    w->raw.listen_fd = -1;
    assert_non_null(http_start(w->client, &request, on_done_cancel_other, w, NULL));
    w->victim = http_start(w->client, &request, on_done, w, NULL);
    turn_until(w, &w->done, 1);
    while (http_in_flight(w->client) > 0) {
        turn(w);
    }
    assert_in_range(w->done, 1, 2); /* 2 if the victim was told first */
}

static void test_cancel_and_free_under_way(void **state)
{
    struct world *w = *state;
    struct http_request request = request_for("GET", url_of(w, false, "/keep"));
    int64_t deadline = clock_monotonic_ms() + DEADLINE_MS;
    struct http_transfer *transfer = http_start(w->client, &request, on_done, w, NULL);

    start(w, &request);
    while (w->kept_count < 2 && clock_monotonic_ms() < deadline) {
        turn(w);
    }
    http_cancel(transfer);
    http_cancel(NULL);
    assert_int_equal(http_in_flight(w->client), 1);
    http_client_free(w->client);
    w->client = NULL;
    assert_int_equal(w->done, 0);
}

static void test_aborted_by_the_server(void **state)
{
    struct world *w = *state;
    struct http_request request = request_for("POST", url_of(w, false, "/abort"));

    exchange(w, &request);
    assert_failed(w, ERROR_NETWORK, "127.0.0.1:");
    assert_true(w->last_sent);
}

static void test_poll_wakes_for_an_extra_descriptor(void **state)
{
    struct world *w = *state;
    struct pollfd fds[2] = {{.fd = -1, .events = POLLIN, .revents = POLLIN}, {.events = POLLIN}};
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    fds[1].fd = ends[0];
    http_poll(w->client, fds, 2, 0);
    assert_int_equal(fds[0].revents, 0);
    assert_int_equal(fds[1].revents, 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    http_poll(w->client, fds, 2, -1);
    assert_int_equal(fds[1].revents, POLLIN);
    close(ends[1]);
    http_poll(w->client, fds, 2, -1);
    assert_int_equal(fds[1].revents, POLLIN | POLLHUP);
    close(ends[0]);
}

static void test_perform(void **state)
{
    struct world *w = *state;
    struct http_request request;
    struct buf body;
    struct error err = {0};
    int status = 7;

    assert_int_equal(raw_listen(&w->raw), 0);
    request = request_for("GET", url_of(w, true, "/"));
    close(w->raw.listen_fd);
    w->raw.listen_fd = -1;
    buf_init(&body, 1024);
    assert_int_equal(http_perform(w->client, &request, &status, &body, &err), -ERROR_NETWORK);
    assert_int_equal(err.code, ERROR_NETWORK);
    assert_int_equal(status, 7);
    assert_int_equal(http_perform(w->client, &request, NULL, NULL, NULL), -ERROR_NETWORK);
    buf_done(&body);
}

static void test_unreadable_ca_bundle(void **state)
{
    static const enum raw_step steps[] = {RAW_SILENT};
    struct world *w = *state;
    struct http_options options = {.user_agent = "x", .ca_bundle = "/nonexistent/ca.pem"};
    struct http_request request;
    char url[64];

    http_client_free(w->client);
    w->client = http_client_new(&options, NULL);
    use_raw(w, steps, 1, "");
    snprintf(url, sizeof(url), "https://127.0.0.1:%u/", w->raw.port);
    request = request_for("GET", url);
    exchange(w, &request);
    assert_failed(w, ERROR_CONFIG, "/nonexistent/ca.pem");
    assert_false(w->last_error.retriable);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_methods_and_bodies),
        CASE(test_own_headers),
        CASE(test_refuses_headers_that_would_split_the_request),
        CASE(test_response_headers),
        CASE(test_callback_takes_the_body),
        CASE(test_response_cap),
        CASE(test_response_header_cap),
        CASE(test_timeout),
        CASE(test_connection_refused),
        CASE(test_wrong_urls),
        CASE(test_plain_answer_to_tls),
        CASE(test_reset_and_close_in_the_middle),
        CASE(test_keep_alive_uses_one_connection),
        CASE(test_stale_connection_repeats_get),
        CASE(test_stale_connection_never_repeats_post),
        CASE(test_interim_answers_are_skipped),
        CASE(test_redirects_are_not_followed),
        CASE(test_many_at_once),
        CASE(test_deferred_replies_in_any_order),
        CASE(test_callbacks_start_and_cancel),
        CASE(test_cancel_of_a_finished_one),
        CASE(test_cancel_and_free_under_way),
        CASE(test_aborted_by_the_server),
        CASE(test_poll_wakes_for_an_extra_descriptor),
        CASE(test_perform),
        CASE(test_unreadable_ca_bundle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
