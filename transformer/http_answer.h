/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading an HTTP/1.1 answer (RFC 9112) from bytes that arrive in pieces: status, headers, and a body framed
 * by Content-Length, by chunks, or by the end of the connection. Knows no socket.
 *
 * It exists for Lambda: the Runtime API is plain HTTP on the loopback, and with this in the place of libcurl
 * the function is one static binary of one megabyte that answers a millisecond after its start.
 */
#ifndef TRANSFORMER_HTTP_ANSWER_H
#define TRANSFORMER_HTTP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/buf.h"
#include "lib/str.h"

enum {
    HTTP_ANSWER_HEAD_CAP = 64 * 1024, /* status line and headers */
    HTTP_ANSWER_LINE_CAP = 4096       /* a chunk's size, a line of trailers */
};

enum http_answer_state {
    HTTP_ANSWER_MORE, /* incomplete so far */
    HTTP_ANSWER_DONE,
    HTTP_ANSWER_WRONG /* not HTTP, cut off, or too long */
};

enum http_answer_framing { FRAMING_LENGTH, FRAMING_CHUNKED, FRAMING_CLOSE };
enum http_answer_place { CHUNK_SIZE, CHUNK_DATA, CHUNK_END, CHUNK_TRAILER };

struct http_answer {
    struct buf bytes; /* as they arrived; the caller appends */
    int status;
    bool keep_alive; /* the connection can take another request, once this answer is done */
    size_t head_len; /* 0 until the headers are complete */
    size_t body_len;
    enum http_answer_framing framing;
    enum http_answer_place place;
    size_t wanted; /* bytes of body, or of the current chunk, still to come */
    size_t at;     /* where reading goes on */
};

/* `body_cap` bytes of body, as they are on the wire. */
void http_answer_init(struct http_answer *answer, size_t body_cap);
void http_answer_done(struct http_answer *answer);

/* Looks at the bytes that were appended since the last call. `closed`: no more will come. */
enum http_answer_state http_answer_read(struct http_answer *answer, bool closed);

/* When done. A header's value by its name without case, without white space around; empty if absent. */
struct str http_answer_header(const struct http_answer *answer, const char *name);
struct str http_answer_body(const struct http_answer *answer);

#endif
