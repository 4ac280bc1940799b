/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connection to Lambda's Runtime API: plain HTTP/1.1 over one kept-alive connection, one request at a
 * time.
 */
#ifndef TRANSFORMER_RUNTIME_API_H
#define TRANSFORMER_RUNTIME_API_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "lib/attr.h"
#include "lib/error.h"
#include "transformer/http_answer.h"

struct runtime_api {
    const char *name; /* host:port, borrowed */
    struct sockaddr_storage address;
    socklen_t address_len;
    int fd; /* -1: not connected */
};

struct runtime_request {
    const char *method;
    const char *path;       /* below /2018-06-01/runtime/ */
    const char *error_type; /* NULL: no error is told */
    struct str body;
    int64_t timeout_ms; /* 0: none */
    bool interruptible; /* a requested stop ends it */
};

/* `name` is an IPv4 literal, a bracketed IPv6 one, or localhost, and a port. Connects later. */
int runtime_api_init(struct runtime_api *api, const char *name, struct error *err) MUST_USE;
void runtime_api_done(struct runtime_api *api);

/*
 * Sends the request and reads the answer into an answer that the caller has initialised. A GET whose
 * kept-alive connection turns out to be closed is sent again on a new one. Returns 0 or a negative error with
 * err filled; -ERROR_STOPPED if it was interrupted.
 */
int runtime_api_exchange(struct runtime_api *api, const struct runtime_request *request,
                         struct http_answer *answer, struct error *err) MUST_USE;

#endif
