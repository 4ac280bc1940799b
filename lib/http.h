/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP client over libcurl's multi interface, the only file that knows curl. Many requests at once on one
 * thread; connections are kept alive and TLS sessions reused; certificates are verified; HTTP/1.1; no
 * `Expect: 100-continue`; redirects are not followed; bodies have a cap.
 */
#ifndef LIB_HTTP_H
#define LIB_HTTP_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

struct http_client;
struct http_transfer;

struct http_options {
    const char *user_agent;     /* required */
    const char *ca_bundle;      /* PEM file instead of the system's; NULL: the system's */
    int64_t connect_timeout_ms; /* 0: 5000 */
    int max_connections;        /* per host; 0: 16 */
};

struct http_header {
    const char *name;
    const char *value;
};

struct http_request {
    const char *method; /* "GET" */
    const char *url;
    const struct http_header *headers; /* copied */
    size_t header_count;
    const char *body; /* borrowed until the transfer is done; NULL: none */
    size_t body_len;
    int64_t timeout_ms;  /* whole exchange, the wait for a connection included; 0: none (long polls) */
    size_t response_cap; /* bytes of body; a longer one is ERROR_LIMIT, refused while it arrives */
    bool no_proxy;       /* ignore HTTPS_PROXY and the like (metadata services) */
};

/* Why no whole answer arrived. */
enum http_failure {
    HTTP_FAILURE_NONE,
    HTTP_FAILURE_DNS,     /* no address for the host's name */
    HTTP_FAILURE_CONNECT, /* refused, unreachable */
    HTTP_FAILURE_TLS,     /* handshake or certificate */
    HTTP_FAILURE_TIMEOUT,
    HTTP_FAILURE_BROKEN,    /* the connection was closed or reset before an answer */
    HTTP_FAILURE_CUT_SHORT, /* ... within the body */
    HTTP_FAILURE_TOO_LONG,  /* a cap of the client */
    HTTP_FAILURE_OTHER
};

/* Valid only during the callback. */
struct http_response {
    int status;          /* 0 if none arrived */
    struct buf *body;    /* the callback may buf_take() it */
    struct buf *headers; /* "name: value\n" lines as received */
    /*
     * error.code is ERROR_NONE when a whole answer arrived, whatever its status. Otherwise `sent` tells
     * whether bytes of the request may have left, so that its outcome is unknown: false for failures of
     * name, connection and TLS handshake. A kept-alive connection that the server has closed is noticed
     * before anything is sent. When it closes between that and the answer's first byte, GET, HEAD, PUT and
     * DELETE are sent once more on a new one; other methods never are, they end with ERROR_NETWORK and
     * `sent`.
     */
    struct error error;
    enum http_failure failure; /* the same in kinds */
    bool sent;
    int64_t latency_us;
};

typedef void http_done_fn(void *ctx, const struct http_response *response);

/* Also starts libcurl and ignores SIGPIPE: OpenSSL writes to connections that may be gone. */
struct http_client *http_client_new(const struct http_options *options, struct error *err);
/* Cancels what is under way, without calling back. */
void http_client_free(struct http_client *client);

/*
 * Starts a request; `done` is called from http_poll() exactly once, unless cancelled. Returns a handle that
 * is valid until then, or NULL with err filled: no http(s) URL (ERROR_CONFIG), a header that would break the
 * request (ERROR_SYNTAX), too many of them (ERROR_LIMIT), or no memory. Messages name host and reason, never
 * path, query or headers.
 */
struct http_transfer *http_start(struct http_client *client, const struct http_request *request,
                                 http_done_fn *done, void *ctx, struct error *err);
void http_cancel(struct http_transfer *transfer);
size_t http_in_flight(const struct http_client *client);

/*
 * The poll of the process's loop: waits until a transfer, one of the `extra` descriptors (poll's events and
 * revents; fd < 0 is skipped; at most 64) or the time-out needs attention, and calls back finished transfers.
 */
void http_poll(struct http_client *client, struct pollfd *extra, size_t extra_count, int64_t timeout_ms);

/* Runs one request to its end, polling nothing else: for --check and tools. The body is appended to
 * ret_body (NULL: not wanted). Fills err on failure. */
int http_perform(struct http_client *client, const struct http_request *request, int *ret_status,
                 struct buf *ret_body, struct error *err) MUST_USE;

/*
 * Value of a response header, compared without case, without surrounding white space; empty if absent.
 * Borrowed from the response.
 */
struct str http_response_header(const struct http_response *response, const char *name);

#endif
