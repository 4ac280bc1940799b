/* SPDX-License-Identifier: Apache-2.0 */
/* docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/creds_provider.h"
#include "lib/json.h"
#include "lib/words.h"

enum { TIMEOUT_MS = 60 * 1000, ARGUMENT_CAP = 64 };

struct process {
    struct creds_context context;
    struct creds_waiter waiter;
    char *command;
    pid_t pid; /* 0: none is running */
    int fd;
    int64_t deadline_ms;
    struct buf output;
};

/* Ends it with all that it started, and forgets what it said. */
static void stop(struct process *process)
{
    if (process->pid > 0) {
        kill(-process->pid, SIGKILL);
        while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR) {
        }
        process->pid = 0;
    }
    if (process->fd >= 0) {
        close(process->fd);
        process->fd = -1;
    }
    buf_done_secret(&process->output);
}

static int prepare(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes, int output)
{
    sigset_t signals;
    int r = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

    r = r != 0 ? r : posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
    /* What it complains about may hold secrets, so it does not get into the log. */
    r = r != 0 ? r : posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    r = r != 0 ? r : posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
    sigemptyset(&signals);
    r = r != 0 ? r : posix_spawnattr_setsigmask(attributes, &signals);
    sigaddset(&signals, SIGPIPE);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    r = r != 0 ? r : posix_spawnattr_setsigdefault(attributes, &signals);
    r = r != 0 ? r : posix_spawnattr_setpgroup(attributes, 0);
    return r != 0 ? r
                  : posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                             POSIX_SPAWN_SETPGROUP);
}

static int spawn(struct process *process, char **arguments, int output)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int r = posix_spawn_file_actions_init(&actions);

    if (r != 0) {
        return r;
    }
    r = posix_spawnattr_init(&attributes);
    if (r == 0) {
        r = prepare(&actions, &attributes, output);
        if (r == 0) {
            r = posix_spawnp(&process->pid, arguments[0], &actions, &attributes, arguments,
                             process->context.environment);
        }
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    if (r != 0) {
        process->pid = 0;
    }
    return r;
}

static int start(struct process *process, struct error *err)
{
    char *arguments[ARGUMENT_CAP + 1];
    char *words = words_split(process->command, arguments, ARGUMENT_CAP);
    int pipe_fds[2];
    int r;

    if (!words) {
        return error_set(err, ERROR_CONFIG, false, "credential_process is no command line of up to %d words",
                         ARGUMENT_CAP);
    }
    if (pipe2(pipe_fds, O_CLOEXEC) < 0) {
        free(words);
        return error_set(err, ERROR_IO, true, "pipe: %s", strerror(errno));
    }
    fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK);
    r = spawn(process, arguments, pipe_fds[1]);
    close(pipe_fds[1]);
    if (r != 0) {
        close(pipe_fds[0]);
        error_set(err, ERROR_IO, r == EAGAIN || r == ENOMEM, "credential_process %s: %s", arguments[0],
                  strerror(r));
    } else {
        process->fd = pipe_fds[0];
        process->deadline_ms = clock_monotonic_ms() + TIMEOUT_MS;
        buf_init(&process->output, CREDS_ANSWER_CAP);
        buf_reserve(&process->output, CREDS_ANSWER_CAP); /* no copies are left by growing */
    }
    free(words);
    return -r;
}

static bool parse(struct str output, struct creds *creds, struct error *err)
{
    cJSON *json = json_parse_secret(output.ptr, output.len, NULL);
    long long version = 0;
    bool right = json_int64(json, "Version", 1, 1, &version);

    json_delete_secret(json);
    if (!right) {
        error_set(err, ERROR_SYNTAX, false, "credential_process: the output is no JSON object of version 1");
        return false;
    }
    return creds_from_json(output, "SessionToken", false, creds, err);
}

static void finish(struct process *process, int status)
{
    struct creds creds = {0};
    struct error err = {0};
    bool found = false;

    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        found = parse(buf_str(&process->output), &creds, &err);
    } else {
        error_set(&err, ERROR_AUTH, true, "credential_process ended with %s %d",
                  WIFEXITED(status) ? "exit code" : "signal",
                  WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    }
    stop(process);
    creds_reply(&process->waiter, found, &creds, &err);
}

static void give_up(struct process *process, const char *reason)
{
    struct error err = {0};

    error_set(&err, ERROR_TIMEOUT, true, "credential_process %s", reason);
    stop(process);
    creds_reply_error(&process->waiter, CREDS_FAILED, &err);
}

/* Takes what is there by now. */
static void read_output(struct process *process)
{
    char part[4096];
    ssize_t n;

    while ((n = read(process->fd, part, sizeof(part))) > 0 && buf_error(&process->output) == 0) {
        buf_add(&process->output, part, (size_t)n);
    }
    buf_wipe(part, sizeof(part));
}

static void work(void *state)
{
    struct process *process = state;
    bool ended;
    int status;

    if (process->pid <= 0) {
        return;
    }
    ended = waitpid(process->pid, &status, WNOHANG) == process->pid;
    read_output(process);
    if (ended) {
        kill(-process->pid, SIGKILL); /* what it left behind */
        process->pid = 0;
    }
    if (buf_error(&process->output) < 0) {
        give_up(process, "wrote too much");
    } else if (ended) {
        finish(process, status);
    } else if (clock_monotonic_ms() >= process->deadline_ms) {
        give_up(process, "took too long");
    }
}

static void fetch(void *state, int64_t now_wall_ms, creds_answer_fn *answer, void *answer_ctx)
{
    struct process *process = state;
    struct error err = {0};

    (void)now_wall_ms;
    process->waiter = (struct creds_waiter){answer, answer_ctx};
    if (start(process, &err) < 0) {
        creds_reply_error(&process->waiter, CREDS_FAILED, &err);
    }
}

static void process_free(void *state)
{
    struct process *process = state;

    if (process) {
        stop(process);
        free(process->command);
        free(process);
    }
}

struct creds_provider creds_process_provider(const struct creds_context *context, const char *command)
{
    struct process *process = calloc(1, sizeof(*process));

    if (!process) {
        return (struct creds_provider){.name = "credential_process"};
    }
    process->context = *context;
    process->fd = -1;
    process->command = strdup(command);
    if (!process->command) {
        process_free(process);
        return (struct creds_provider){.name = "credential_process"};
    }
    return (struct creds_provider){
        .name = "credential_process", .state = process, .fetch = fetch, .work = work, .free = process_free};
}
