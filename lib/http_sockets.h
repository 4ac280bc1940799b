/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sockets of a client's connections, for http_transfer.c alone, to answer one question before a request
 * is sent on a kept-alive connection: has the server closed it meanwhile? libcurl 7.88 does not see that of a
 * TLS connection, since the server's close_notify looks like data to it.
 */
#ifndef LIB_HTTP_SOCKETS_H
#define LIB_HTTP_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

/* Above what a client holds by far; a socket beyond it is taken for open. */
enum { HTTP_SOCKETS_CAP = 1024 };

struct http_socket {
    int fd;
    int local_port; /* 0: not asked yet */
    bool used;      /* a request was sent on it */
};

/* Starts zeroed. */
struct http_sockets {
    struct http_socket *items;
    size_t count;
    size_t size;
};

void http_sockets_done(struct http_sockets *sockets);
void http_sockets_add(struct http_sockets *sockets, int fd);
void http_sockets_remove(struct http_sockets *sockets, int fd);
/*
 * To be called before a request is sent from the local port. True if the socket there was used before and the
 * peer has closed it, so that nothing that is sent now is ever acted on.
 */
bool http_sockets_is_stale(struct http_sockets *sockets, int local_port);

#endif
