/* SPDX-License-Identifier: Apache-2.0 */
/* What shows in the process alone; the rest is tested from outside. */
#include "transformer/lambda.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/config.h"
#include "transformer/metrics.h"

extern char **environ;

#define TRACE "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0"

static const char *const answers[] = {"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id\r\n"
                                      "Lambda-Runtime-Trace-Id: " TRACE "\r\nContent-Length: 14\r\n\r\n"
                                      "{\"records\":[]}",
                                      "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n",
                                      "HTTP/1.1 500 The end\r\nContent-Length: 0\r\n\r\n"};

/* Answers one after the other on one connection. */
static void play(int fd)
{
    char request[4096];
    int peer;

    alarm(30);
    peer = accept(fd, NULL, NULL);
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        size_t len = 0;
        const char *end = NULL;

        while (!end || (i == 1 && !strstr(end, "}"))) { /* the post has a body */
            ssize_t count = read(peer, request + len, sizeof(request) - 1 - len);
            if (count <= 0) {
                _exit(1);
            }
            len += (size_t)count;
            request[len] = '\0';
            end = strstr(request, "\r\n\r\n");
        }
        if (write(peer, answers[i], strlen(answers[i])) < 0) {
            _exit(1);
        }
    }
    _exit(0);
}

static void the_trace_header_becomes_a_variable(void **state)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct metrics *metrics = metrics_new(transformer_metrics, TRANSFORMER_METRIC_COUNT);
    socklen_t size = sizeof(name);
    struct function function;
    char address[32];
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int status;
    pid_t pid;

    (void)state;
    assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &size), 0);
    snprintf(address, sizeof(address), "127.0.0.1:%d", ntohs(name.sin_port));
    pid = fork();
    if (pid == 0) {
        play(fd);
    }
    close(fd);
    function_init(&function, metrics, false);
    assert_null(config_lookup(environ, "_X_AMZN_TRACE_ID"));
    assert_int_equal(lambda_run(address, &function), 1);
    assert_string_equal(config_lookup(environ, "_X_AMZN_TRACE_ID"), TRACE);
    function_done(&function);
    metrics_free(metrics);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_trace_header_becomes_a_variable)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
