/* SPDX-License-Identifier: Apache-2.0 */
#include "transformer/http_answer.h"

#include <stdint.h>

void http_answer_init(struct http_answer *answer, size_t body_cap)
{
    *answer = (struct http_answer){0};
    buf_init(&answer->bytes, body_cap + HTTP_ANSWER_HEAD_CAP);
}

void http_answer_done(struct http_answer *answer)
{
    buf_done(&answer->bytes);
}

struct str http_answer_body(const struct http_answer *answer)
{
    struct str bytes = buf_str(&answer->bytes);

    return (struct str){bytes.ptr + answer->head_len, answer->body_len};
}

static struct str trimmed(struct str s)
{
    while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t')) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t' || s.ptr[s.len - 1] == '\r')) {
        s.len--;
    }
    return s;
}

/* The line at the start of `rest`, without its end, which moves on behind it. */
static struct str take_line(struct str *rest)
{
    const char *end = memchr(rest->ptr, '\n', rest->len);
    size_t length = end ? (size_t)(end - rest->ptr) : rest->len;
    struct str line = {rest->ptr, length};

    rest->ptr += length + (end != NULL);
    rest->len -= length + (end != NULL);
    if (line.len > 0 && line.ptr[line.len - 1] == '\r') {
        line.len--;
    }
    return line;
}

struct str http_answer_header(const struct http_answer *answer, const char *name)
{
    struct str rest = {answer->bytes.data, answer->head_len};
    struct str wanted = str_of(name);

    if (!rest.ptr) {
        return STR("");
    }
    (void)take_line(&rest); /* the status */
    while (rest.len > 0) {
        struct str line = take_line(&rest);
        if (line.len > wanted.len && line.ptr[wanted.len] == ':' &&
            str_eq_nocase((struct str){line.ptr, wanted.len}, wanted)) {
            return trimmed((struct str){line.ptr + wanted.len + 1, line.len - wanted.len - 1});
        }
    }
    return STR("");
}

/* --- the head --------------------------------------------------------------------------------------------
 */

/* "HTTP/1.1 200 OK" */
static bool read_status(struct http_answer *answer, struct str line)
{
    long long status;

    if (line.len < 12 || !str_starts_with(line, STR("HTTP/1.")) || line.ptr[8] != ' ' ||
        (line.len > 12 && line.ptr[12] != ' ') ||
        !str_to_int64((struct str){line.ptr + 9, 3}, 100, 599, &status)) {
        return false;
    }
    answer->status = (int)status;
    answer->keep_alive = line.ptr[7] != '0';
    return true;
}

static bool read_framing(struct http_answer *answer)
{
    struct str length = http_answer_header(answer, "Content-Length");
    struct str encoding = http_answer_header(answer, "Transfer-Encoding");
    long long wanted;

    if (str_eq_nocase(http_answer_header(answer, "Connection"), STR("close"))) {
        answer->keep_alive = false;
    }
    if (answer->status == 204 || answer->status == 304) {
        answer->framing = FRAMING_LENGTH;
    } else if (encoding.len > 0) {
        answer->framing = FRAMING_CHUNKED;
        return str_eq_nocase(encoding, STR("chunked"));
    } else if (length.len > 0) {
        if (!str_to_int64(length, 0, INT64_MAX, &wanted) || length.ptr[0] == '-' ||
            (uint64_t)wanted > answer->bytes.cap - answer->head_len) {
            return false;
        }
        answer->framing = FRAMING_LENGTH;
        answer->wanted = (size_t)wanted;
    } else {
        answer->framing = FRAMING_CLOSE;
        answer->keep_alive = false;
    }
    return true;
}

/* Length of the head with its empty line, or 0 if it is not there yet. */
static size_t find_head(const struct http_answer *answer)
{
    struct str bytes = buf_str(&answer->bytes);
    const char *at = bytes.ptr + answer->at;
    const char *end = bytes.ptr + bytes.len;

    while ((at = memchr(at, '\n', (size_t)(end - at)))) {
        at++;
        if (at < end && *at == '\n') {
            return (size_t)(at + 1 - bytes.ptr);
        }
        if (end - at >= 2 && at[0] == '\r' && at[1] == '\n') {
            return (size_t)(at + 2 - bytes.ptr);
        }
    }
    return 0;
}

static enum http_answer_state read_head(struct http_answer *answer)
{
    size_t head_len = find_head(answer);
    struct str rest;

    if (head_len == 0) {
        size_t length = answer->bytes.len;
        answer->at = length > 3 ? length - 3 : 0; /* the end may begin in here */
        return length > HTTP_ANSWER_HEAD_CAP ? HTTP_ANSWER_WRONG : HTTP_ANSWER_MORE;
    }
    answer->head_len = head_len;
    rest = (struct str){buf_str(&answer->bytes).ptr, head_len};
    if (head_len > HTTP_ANSWER_HEAD_CAP || !read_status(answer, take_line(&rest))) {
        return HTTP_ANSWER_WRONG;
    }
    if (answer->status < 200) { /* an interim answer; the real one follows */
        buf_consume(&answer->bytes, head_len);
        answer->head_len = answer->at = 0;
        return read_head(answer);
    }
    answer->at = head_len;
    return read_framing(answer) ? HTTP_ANSWER_DONE : HTTP_ANSWER_WRONG;
}

/* --- the body --------------------------------------------------------------------------------------------
 */

static enum http_answer_state read_length(struct http_answer *answer)
{
    size_t there = answer->bytes.len - answer->head_len;

    if (there < answer->wanted) {
        buf_reserve(&answer->bytes, answer->wanted - there);
        return HTTP_ANSWER_MORE;
    }
    answer->body_len = answer->wanted;
    answer->at = answer->head_len + answer->wanted;
    return HTTP_ANSWER_DONE;
}

/* A chunk's size in hexadecimal, perhaps with extensions behind it; SIZE_MAX if it is none. */
static size_t chunk_size(struct str line)
{
    size_t size = 0;
    size_t i = 0;

    for (; i < line.len && i < 8; i++) {
        char c = line.ptr[i];
        if (c >= '0' && c <= '9') {
            size = size * 16 + (size_t)(c - '0');
        } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
            size = size * 16 + (size_t)((c | 0x20) - 'a') + 10;
        } else {
            break;
        }
    }
    return i > 0 && (i == line.len || line.ptr[i] == ';' || line.ptr[i] == ' ') ? size : SIZE_MAX;
}

/* True with the line at answer->at taken; otherwise *ret_state says why not. */
static bool next_line(struct http_answer *answer, struct str *ret_line, enum http_answer_state *ret_state)
{
    struct str rest = {answer->bytes.data + answer->at, answer->bytes.len - answer->at};

    if (!rest.ptr || !memchr(rest.ptr, '\n', rest.len)) {
        *ret_state = rest.len > HTTP_ANSWER_LINE_CAP ? HTTP_ANSWER_WRONG : HTTP_ANSWER_MORE;
        return false;
    }
    *ret_line = take_line(&rest);
    answer->at = answer->bytes.len - rest.len;
    return true;
}

/* Moves what is there of a chunk's data to the end of the body; true if that was all of it. */
static bool take_chunk_data(struct http_answer *answer)
{
    size_t there = answer->bytes.len - answer->at;
    size_t length = there < answer->wanted ? there : answer->wanted;

    memmove(answer->bytes.data + answer->head_len + answer->body_len, answer->bytes.data + answer->at,
            length);
    answer->body_len += length;
    answer->at += length;
    answer->wanted -= length;
    return answer->wanted == 0;
}

static enum http_answer_state read_chunks(struct http_answer *answer)
{
    enum http_answer_state state = HTTP_ANSWER_MORE;
    struct str line;

    for (;;) {
        if (answer->place == CHUNK_DATA) {
            if (!take_chunk_data(answer)) {
                return HTTP_ANSWER_MORE;
            }
            answer->place = CHUNK_END;
        }
        if (!next_line(answer, &line, &state)) {
            return state;
        }
        if (answer->place == CHUNK_SIZE) {
            answer->wanted = chunk_size(line);
            if (answer->wanted == SIZE_MAX) {
                return HTTP_ANSWER_WRONG;
            }
            answer->place = answer->wanted > 0 ? CHUNK_DATA : CHUNK_TRAILER;
        } else if (answer->place == CHUNK_TRAILER) {
            if (line.len == 0) {
                return HTTP_ANSWER_DONE;
            }
        } else if (line.len > 0) {
            return HTTP_ANSWER_WRONG;
        } else {
            answer->place = CHUNK_SIZE;
        }
    }
}

static enum http_answer_state read_body(struct http_answer *answer, bool closed)
{
    switch (answer->framing) {
    case FRAMING_LENGTH:
        return read_length(answer);
    case FRAMING_CHUNKED:
        return read_chunks(answer);
    default:
        answer->body_len = answer->bytes.len - answer->head_len;
        answer->at = answer->bytes.len;
        return closed ? HTTP_ANSWER_DONE : HTTP_ANSWER_MORE;
    }
}

enum http_answer_state http_answer_read(struct http_answer *answer, bool closed)
{
    enum http_answer_state state = HTTP_ANSWER_DONE;

    if (buf_error(&answer->bytes)) {
        return HTTP_ANSWER_WRONG;
    }
    if (answer->head_len == 0) {
        state = read_head(answer);
    }
    if (state == HTTP_ANSWER_DONE) {
        state = read_body(answer, closed);
    }
    if (state == HTTP_ANSWER_DONE && answer->at != answer->bytes.len) {
        answer->keep_alive = false; /* nobody asked for what is behind it */
    }
    return state == HTTP_ANSWER_MORE && closed ? HTTP_ANSWER_WRONG : state;
}
