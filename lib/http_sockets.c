/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/http_sockets.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { FIRST_SIZE = 16 };

void http_sockets_done(struct http_sockets *sockets)
{
    free(sockets->items);
    *sockets = (struct http_sockets){0};
}

void http_sockets_add(struct http_sockets *sockets, int fd)
{
    if (sockets->count == sockets->size) {
        size_t size = sockets->size ? sockets->size * 2 : FIRST_SIZE;
        struct http_socket *items =
            size <= HTTP_SOCKETS_CAP ? realloc(sockets->items, size * sizeof(*items)) : NULL;
        if (!items) {
            return;
        }
        sockets->items = items;
        sockets->size = size;
    }
    sockets->items[sockets->count++] = (struct http_socket){.fd = fd};
}

void http_sockets_remove(struct http_sockets *sockets, int fd)
{
    for (size_t i = 0; i < sockets->count; i++) {
        if (sockets->items[i].fd == fd) {
            sockets->items[i] = sockets->items[--sockets->count];
            return;
        }
    }
}

static int port_of(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } name = {0};
    socklen_t len = sizeof(name);

    if (getsockname(fd, &name.any, &len) < 0) {
        return 0;
    }
    return ntohs(name.any.sa_family == AF_INET6 ? name.v6.sin6_port : name.v4.sin_port);
}

static struct http_socket *find(struct http_sockets *sockets, int local_port)
{
    for (size_t i = 0; i < sockets->count; i++) {
        struct http_socket *socket = &sockets->items[i];
        if (socket->local_port == 0) {
            socket->local_port = port_of(socket->fd);
        }
        if (socket->local_port == local_port) {
            return socket;
        }
    }
    return NULL;
}

bool http_sockets_is_stale(struct http_sockets *sockets, int local_port)
{
    struct http_socket *socket = find(sockets, local_port);
    struct pollfd fd = {.events = POLLRDHUP};

    if (!socket) {
        return false;
    }
    if (!socket->used) {
        socket->used = true;
        return false;
    }
    fd.fd = socket->fd;
    return poll(&fd, 1, 0) == 1;
}
