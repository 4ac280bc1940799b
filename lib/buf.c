/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base64.h"
#include "lib/error.h"

enum { BUF_FIRST_SIZE = 256 };

void buf_init(struct buf *buf, size_t cap)
{
    *buf = (struct buf){.cap = cap};
}

void buf_done(struct buf *buf)
{
    free(buf->data);
    buf_init(buf, buf->cap);
}

void buf_wipe(void *memory, size_t len)
{
    volatile unsigned char *p = memory;

    while (len-- > 0) {
        *p++ = 0;
    }
}

void buf_done_secret(struct buf *buf)
{
    if (buf->data) {
        buf_wipe(buf->data, buf->size);
    }
    buf_done(buf);
}

void buf_reset(struct buf *buf)
{
    buf->len = 0;
    buf->failure = 0;
    if (buf->data) {
        buf->data[0] = '\0';
    }
}

int buf_error(const struct buf *buf)
{
    return buf->failure;
}

static bool buf_grow(struct buf *buf, size_t need)
{
    size_t size = buf->size ? buf->size : BUF_FIRST_SIZE;
    char *data;

    while (size < need + 1) {
        size *= 2;
    }
    if (size > buf->cap + 1) {
        size = buf->cap + 1;
    }
    data = realloc(buf->data, size);
    if (!data) {
        return false;
    }
    buf->data = data;
    buf->size = size;
    return true;
}

char *buf_reserve(struct buf *buf, size_t extra)
{
    if (buf->failure) {
        return NULL;
    }
    if (extra > buf->cap - buf->len) {
        buf->failure = -ERROR_LIMIT;
        return NULL;
    }
    if (buf->len + extra + 1 > buf->size && !buf_grow(buf, buf->len + extra)) {
        buf->failure = -ERROR_MEMORY;
        return NULL;
    }
    return buf->data + buf->len;
}

void buf_commit(struct buf *buf, size_t added)
{
    buf->len += added;
    buf->data[buf->len] = '\0';
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
    char *end = buf_reserve(buf, len);

    if (end) {
        if (len > 0) {
            memcpy(end, data, len);
        }
        buf_commit(buf, len);
    }
}

void buf_add_str(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_add_char(struct buf *buf, char c)
{
    buf_add(buf, &c, 1);
}

void buf_addv(struct buf *buf, const char *format, va_list args)
{
    va_list again;
    int len;
    char *end;

    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (len < 0) {
        buf->failure = -ERROR_SYNTAX;
        return;
    }
    end = buf_reserve(buf, (size_t)len);
    if (end) {
        vsnprintf(end, (size_t)len + 1, format, args);
        buf_commit(buf, (size_t)len);
    }
}

void buf_addf(struct buf *buf, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    buf_addv(buf, format, args);
    va_end(args);
}

/* Bytes from the start of s that stand for themselves inside a JSON string (ASCII only). */
static size_t json_plain_prefix(const char *s, size_t len)
{
    size_t i = 0;

    while (i < len) {
        unsigned char c = (unsigned char)s[i];
        if (c < 0x20 || c == '"' || c == '\\' || c >= 0x7F) {
            break;
        }
        i++;
    }
    return i;
}

static void add_json_escape(struct buf *buf, unsigned char c)
{
    switch (c) {
    case '"':
        buf_add(buf, "\\\"", 2);
        break;
    case '\\':
        buf_add(buf, "\\\\", 2);
        break;
    case '\n':
        buf_add(buf, "\\n", 2);
        break;
    case '\r':
        buf_add(buf, "\\r", 2);
        break;
    case '\t':
        buf_add(buf, "\\t", 2);
        break;
    default:
        buf_addf(buf, "\\u%04x", c);
        break;
    }
}

/* One non-ASCII character, or U+FFFD for a byte that starts none. Returns the bytes used. */
static size_t add_json_multibyte(struct buf *buf, const char *s, size_t len)
{
    for (size_t n = 2; n <= 4 && n <= len; n++) {
        struct str candidate = {s, n};
        if (str_utf8_length(candidate) == 1 && str_is_utf8(candidate)) {
            buf_add(buf, s, n);
            return n;
        }
    }
    buf_add(buf, "\xEF\xBF\xBD", 3);
    return 1;
}

void buf_add_json_string(struct buf *buf, const char *text, size_t len)
{
    size_t i = 0;

    buf_add_char(buf, '"');
    while (i < len) {
        size_t plain = json_plain_prefix(text + i, len - i);
        buf_add(buf, text + i, plain);
        i += plain;
        if (i == len) {
            break;
        }
        if ((unsigned char)text[i] < 0x80) {
            add_json_escape(buf, (unsigned char)text[i]);
            i++;
        } else {
            i += add_json_multibyte(buf, text + i, len - i);
        }
    }
    buf_add_char(buf, '"');
}

void buf_add_base64(struct buf *buf, const void *data, size_t len)
{
    char *end;

    if (len > SIZE_MAX / 2) {
        buf->failure = -ERROR_LIMIT;
        return;
    }
    end = buf_reserve(buf, base64_encoded_size(len));
    if (end) {
        buf_commit(buf, base64_encode(data, len, end));
    }
}

void buf_consume(struct buf *buf, size_t count)
{
    if (count >= buf->len) {
        buf->len = 0;
    } else if (count > 0) {
        memmove(buf->data, buf->data + count, buf->len - count);
        buf->len -= count;
    }
    if (buf->data) {
        buf->data[buf->len] = '\0';
    }
}

char *buf_take(struct buf *buf, size_t *ret_len)
{
    char *data;

    if (!buf_reserve(buf, 0)) {
        buf_done(buf);
        return NULL;
    }
    data = buf->data;
    data[buf->len] = '\0';
    if (ret_len) {
        *ret_len = buf->len;
    }
    buf_init(buf, buf->cap);
    return data;
}
