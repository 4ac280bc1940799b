/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/1.1 server over libmicrohttpd, the only file that knows it. It has no thread of its own: poll
 * httpd_fd() for reading and call httpd_run(). The handler is called once per request, with the whole body;
 * it answers at once with httpd_reply(), or keeps the request and answers later.
 */
#ifndef LIB_HTTPD_H
#define LIB_HTTPD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"
#include "lib/str.h"

struct httpd;
struct httpd_request;

struct httpd_limits {
    size_t body_cap;      /* bytes; a longer body is thrown away and answered 413. 0: 64 KiB */
    unsigned connections; /* at once; 0: 256 */
    unsigned timeout_s;   /* idle or slow clients are cut off after this; 0: 30 */
};

/*
 * Must lead to exactly one httpd_reply(), now or later. Paths, headers and body are borrowed from the
 * request and valid until the reply.
 */
typedef void httpd_handler(void *ctx, struct httpd_request *request);

/* Listens on address (an IPv4 or IPv6 literal) and port (0: any free one). NULL with err filled on failure,
 * where a port in use is named as such. */
struct httpd *httpd_start(const char *address, uint16_t port, const struct httpd_limits *limits,
                          httpd_handler *handler, void *ctx, struct error *err);
uint16_t httpd_port(const struct httpd *httpd);
/* Readable when httpd_run() has something to do, due time-outs included. */
int httpd_fd(const struct httpd *httpd);
/* Milliseconds until httpd_run() is due for time-outs, or -1 for never. */
int64_t httpd_timeout_ms(struct httpd *httpd);
void httpd_run(struct httpd *httpd);
/* No new connections from now on; those that exist are served. */
void httpd_quiesce(struct httpd *httpd);
/* Requests whose headers have arrived and whose answers have not wholly been sent. */
unsigned httpd_in_flight(const struct httpd *httpd);
/* Stops at once; unanswered requests are cut off. */
void httpd_stop(struct httpd *httpd);

struct str httpd_method(const struct httpd_request *request);
/* The request target exactly as sent, with the query ("/bucket/a%20b?list-type=2"). */
struct str httpd_target(const struct httpd_request *request);
/* The part of the target before '?', still percent-encoded; and the part behind it, empty if none. */
struct str httpd_path(const struct httpd_request *request);
struct str httpd_query(const struct httpd_request *request);
struct str httpd_body(const struct httpd_request *request);
/* Header value by name, without case; ptr is NULL if absent. */
struct str httpd_header(const struct httpd_request *request, const char *name);
/* Calls fn for every header in the order received; values may end in white space. */
void httpd_each_header(const struct httpd_request *request,
                       void (*fn)(void *ctx, const char *name, const char *value), void *ctx);
/*
 * Decoded value of a query parameter (the first of that name), copied into `out` with a NUL. Returns false
 * if it is absent, does not fit, or holds a bad escape.
 */
bool httpd_query_value(const struct httpd_request *request, const char *name, char *out, size_t size);

/* Adds a header to the reply to come. */
void httpd_reply_header(struct httpd_request *request, const char *name, const char *value);
/* Answers; the bytes are copied. content_type may be NULL for an empty body. The request is gone then. To
 * HEAD give the body of GET: its length is sent, its bytes are not. */
void httpd_reply(struct httpd_request *request, int status, const char *content_type, const void *body,
                 size_t len);
/* The same with the bytes of a buffer, whose memory is taken and not copied; it is empty then. */
void httpd_reply_take(struct httpd_request *request, int status, const char *content_type, struct buf *body);
void httpd_reply_text(struct httpd_request *request, int status, const char *text);
/*
 * For fault injection: promises `len` bytes, sends the first `sent` of them and closes the connection.
 */
void httpd_reply_cut(struct httpd_request *request, int status, const char *content_type, const void *body,
                     size_t len, size_t sent);
/* Closes the connection without an answer: for fault injection. */
void httpd_abort(struct httpd_request *request);

#endif
