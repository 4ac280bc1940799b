/* SPDX-License-Identifier: Apache-2.0 */
/* The flag cannot be taken back, so each case runs in a process of its own. */
#include "lib/stop.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static bool fd_is_readable(int timeout_ms)
{
    struct pollfd fd = {.fd = stop_fd(), .events = POLLIN};

    return poll(&fd, 1, timeout_ms) == 1 && fd.revents == POLLIN;
}

/* Runs `body` in a child process, which passes if it returns true. */
static void assert_in_child(bool (*body)(void))
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        alarm(30);
        _exit(body() ? 0 : 1);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static bool quiet_before(void)
{
    return stop_init(NULL) == 0 && !stop_requested() && !fd_is_readable(0);
}

static bool stops_on(int number)
{
    return quiet_before() && raise(number) == 0 && stop_requested() && fd_is_readable(0);
}

static bool on_sigterm(void)
{
    return stops_on(SIGTERM);
}

static bool on_sigint(void)
{
    return stops_on(SIGINT);
}

static bool on_request(void)
{
    if (!quiet_before()) {
        return false;
    }
    stop_request();
    stop_request();
    return stop_requested() && fd_is_readable(0) && fd_is_readable(0);
}

static bool second_signal_does_not_kill(void)
{
    return stops_on(SIGTERM) && raise(SIGTERM) == 0 && raise(SIGINT) == 0 && stop_requested();
}

static bool many_signals_do_not_block(void)
{
    if (!quiet_before()) {
        return false;
    }
    for (int i = 0; i < 100000; i++) { /* more than a pipe holds */
        raise(SIGTERM);
    }
    return stop_requested() && fd_is_readable(0);
}

static bool sigpipe_is_ignored(void)
{
    int ends[2];

    if (stop_init(NULL) < 0 || pipe(ends) < 0 || close(ends[0]) < 0) {
        return false;
    }
    return write(ends[1], "x", 1) == -1;
}

static bool poll_is_woken(void)
{
    pid_t child;
    bool woken;

    if (!quiet_before()) {
        return false;
    }
    child = fork();
    if (child == 0) {
        kill(getppid(), SIGTERM);
        _exit(0);
    }
    woken = fd_is_readable(20000) || fd_is_readable(20000); /* the first one may end with EINTR */
    waitpid(child, NULL, 0);
    return woken && stop_requested();
}

static bool request_before_init(void)
{
    stop_request();
    return stop_requested();
}

#define CHILD_TEST(body)                                                                                     \
    static void test_##body(void **state)                                                                    \
    {                                                                                                        \
        (void)state;                                                                                         \
        assert_in_child(body);                                                                               \
    }

CHILD_TEST(quiet_before)
CHILD_TEST(on_sigterm)
CHILD_TEST(on_sigint)
CHILD_TEST(on_request)
CHILD_TEST(second_signal_does_not_kill)
CHILD_TEST(many_signals_do_not_block)
CHILD_TEST(sigpipe_is_ignored)
CHILD_TEST(poll_is_woken)
CHILD_TEST(request_before_init)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quiet_before),
        cmocka_unit_test(test_on_sigterm),
        cmocka_unit_test(test_on_sigint),
        cmocka_unit_test(test_on_request),
        cmocka_unit_test(test_second_signal_does_not_kill),
        cmocka_unit_test(test_many_signals_do_not_block),
        cmocka_unit_test(test_sigpipe_is_ignored),
        cmocka_unit_test(test_poll_is_woken),
        cmocka_unit_test(test_request_before_init),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
