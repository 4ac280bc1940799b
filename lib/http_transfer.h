/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request and its curl handle, for http.c alone. The handle and the memory serve one request after the
 * other. Nothing here knows of the loop.
 */
#ifndef LIB_HTTP_TRANSFER_H
#define LIB_HTTP_TRANSFER_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/http.h"
#include "lib/http_sockets.h"

enum {
    HTTP_RESPONSE_HEADER_CAP = 16 * 1024, /* bytes received */
    HTTP_REQUEST_HEADER_CAP = 64 * 1024,  /* bytes sent; a session token takes up to 4 KiB */
    HTTP_REQUEST_HEADERS = 64,            /* lines sent */
    HTTP_OWN_HEADERS = 2                  /* Expect and Content-Type */
};

/* What all transfers of a client share. */
struct http_settings {
    char *user_agent;
    char *ca_bundle; /* NULL: the system's */
    int64_t connect_timeout_ms;
    struct http_sockets sockets;
};

struct http_transfer {
    struct http_client *client;
    struct http_settings *settings;
    struct http_transfer *previous; /* in the list of those under way, */
    struct http_transfer *next;     /* or of the idle ones (next only) */
    CURL *easy;
    http_done_fn *done;
    void *ctx;
    struct buf body;
    struct buf headers;
    struct buf lines; /* the request's headers, "name: value" NUL */
    struct curl_slist nodes[HTTP_REQUEST_HEADERS + HTTP_OWN_HEADERS];
    char place[256]; /* "host:port", for messages */
    bool repeatable; /* the method is safe to send twice */
    unsigned tries;  /* how often curl was about to send the request */
    bool stale;      /* given up before sending: the server has closed the connection */
    unsigned restarts;
    bool body_too_long;
    bool headers_too_long;
    int64_t timeout_ms;
    int64_t started_us;
    char reason[CURL_ERROR_SIZE];
};

/* Borrows the settings for ever: curl's connections outlive the transfer. NULL without memory. */
struct http_transfer *http_transfer_new(struct http_client *client, struct http_settings *settings);
void http_transfer_free(struct http_transfer *transfer);

/* Sets the handle for a request, forgetting the last one. */
int http_transfer_prepare(struct http_transfer *transfer, const struct http_request *request,
                          struct error *err) MUST_USE;

/* After the end: whether bytes of the request may have left, */
bool http_transfer_was_sent(const struct http_transfer *transfer);
/* and what curl's code means, for people and in kinds. */
void http_transfer_describe(const struct http_transfer *transfer, CURLcode code, struct error *err);
enum http_failure http_transfer_failure(CURLcode code);

#endif
