/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows on their way into one delivery stream: the body of a PutRecordBatch (Firehose API 2015-08-04) as it
 * grows, what the answer says about each row, and the body of the next try with those that failed. Pure.
 */
#ifndef ANALYTICS_ROWS_H
#define ANALYTICS_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"
#include "lib/str.h"

enum {
    ROWS_CAP = 500,             /* records in one call */
    ROWS_ROW_CAP = 1000 * 1024, /* bytes of one record before base64 */
    /* One call takes 4 MiB; whether before or after base64 nobody says, so 3 MiB before, 4 MiB after. */
    ROWS_RAW_CAP = 3 * 1024 * 1024,
    /* The base64 of that with 2 more characters a row, the JSON around each row, and the stream's name. */
    ROWS_BODY_CAP = 4 * 1024 * 1024 + ROWS_CAP * 16 + 1024
};

struct rows {
    char *delivery_stream;
    struct buf body;        /* without the closing brackets */
    size_t head_len;        /* of the body before the first row */
    size_t ends[ROWS_CAP];  /* where each row's JSON ends in the body */
    uint32_t raw[ROWS_CAP]; /* bytes of each row */
    size_t count;
    size_t raw_bytes;
    bool failed[ROWS_CAP]; /* by the last answer */
};

/* NULL without memory. */
struct rows *rows_new(const char *delivery_stream);
void rows_free(struct rows *rows);
void rows_reset(struct rows *rows);

enum rows_result { ROWS_ADDED, ROWS_FULL, ROWS_TOO_LARGE, ROWS_NO_MEMORY };
/* ROWS_FULL: send first. ROWS_TOO_LARGE: no call will ever take it. */
enum rows_result rows_add(struct rows *rows, struct str row) MUST_USE;
/* Drops the rows from index `count` on. */
void rows_truncate(struct rows *rows, size_t count);

/* Writes row `index` as it was added to `out` of ROWS_ROW_CAP + 3 bytes. Returns its length. */
size_t rows_get(const struct rows *rows, size_t index, char *out);

/* The body to POST, borrowed until the rows change. Empty without memory. */
struct str rows_body(struct rows *rows);

/*
 * Reads the answer to rows_body(): which rows failed. *ret_failed is their number and `code` the first one's
 * ErrorCode. On an answer that cannot be read or does not fit the rows, err is filled, and whether anything
 * was taken is unknown.
 */
enum { ROWS_CODE_SIZE = 64 };
int rows_read_answer(struct rows *rows, struct str answer, size_t *ret_failed, char code[ROWS_CODE_SIZE],
                     struct error *err) MUST_USE;
/* Leaves only the rows that failed, in their order. */
void rows_keep_failed(struct rows *rows);

#endif
