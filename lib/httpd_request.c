/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/httpd_private.h"
#include "lib/url.h"

enum {
    /* Read on behind a body's cap, so that the client gets the 413 and not a reset; then it is cut off. */
    DISCARD_CAP = 1024 * 1024,
    REPLY_HEADER_CAP = 16 * 1024,
    CUT_BLOCK = 16 * 1024
};

void httpd_request_free(struct httpd_request *request)
{
    if (!request) {
        return;
    }
    if (request->previous) {
        request->previous->next = request->next;
    } else {
        request->httpd->requests = request->next;
    }
    if (request->next) {
        request->next->previous = request->previous;
    }
    if (request->connection) {
        request->httpd->in_flight--;
    }
    if (request->response) {
        MHD_destroy_response(request->response);
    }
    buf_done(&request->body);
    buf_done(&request->headers);
    free(request);
}

/* libmicrohttpd's first word of a request: its target as sent. The result travels as *con_cls. */
void *httpd_on_target(void *cls, const char *target, struct MHD_Connection *connection)
{
    struct httpd *httpd = cls;
    size_t len = strlen(target);
    struct httpd_request *request = calloc(1, sizeof(*request) + len + 1);
    const char *query;

    (void)connection;
    if (!request) {
        return NULL;
    }
    memcpy(request->target_bytes, target, len + 1);
    request->target = (struct str){request->target_bytes, len};
    query = strchr(request->target_bytes, '?');
    request->path_len = query ? (size_t)(query - request->target_bytes) : len;
    buf_init(&request->body, httpd->limits.body_cap);
    buf_init(&request->headers, REPLY_HEADER_CAP);
    request->httpd = httpd;
    request->next = httpd->requests;
    if (request->next) {
        request->next->previous = request;
    }
    httpd->requests = request;
    return request;
}

void httpd_on_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
                        enum MHD_RequestTerminationCode code)
{
    (void)cls;
    (void)connection;
    (void)code;
    httpd_request_free(*con_cls);
    *con_cls = NULL;
}

/* --- replies ----------------------------------------------------------------------------------------- */

static bool add_reply_headers(struct MHD_Response *response, const struct buf *headers)
{
    const char *p = headers->data;

    if (buf_error(headers)) {
        return false;
    }
    while (p && p < headers->data + headers->len) {
        const char *value = p + strlen(p) + 1;
        if (MHD_add_response_header(response, p, value) != MHD_YES) {
            return false;
        }
        p = value + strlen(value) + 1;
    }
    return true;
}

/* Takes the body, NULL for none. */
static struct MHD_Response *make_response(struct httpd_request *request, void *body, size_t len)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(len, body, body ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);

    if (!response) {
        free(body);
        return NULL;
    }
    if (!add_reply_headers(response, &request->headers)) {
        MHD_destroy_response(response);
        return NULL;
    }
    return response;
}

/* Gives libmicrohttpd the answer from inside its call of httpd_on_request(). */
static enum MHD_Result queue_answer(struct httpd_request *request)
{
    return request->response ? MHD_queue_response(request->connection, request->status, request->response)
                             : MHD_NO;
}

static void finish(struct httpd_request *request, enum request_state state)
{
    bool kept = request->state == REQUEST_KEPT;

    request->state = state;
    buf_done(&request->body);
    if (kept) {
        MHD_resume_connection(request->connection); /* leads to another call of httpd_on_request() */
        httpd_arm_timer(request->httpd, 0);
    }
}

void httpd_reply_header(struct httpd_request *request, const char *name, const char *value)
{
    buf_add(&request->headers, name, strlen(name) + 1);
    buf_add(&request->headers, value, strlen(value) + 1);
}

/*
 * A client that waits for 100 (Continue) and gets the answer at once may lose its place in the connection:
 * botocore takes the next answer for this one's. libmicrohttpd 1.0 sends no 100 before an empty body.
 */
static bool closes_connection(struct httpd_request *request)
{
    return request->httpd->quiesced || (request->body.len == 0 && httpd_header(request, "Expect").ptr);
}

/* Answers with a body that is taken, NULL for none. */
static void reply(struct httpd_request *request, int status, const char *content_type, void *body, size_t len)
{
    if (content_type) {
        httpd_reply_header(request, "Content-Type", content_type);
    }
    if (closes_connection(request)) {
        httpd_reply_header(request, "Connection", "close");
    }
    request->status = (unsigned)status;
    request->response = make_response(request, body, len);
    finish(request, REQUEST_ANSWERED);
}

void httpd_reply(struct httpd_request *request, int status, const char *content_type, const void *body,
                 size_t len)
{
    void *copy = len > 0 ? malloc(len) : NULL;

    if (len > 0 && !copy) {
        httpd_abort(request);
        return;
    }
    if (copy) {
        memcpy(copy, body, len);
    }
    reply(request, status, content_type, copy, len);
}

void httpd_reply_take(struct httpd_request *request, int status, const char *content_type, struct buf *body)
{
    size_t len = 0;
    char *bytes = buf_take(body, &len);

    if (!bytes) {
        httpd_abort(request);
        return;
    }
    reply(request, status, content_type, bytes, len);
}

void httpd_reply_text(struct httpd_request *request, int status, const char *text)
{
    httpd_reply(request, status, "text/plain; charset=utf-8", text, strlen(text));
}

/* The part of an answer that httpd_reply_cut sends. */
struct cut {
    size_t len;
    char bytes[];
};

static ssize_t read_cut(void *cls, uint64_t at, char *out, size_t max)
{
    const struct cut *cut = cls;
    size_t left = at < cut->len ? cut->len - (size_t)at : 0;

    if (left == 0) {
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    left = left < max ? left : max;
    memcpy(out, cut->bytes + at, left);
    return (ssize_t)left;
}

void httpd_reply_cut(struct httpd_request *request, int status, const char *content_type, const void *body,
                     size_t len, size_t sent)
{
    struct cut *cut = malloc(sizeof(*cut) + sent);

    if (content_type) {
        httpd_reply_header(request, "Content-Type", content_type);
    }
    if (cut) {
        cut->len = sent;
        if (sent > 0) {
            memcpy(cut->bytes, body, sent);
        }
        request->status = (unsigned)status;
        request->response = MHD_create_response_from_callback(len, CUT_BLOCK, read_cut, cut, free);
    }
    if (cut && !request->response) {
        free(cut);
    }
    if (request->response && !add_reply_headers(request->response, &request->headers)) {
        MHD_destroy_response(request->response);
        request->response = NULL;
    }
    finish(request, REQUEST_ANSWERED);
}

void httpd_abort(struct httpd_request *request)
{
    finish(request, REQUEST_ABORTED);
}

/* --- from the headers to the answer ------------------------------------------------------------------- */

static enum MHD_Result reply_too_long(struct httpd_request *request)
{
    char text[80];

    snprintf(text, sizeof(text), "the body is longer than %zu bytes\n", request->httpd->limits.body_cap);
    httpd_reply_header(request, "Connection", "close");
    request->state = REQUEST_HANDLING;
    httpd_reply_text(request, 413, text);
    return queue_answer(request);
}

static enum MHD_Result begin(struct httpd_request *request, struct MHD_Connection *connection,
                             const char *method)
{
    const char *text = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
    long long length = 0;

    request->connection = connection;
    request->method = method;
    request->httpd->in_flight++;
    if (!text || !str_to_int64(str_of(text), 0, INT64_MAX, &length)) {
        return MHD_YES;
    }
    if ((uint64_t)length > (uint64_t)request->httpd->limits.body_cap + DISCARD_CAP) {
        return reply_too_long(request);
    }
    if ((size_t)length <= request->httpd->limits.body_cap) {
        buf_reserve(&request->body, (size_t)length);
    }
    return MHD_YES;
}

static enum MHD_Result take_upload(struct httpd_request *request, const char *data, size_t *len)
{
    if (!request->too_long) {
        buf_add(&request->body, data, *len);
        if (buf_error(&request->body)) {
            request->too_long = true;
            buf_done(&request->body);
        }
    }
    if (request->too_long) {
        request->discarded += *len;
        if (request->discarded > DISCARD_CAP) {
            return MHD_NO;
        }
    }
    *len = 0;
    return MHD_YES;
}

static enum MHD_Result hand_over(struct httpd_request *request)
{
    request->state = REQUEST_HANDLING;
    request->httpd->handler(request->httpd->ctx, request);
    switch (request->state) {
    case REQUEST_ANSWERED:
        return queue_answer(request);
    case REQUEST_ABORTED:
        return MHD_NO;
    default:
        request->state = REQUEST_KEPT;
        MHD_suspend_connection(request->connection);
        return MHD_YES;
    }
}

enum MHD_Result httpd_on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *upload_data,
                                 size_t *upload_data_size, void **con_cls)
{
    struct httpd_request *request = *con_cls;

    (void)cls;
    (void)url;
    (void)version;
    if (!request) {
        return MHD_NO;
    }
    if (!request->connection) {
        return begin(request, connection, method);
    }
    if (*upload_data_size > 0) {
        return take_upload(request, upload_data, upload_data_size);
    }
    switch (request->state) {
    case REQUEST_READING:
        return request->too_long ? reply_too_long(request) : hand_over(request);
    case REQUEST_ANSWERED:
        return queue_answer(request);
    case REQUEST_ABORTED:
        return MHD_NO;
    default:
        return MHD_YES;
    }
}

/* --- what a request holds ---------------------------------------------------------------------------- */

struct str httpd_method(const struct httpd_request *request)
{
    return str_of(request->method);
}

struct str httpd_target(const struct httpd_request *request)
{
    return request->target;
}

struct str httpd_path(const struct httpd_request *request)
{
    return (struct str){request->target.ptr, request->path_len};
}

struct str httpd_query(const struct httpd_request *request)
{
    size_t start = request->path_len + (request->path_len < request->target.len);

    return (struct str){request->target.ptr + start, request->target.len - start};
}

struct str httpd_body(const struct httpd_request *request)
{
    return buf_str(&request->body);
}

struct str httpd_header(const struct httpd_request *request, const char *name)
{
    struct str value = str_of(MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name));

    /* libmicrohttpd before 1.0 leaves white space at the end */
    while (value.len > 0 && (value.ptr[value.len - 1] == ' ' || value.ptr[value.len - 1] == '\t')) {
        value.len--;
    }
    return value;
}

struct header_walk {
    void (*fn)(void *ctx, const char *name, const char *value);
    void *ctx;
};

static enum MHD_Result on_header(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
    const struct header_walk *walk = cls;

    (void)kind;
    walk->fn(walk->ctx, name, value ? value : "");
    return MHD_YES;
}

void httpd_each_header(const struct httpd_request *request,
                       void (*fn)(void *ctx, const char *name, const char *value), void *ctx)
{
    struct header_walk walk = {fn, ctx};

    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, on_header, &walk);
}

bool httpd_query_value(const struct httpd_request *request, const char *name, char *out, size_t size)
{
    struct str value;

    return url_query_find(httpd_query(request), str_of(name), &value) &&
           url_decode(value, true, out, size, NULL);
}
