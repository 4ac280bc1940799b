/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t requested;
static int wake_pipe[2] = {-1, -1};

void stop_request(void)
{
    int saved = errno;

    if (!requested) {
        requested = 1;
        if (write(wake_pipe[1], "", 1) < 0) {
            requested = 1; /* the flag alone does: every poll has a time-out */
        }
    }
    errno = saved;
}

static void on_signal(int number)
{
    (void)number;
    stop_request();
}

int stop_init(struct error *err)
{
    struct sigaction action = {.sa_handler = on_signal};
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    if (pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) < 0) {
        return error_set(err, ERROR_IO, false, "cannot create a pipe: %s", strerror(errno));
    }
    sigemptyset(&action.sa_mask);
    sigemptyset(&ignore.sa_mask);
    if (sigaction(SIGTERM, &action, NULL) < 0 || sigaction(SIGINT, &action, NULL) < 0 ||
        sigaction(SIGPIPE, &ignore, NULL) < 0) {
        return error_set(err, ERROR_IO, false, "cannot install signal handlers: %s", strerror(errno));
    }
    return 0;
}

bool stop_requested(void)
{
    return requested != 0;
}

int stop_fd(void)
{
    return wake_pipe[0];
}
