/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing byte buffer with a cap. The cap is given at init and never passed: an append that would pass
 * it, or for which memory is missing, marks the buffer as failed and leaves its contents as they were.
 * Further appends then do nothing, so a builder appends freely and asks buf_error() once at the end.
 * The bytes are always followed by a NUL that is not counted.
 */
#ifndef LIB_BUF_H
#define LIB_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/str.h"

struct buf {
    char *data;  /* NULL until something was added */
    size_t len;  /* bytes in use */
    size_t size; /* bytes allocated, the NUL's place included */
    size_t cap;  /* most bytes that len may reach */
    int failure; /* 0, or the negative error code of the first append that failed */
};

/* Starts empty, allocating nothing. */
void buf_init(struct buf *buf, size_t cap);
/* Frees the bytes. The buffer is empty afterwards and may be used again. */
void buf_done(struct buf *buf);
/* As buf_done, but overwrites the bytes first: for secrets. */
void buf_done_secret(struct buf *buf);
/* Forgets the contents and the failure, keeps the memory. */
void buf_reset(struct buf *buf);
/* 0, or the negative code of the first failure (ERROR_LIMIT or ERROR_MEMORY). */
int buf_error(const struct buf *buf) MUST_USE;

/*
 * Makes room for `extra` more bytes and returns where they go, or NULL on failure. The caller writes at
 * most that many there and says how many it were with buf_commit().
 */
char *buf_reserve(struct buf *buf, size_t extra);
void buf_commit(struct buf *buf, size_t added);

void buf_add(struct buf *buf, const void *data, size_t len);
void buf_add_str(struct buf *buf, const char *text);
void buf_add_char(struct buf *buf, char c);
void buf_addf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_addv(struct buf *buf, const char *format, va_list args) PRINTF_LIKE(2, 0);
/*
 * A JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD, control characters \u00XX, so
 * the result is always valid JSON (RFC 8259 section 7).
 */
void buf_add_json_string(struct buf *buf, const char *text, size_t len);
/* Base64 with padding (RFC 4648 section 4). */
void buf_add_base64(struct buf *buf, const void *data, size_t len);

/* Drops the first `count` bytes; what is behind them moves to the front. */
void buf_consume(struct buf *buf, size_t count);
/* The bytes, NUL-terminated, now the caller's to free(); NULL after a failure. The buffer is empty. */
char *buf_take(struct buf *buf, size_t *ret_len);

static inline struct str buf_str(const struct buf *buf)
{
    return (struct str){buf->data ? buf->data : "", buf->len};
}

/* Overwrites memory in a way the compiler may not leave out. */
void buf_wipe(void *memory, size_t len);

#endif
