/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server's parts among themselves, for lib/httpd*.c alone: the daemon and its loop (httpd.c), the
 * listening socket (httpd_listen.c), a request from its first byte to its answer (httpd_request.c).
 */
#ifndef LIB_HTTPD_PRIVATE_H
#define LIB_HTTPD_PRIVATE_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"
#include "lib/httpd.h"
#include "lib/str.h"

enum request_state {
    REQUEST_READING,
    REQUEST_HANDLING, /* inside the handler's call */
    REQUEST_KEPT,     /* the connection is suspended until the answer */
    REQUEST_ANSWERED,
    REQUEST_ABORTED
};

struct httpd_request {
    struct httpd *httpd;
    struct httpd_request *previous;
    struct httpd_request *next;
    struct MHD_Connection *connection; /* NULL until the headers are complete */
    enum request_state state;
    const char *method;
    struct str target;
    size_t path_len;
    struct buf body;
    bool too_long;
    size_t discarded;
    struct buf headers; /* of the reply: name NUL value NUL, ... */
    struct MHD_Response *response;
    unsigned status;
    char target_bytes[];
};

struct httpd {
    struct MHD_Daemon *daemon;
    int poll_fd;  /* epoll over the daemon's own epoll descriptor and the timer: what the caller polls */
    int timer_fd; /* for what libmicrohttpd wants done without an event */
    int64_t timer_due_ms; /* 0: not armed */
    uint16_t port;
    struct httpd_limits limits;
    httpd_handler *handler;
    void *ctx;
    struct httpd_request *requests;
    unsigned in_flight;
    bool quiesced;
};

/*
 * A listening socket, own so that what goes wrong is known exactly. Returns the descriptor, or a negative
 * code with err filled.
 */
int httpd_listen(const char *address, uint16_t port, struct error *err) MUST_USE;
/* The port that a socket is bound to; 0 if there is none. */
uint16_t httpd_bound_port(int fd);

/* Makes httpd_fd() readable in so many milliseconds; negative: not for a time-out. */
void httpd_arm_timer(struct httpd *httpd, int64_t timeout_ms);

/* What libmicrohttpd calls: with a request's target, in the course of a request, and after it. */
void *httpd_on_target(void *cls, const char *target, struct MHD_Connection *connection);
enum MHD_Result httpd_on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *upload_data,
                                 size_t *upload_data_size, void **con_cls);
void httpd_on_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
                        enum MHD_RequestTerminationCode code);
void httpd_request_free(struct httpd_request *request);

#endif
