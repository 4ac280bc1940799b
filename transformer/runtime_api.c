/* SPDX-License-Identifier: Apache-2.0 */
#include "transformer/runtime_api.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/sockaddr.h"
#include "lib/stop.h"

enum {
    CONNECT_TIMEOUT_MS = 3000,
    CONNECT_PAUSE_MS = 5,
    HEAD_CAP = 1024,
    READ_SIZE = 64 * 1024,
    LONGEST_POLL_MS = 60000
};

/* --- the connection --------------------------------------------------------------------------------------
 */

/* "127.0.0.1:9001", "[::1]:9001" or "localhost:9001". */
static bool parse_address(struct runtime_api *api)
{
    const char *colon = strrchr(api->name, ':');
    char host[INET6_ADDRSTRLEN + 2];
    size_t length = colon ? (size_t)(colon - api->name) : sizeof(host);
    long long port;
    bool bracketed;

    if (length >= sizeof(host) || !str_to_int64(str_of(colon + 1), 1, 65535, &port)) {
        return false;
    }
    memcpy(host, api->name, length);
    host[length] = '\0';
    bracketed = length > 2 && host[0] == '[' && host[length - 1] == ']';
    if (bracketed) {
        host[length - 1] = '\0';
    }
    return bracketed == (strchr(host, ':') != NULL) &&
           sockaddr_parse(bracketed                        ? host + 1
                          : strcmp(host, "localhost") == 0 ? "127.0.0.1"
                                                           : host,
                          (uint16_t)port, &api->address, &api->address_len);
}

int runtime_api_init(struct runtime_api *api, const char *name, struct error *err)
{
    *api = (struct runtime_api){.name = name, .fd = -1};
    if (!parse_address(api)) {
        return error_set(err, ERROR_CONFIG, false,
                         "AWS_LAMBDA_RUNTIME_API=%s: an IP address or localhost, and a port", name);
    }
    return 0;
}

static void disconnect(struct runtime_api *api)
{
    if (api->fd >= 0) {
        close(api->fd);
        api->fd = -1;
    }
}

void runtime_api_done(struct runtime_api *api)
{
    disconnect(api);
}

/* Waits until the connection is ready, the time is over, or a stop ends it. deadline_ms 0: no deadline. */
static int wait_ready(const struct runtime_api *api, short events, int64_t deadline_ms, bool interruptible,
                      struct error *err)
{
    for (;;) {
        struct pollfd fds[] = {{.fd = api->fd, .events = events},
                               {.fd = interruptible ? stop_fd() : -1, .events = POLLIN}};
        int64_t left_ms = deadline_ms == 0 ? LONGEST_POLL_MS : deadline_ms - clock_monotonic_ms();

        if (interruptible && stop_requested()) {
            return error_set(err, ERROR_STOPPED, false, "a stop was requested");
        }
        if (left_ms <= 0) {
            return error_set(err, ERROR_TIMEOUT, true, "%s does not answer", api->name);
        }
        if (poll(fds, 2, (int)(left_ms < LONGEST_POLL_MS ? left_ms : LONGEST_POLL_MS)) > 0 &&
            fds[0].revents) {
            return 0;
        }
    }
}

static int connect_failed(struct runtime_api *api, int number, struct error *err)
{
    disconnect(api);
    return error_set(err, ERROR_NETWORK, true, "cannot connect to %s: %s", api->name, strerror(number));
}

static int connect_once(struct runtime_api *api, int64_t deadline_ms, struct error *err)
{
    int yes = 1;
    int number = 0;
    socklen_t size = sizeof(number);
    int rc;

    api->fd = socket(api->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (api->fd < 0) {
        return connect_failed(api, errno, err);
    }
    (void)setsockopt(api->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    if (connect(api->fd, (struct sockaddr *)&api->address, api->address_len) == 0) {
        return 0;
    }
    if (errno != EINPROGRESS) {
        return connect_failed(api, errno, err);
    }
    rc = wait_ready(api, POLLOUT, deadline_ms, false, err);
    if (rc < 0) {
        disconnect(api);
        return rc;
    }
    if (getsockopt(api->fd, SOL_SOCKET, SO_ERROR, &number, &size) < 0 || number != 0) {
        return connect_failed(api, number ? number : errno, err);
    }
    return 0;
}

/* A function that starts within a millisecond may be there before its Runtime API listens. */
static int connect_now(struct runtime_api *api, struct error *err)
{
    int64_t deadline_ms = clock_monotonic_ms() + CONNECT_TIMEOUT_MS;
    struct pollfd stop = {.fd = stop_fd(), .events = POLLIN};
    int rc = connect_once(api, deadline_ms, err);

    while (rc == -ERROR_NETWORK && !stop_requested() && clock_monotonic_ms() < deadline_ms) {
        poll(&stop, 1, CONNECT_PAUSE_MS);
        rc = connect_once(api, deadline_ms, err);
    }
    return rc;
}

/* --- one request -----------------------------------------------------------------------------------------
 */

static size_t write_head(const struct runtime_api *api, const struct runtime_request *request, char *head)
{
    bool has_body = request->body.len > 0 || strcmp(request->method, "GET") != 0;
    struct buf out;
    size_t length;

    buf_init(&out, HEAD_CAP);
    buf_addf(&out, "%s /2018-06-01/runtime/%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: userstream-transformer\r\n",
             request->method, request->path, api->name);
    if (has_body) {
        buf_addf(&out, "Content-Type: application/json\r\nContent-Length: %zu\r\n", request->body.len);
    }
    if (request->error_type) {
        buf_addf(&out, "Lambda-Runtime-Function-Error-Type: %s\r\n", request->error_type);
    }
    buf_add_str(&out, "\r\n");
    length = buf_error(&out) ? 0 : out.len;
    memcpy(head, length > 0 ? out.data : "", length);
    buf_done(&out);
    return length;
}

/* Sends what is left of two pieces of memory; they move on. 0 when all is sent, 1 if there is more to send.
 */
static int send_some(const struct runtime_api *api, struct iovec *pieces, struct error *err)
{
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};
    ssize_t sent = sendmsg(api->fd, &message, MSG_NOSIGNAL);

    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        return error_set(err, ERROR_NETWORK, true, "%s closed the connection: %s", api->name,
                         strerror(errno));
    }
    for (int i = 0; i < 2 && sent > 0; i++) {
        size_t length = (size_t)sent < pieces[i].iov_len ? (size_t)sent : pieces[i].iov_len;
        pieces[i].iov_base = (char *)pieces[i].iov_base + length;
        pieces[i].iov_len -= length;
        sent -= (ssize_t)length;
    }
    return pieces[0].iov_len + pieces[1].iov_len > 0;
}

static int send_request(struct runtime_api *api, const struct runtime_request *request, int64_t deadline_ms,
                        struct error *err)
{
    char head[HEAD_CAP];
    struct iovec pieces[] = {{head, write_head(api, request, head)},
                             {(void *)(uintptr_t)request->body.ptr, request->body.len}};
    int rc;

    if (pieces[0].iov_len == 0) {
        return error_set(err, ERROR_LIMIT, false, "the request to %s is too long", api->name);
    }
    while ((rc = send_some(api, pieces, err)) > 0) {
        rc = wait_ready(api, POLLOUT, deadline_ms, request->interruptible, err);
        if (rc < 0) {
            break;
        }
    }
    return rc;
}

/* Reads once. *ret_state tells how far the answer is. */
static int receive_some(const struct runtime_api *api, struct http_answer *answer,
                        enum http_answer_state *ret_state, struct error *err)
{
    struct buf *bytes = &answer->bytes;
    size_t room = bytes->cap - bytes->len < READ_SIZE ? bytes->cap - bytes->len : READ_SIZE;
    char *to = room > 0 ? buf_reserve(bytes, room) : NULL;
    ssize_t got;

    if (!to) {
        return error_set(err, ERROR_LIMIT, false, "the answer of %s is longer than %zu bytes", api->name,
                         bytes->cap);
    }
    got = recv(api->fd, to, room, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        *ret_state = HTTP_ANSWER_MORE;
        return 0;
    }
    if (got > 0) {
        buf_commit(bytes, (size_t)got);
    }
    *ret_state = http_answer_read(answer, got <= 0);
    if (*ret_state == HTTP_ANSWER_WRONG) {
        return error_set(err, ERROR_NETWORK, true, "%s %s", api->name,
                         got <= 0 ? "closed the connection" : "sent what is not HTTP");
    }
    return 0;
}

static int receive_answer(struct runtime_api *api, const struct runtime_request *request, int64_t deadline_ms,
                          struct http_answer *answer, struct error *err)
{
    enum http_answer_state state = HTTP_ANSWER_MORE;

    while (state == HTTP_ANSWER_MORE) {
        int rc = wait_ready(api, POLLIN, deadline_ms, request->interruptible, err);
        if (rc == 0) {
            rc = receive_some(api, answer, &state, err);
        }
        if (rc < 0) {
            return rc;
        }
    }
    return 0;
}

static int exchange_once(struct runtime_api *api, const struct runtime_request *request,
                         struct http_answer *answer, struct error *err)
{
    int64_t deadline_ms = request->timeout_ms == 0 ? 0 : clock_monotonic_ms() + request->timeout_ms;
    int rc = api->fd < 0 ? connect_now(api, err) : 0;

    if (rc == 0) {
        rc = send_request(api, request, deadline_ms, err);
        /* Who refuses a long body may answer without having read it. */
        if (rc == 0 || rc == -ERROR_NETWORK) {
            rc = receive_answer(api, request, deadline_ms, answer, err);
        }
    }
    if (rc < 0 || !answer->keep_alive) {
        disconnect(api);
    }
    return rc;
}

int runtime_api_exchange(struct runtime_api *api, const struct runtime_request *request,
                         struct http_answer *answer, struct error *err)
{
    bool reused = api->fd >= 0;
    int rc = exchange_once(api, request, answer, err);

    if (rc == -ERROR_NETWORK && reused && answer->bytes.len == 0 && strcmp(request->method, "GET") == 0) {
        rc = exchange_once(api, request, answer, err);
    }
    return rc;
}
