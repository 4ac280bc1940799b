/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/probe.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/sockaddr.h"

enum { REQUEST_SIZE = 512, READ_SIZE = 4096, HEAD_ROOM = 8192 };

struct probe {
    int fd;
    int64_t deadline_ms;
};

/* Waits for the socket until the deadline. */
static int await(const struct probe *probe, short events, struct error *err)
{
    struct pollfd fd = {.fd = probe->fd, .events = events};
    int64_t left_ms;

    while ((left_ms = probe->deadline_ms - clock_monotonic_ms()) > 0) {
        if (poll(&fd, 1, (int)left_ms) > 0) {
            return 0;
        }
    }
    return error_set(err, ERROR_TIMEOUT, true, "no answer in time");
}

static int probe_connect(struct probe *probe, const char *address, uint16_t port, struct error *err)
{
    struct sockaddr_storage name;
    socklen_t name_len;
    int number = 0;
    socklen_t size = sizeof(number);
    int code;

    if (!sockaddr_parse(address, port, &name, &name_len)) {
        return error_set(err, ERROR_CONFIG, false, "\"%s\" is no IPv4 or IPv6 address", address);
    }
    probe->fd = socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe->fd < 0 ||
        (connect(probe->fd, (struct sockaddr *)&name, name_len) < 0 && errno != EINPROGRESS)) {
        return error_set(err, ERROR_NETWORK, true, "cannot connect: %s", strerror(errno));
    }
    code = await(probe, POLLOUT, err);
    if (code == 0 && (getsockopt(probe->fd, SOL_SOCKET, SO_ERROR, &number, &size) < 0 || number != 0)) {
        code = error_set(err, ERROR_NETWORK, true, "cannot connect: %s", strerror(number));
    }
    return code;
}

/* The request fits a socket's buffer, so one call takes it whole. */
static int probe_ask(const struct probe *probe, const char *address, const char *path, struct error *err)
{
    bool v6 = strchr(address, ':') != NULL;
    char text[REQUEST_SIZE];
    int len = snprintf(text, sizeof(text), "GET %s HTTP/1.0\r\nHost: %s%s%s\r\n\r\n", path, v6 ? "[" : "",
                       address, v6 ? "]" : "");

    if (len >= (int)sizeof(text)) {
        return error_set(err, ERROR_LIMIT, false, "the path is too long");
    }
    if (send(probe->fd, text, (size_t)len, MSG_NOSIGNAL) != len) {
        return error_set(err, ERROR_NETWORK, true, "the connection broke");
    }
    return 0;
}

/* Up to the end of the connection, which HTTP/1.0 makes the end of the answer. */
static int probe_read(const struct probe *probe, struct buf *answer, struct error *err)
{
    char bytes[READ_SIZE];
    ssize_t count;
    int code;

    do {
        code = await(probe, POLLIN, err);
        if (code) {
            return code;
        }
        count = recv(probe->fd, bytes, sizeof(bytes), 0);
        if (count < 0 && errno != EAGAIN && errno != EINTR) {
            return error_set(err, ERROR_NETWORK, true, "the connection broke: %s", strerror(errno));
        }
        buf_add(answer, bytes, count > 0 ? (size_t)count : 0);
    } while (count != 0 && !buf_error(answer));
    return buf_error(answer) ? error_set(err, ERROR_LIMIT, false, "the answer is too long") : 0;
}

/* "HTTP/1.1 200 OK": the status, or 0. */
static int status_of(struct str head)
{
    long long status;

    if (head.len < 12 || memcmp(head.ptr, "HTTP/1.", 7) != 0 || head.ptr[8] != ' ' ||
        !str_to_int64((struct str){head.ptr + 9, 3}, 100, 599, &status)) {
        return 0;
    }
    return (int)status;
}

static int take_apart(struct str answer, int *ret_status, struct buf *body, struct error *err)
{
    static const char blank[] = "\r\n\r\n";
    const char *head_end = answer.len ? memmem(answer.ptr, answer.len, blank, sizeof(blank) - 1) : NULL;
    int status = head_end ? status_of(answer) : 0;

    if (status == 0) {
        return error_set(err, ERROR_SYNTAX, false, "the answer is not HTTP");
    }
    head_end += sizeof(blank) - 1;
    buf_add(body, head_end, answer.len - (size_t)(head_end - answer.ptr));
    if (buf_error(body)) {
        return error_set(err, ERROR_LIMIT, false, "the answer is too long");
    }
    *ret_status = status;
    return 0;
}

int probe_get(const char *address, uint16_t port, const char *path, int64_t timeout_ms, int *ret_status,
              struct buf *body, struct error *err)
{
    struct probe probe = {.fd = -1, .deadline_ms = clock_monotonic_ms() + timeout_ms};
    struct buf answer;
    int code;

    buf_init(&answer, body->cap + HEAD_ROOM);
    code = probe_connect(&probe, address, port, err);
    code = code ? code : probe_ask(&probe, address, path, err);
    code = code ? code : probe_read(&probe, &answer, err);
    code = code ? code : take_apart(buf_str(&answer), ret_status, body, err);
    buf_done(&answer);
    if (probe.fd >= 0) {
        close(probe.fd);
    }
    return code;
}
