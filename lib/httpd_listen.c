/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/httpd_private.h"
#include "lib/sockaddr.h"

enum { LISTEN_BACKLOG = 511 };

static int listen_failed(const char *address, uint16_t port, int number, struct error *err)
{
    const char *hint = "";

    if (number == EADDRINUSE) {
        hint = "; another process listens there, set HTTP_PORT to a free port";
    } else if (number == EADDRNOTAVAIL) {
        hint = "; no interface of this machine has the address, set HTTP_ADDRESS";
    } else if (number == EACCES) {
        hint = "; ports below 1024 need a privilege, set HTTP_PORT to a higher one";
    }
    return error_set(err, ERROR_IO, false, "cannot listen on %s port %u: %s%s", address, port,
                     strerror(number), hint);
}

int httpd_listen(const char *address, uint16_t port, struct error *err)
{
    struct sockaddr_storage name;
    socklen_t name_len;
    int yes = 1;
    int fd;

    if (!sockaddr_parse(address, port, &name, &name_len)) {
        return error_set(err, ERROR_CONFIG, false, "HTTP_ADDRESS \"%s\" is no IPv4 or IPv6 address", address);
    }
    fd = socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return listen_failed(address, port, errno, err);
    }
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0 ||
        bind(fd, (struct sockaddr *)&name, name_len) < 0 || listen(fd, LISTEN_BACKLOG) < 0) {
        int number = errno;
        close(fd);
        return listen_failed(address, port, number, err);
    }
    return fd;
}

uint16_t httpd_bound_port(int fd)
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
