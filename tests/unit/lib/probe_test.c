/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/probe.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { TIMEOUT_MS = 10000, BODY_CAP = 64 };

struct answer {
    const char *const *parts; /* sent one by one, ends with NULL */
    bool hang;                /* no end of the connection */
};

/* A server for one connection, in a process of its own: it takes the request and sends the parts. */
static pid_t serve(const struct answer *answer, uint16_t *ret_port)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(name);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    pid_t pid;

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &size), 0);
    *ret_port = ntohs(name.sin_port);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char request[512] = "";
        int peer;

        alarm(30);
        peer = accept(fd, NULL, NULL);
        if (read(peer, request, sizeof(request) - 1) <= 0 ||
            strcmp(request, "GET /readyz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n") != 0) {
            _exit(1);
        }
        for (const char *const *part = answer->parts; *part; part++) {
            if (write(peer, *part, strlen(*part)) < 0) {
                _exit(2);
            }
            usleep(1000); /* so that the parts arrive one by one */
        }
        if (answer->hang) {
            pause();
        }
        _exit(0);
    }
    close(fd);
    return pid;
}

static int ask(const struct answer *answer, int64_t timeout_ms, int *ret_status, struct buf *body,
               struct error *err)
{
    uint16_t port;
    pid_t pid = serve(answer, &port);
    int status;
    int code;

    buf_init(body, BODY_CAP);
    code = probe_get("127.0.0.1", port, "/readyz", timeout_ms, ret_status, body, err);
    if (answer->hang) {
        kill(pid, SIGKILL);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(answer->hang || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
    return code;
}

static void the_status_and_the_body_come_back(void **state)
{
    static const char *const parts[] = {"HTTP/1.1 503 Servi",
                                        "ce Unavailable\r\nContent-Type: text/plain\r\n\r", "\nwaiting for ",
                                        "Kafka\n", NULL};
    const struct answer answer = {.parts = parts};
    struct error err = {0};
    struct buf body;
    int status = 0;

    (void)state;
    assert_int_equal(ask(&answer, TIMEOUT_MS, &status, &body, &err), 0);
    assert_int_equal(status, 503);
    assert_string_equal(body.data, "waiting for Kafka\n");
    buf_done(&body);
}

static void what_is_not_http_is_an_error(void **state)
{
    static const char *const texts[] = {
        "", "SSH-2.0-x\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 20", NULL};

    (void)state;
    for (const char *const *text = texts; *text; text++) {
        const char *const parts[] = {*text, NULL};
        const struct answer answer = {.parts = parts};
        struct error err = {0};
        struct buf body;
        int status = 0;

        assert_int_equal(ask(&answer, TIMEOUT_MS, &status, &body, &err), -ERROR_SYNTAX);
        assert_int_equal(status, 0);
        buf_done(&body);
    }
}

static void an_answer_past_the_cap_is_an_error(void **state)
{
    static char text[BODY_CAP + 2];
    const char *const parts[] = {"HTTP/1.1 200 OK\r\n\r\n", text, NULL};
    const struct answer answer = {.parts = parts};
    struct error err = {0};
    struct buf body;
    int status = 0;

    (void)state;
    memset(text, 'x', BODY_CAP);
    assert_int_equal(ask(&answer, TIMEOUT_MS, &status, &body, &err), 0);
    buf_done(&body);
    memset(text, 'x', BODY_CAP + 1);
    assert_int_equal(ask(&answer, TIMEOUT_MS, &status, &body, &err), -ERROR_LIMIT);
    buf_done(&body);
}

static void silence_is_a_timeout(void **state)
{
    static const char *const parts[] = {"HTTP/1.1 200 OK\r\n", NULL};
    const struct answer answer = {.parts = parts, .hang = true};
    struct error err = {0};
    struct buf body;
    int status = 0;

    (void)state;
    assert_int_equal(ask(&answer, 200, &status, &body, &err), -ERROR_TIMEOUT);
    buf_done(&body);
}

static void nobody_there_and_no_address_are_errors(void **state)
{
    struct error err = {0};
    struct buf body;
    int status = 0;

    (void)state;
    buf_init(&body, BODY_CAP);
    assert_int_equal(probe_get("127.0.0.1", 1, "/readyz", TIMEOUT_MS, &status, &body, &err), -ERROR_NETWORK);
    assert_int_equal(probe_get("localhost", 1, "/readyz", TIMEOUT_MS, &status, &body, &err), -ERROR_CONFIG);
    buf_done(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_status_and_the_body_come_back),
        cmocka_unit_test(what_is_not_http_is_an_error),
        cmocka_unit_test(an_answer_past_the_cap_is_an_error),
        cmocka_unit_test(silence_is_a_timeout),
        cmocka_unit_test(nobody_there_and_no_address_are_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
