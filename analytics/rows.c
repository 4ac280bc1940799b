/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/rows.h"

#include <stdio.h>
#include <stdlib.h>

#include "analytics/number.h"
#include "analytics/scan.h"
#include "lib/base64.h"

struct rows *rows_new(const char *delivery_stream)
{
    struct rows *rows = calloc(1, sizeof(*rows));

    if (!rows) {
        return NULL;
    }
    buf_init(&rows->body, ROWS_BODY_CAP);
    rows->delivery_stream = strdup(delivery_stream);
    if (!rows->delivery_stream) {
        free(rows);
        return NULL;
    }
    buf_add_str(&rows->body, "{\"DeliveryStreamName\":");
    buf_add_json_string(&rows->body, delivery_stream, strlen(delivery_stream));
    buf_add_str(&rows->body, ",\"Records\":[");
    rows->head_len = rows->body.len;
    if (buf_error(&rows->body)) {
        rows_free(rows);
        return NULL;
    }
    return rows;
}

void rows_free(struct rows *rows)
{
    if (rows) {
        buf_done(&rows->body);
        free(rows->delivery_stream);
        free(rows);
    }
}

/* Where the JSON of row `index` begins, its leading comma included. */
static size_t row_begin(const struct rows *rows, size_t index)
{
    return index == 0 ? rows->head_len : rows->ends[index - 1];
}

void rows_truncate(struct rows *rows, size_t count)
{
    if (count >= rows->count) {
        return;
    }
    for (size_t i = count; i < rows->count; i++) {
        rows->raw_bytes -= rows->raw[i];
    }
    rows->body.len = row_begin(rows, count);
    rows->count = count;
}

void rows_reset(struct rows *rows)
{
    rows_truncate(rows, 0);
}

/* Around each row's base64. */
static const char row_head[] = "{\"Data\":\"";
static const char row_tail[] = "\"}";

enum rows_result rows_add(struct rows *rows, struct str row)
{
    size_t begin = rows->body.len;

    if (row.len > ROWS_ROW_CAP) {
        return ROWS_TOO_LARGE;
    }
    if (rows->count == ROWS_CAP || rows->raw_bytes + row.len > ROWS_RAW_CAP) {
        return ROWS_FULL;
    }
    if (rows->count > 0) {
        buf_add_char(&rows->body, ',');
    }
    buf_add(&rows->body, row_head, sizeof(row_head) - 1);
    buf_add_base64(&rows->body, row.ptr, row.len);
    buf_add(&rows->body, row_tail, sizeof(row_tail) - 1);
    if (buf_error(&rows->body)) {
        rows->body.failure = 0;
        rows->body.len = begin;
        return ROWS_NO_MEMORY;
    }
    rows->ends[rows->count] = rows->body.len;
    rows->raw[rows->count++] = (uint32_t)row.len;
    rows->raw_bytes += row.len;
    return ROWS_ADDED;
}

size_t rows_get(const struct rows *rows, size_t index, char *out)
{
    size_t begin = row_begin(rows, index) + (index > 0) + sizeof(row_head) - 1;
    struct str text = {rows->body.data + begin, rows->ends[index] - begin - (sizeof(row_tail) - 1)};
    size_t len = 0;

    return base64_decode(text, out, &len) ? len : 0;
}

struct str rows_body(struct rows *rows)
{
    char *end = buf_reserve(&rows->body, 2);

    if (!end) {
        rows->body.failure = 0;
        return (struct str){"", 0};
    }
    end[0] = ']';
    end[1] = '}';
    return (struct str){rows->body.data, rows->body.len + 2};
}

/* One element of RequestResponses: failed if it has an ErrorCode. */
static bool read_response(struct scan *scan, bool *ret_failed, char code[ROWS_CODE_SIZE])
{
    struct scan_value key;
    struct scan_value value;
    bool first = true;

    *ret_failed = false;
    if (!scan_enter(scan, '{')) {
        return scan_fail(scan, "a response is not an object");
    }
    while (scan_member(scan, &first, &key)) {
        if (!scan_value(scan, &value)) {
            return false;
        }
        if (scan_text_is(&key, STR("ErrorCode")) && value.kind == SCAN_STRING && value.text.len > 0) {
            *ret_failed = true;
            if (code[0] == '\0') {
                snprintf(code, ROWS_CODE_SIZE, "%.*s", STR_ARG(value.text));
            }
        }
    }
    return !scan->problem;
}

static size_t read_responses(struct rows *rows, struct scan *scan, char code[ROWS_CODE_SIZE])
{
    bool first = true;
    size_t count = 0;

    if (!scan_enter(scan, '[')) {
        scan_fail(scan, "RequestResponses is not an array");
        return 0;
    }
    while (scan_element(scan, &first)) {
        if (count == rows->count) {
            scan_fail(scan, "more responses than records were sent");
            return count;
        }
        if (!read_response(scan, &rows->failed[count], code)) {
            return count;
        }
        count++;
    }
    return count;
}

int rows_read_answer(struct rows *rows, struct str answer, size_t *ret_failed, char code[ROWS_CODE_SIZE],
                     struct error *err)
{
    struct scan scan;
    struct scan_value key;
    struct scan_value ignored;
    bool first = true;
    size_t responses = 0;
    size_t failed = 0;

    code[0] = '\0';
    scan_init(&scan, answer);
    if (!scan_enter(&scan, '{')) {
        scan_fail(&scan, "not a JSON object");
    }
    while (scan_member(&scan, &first, &key)) {
        if (scan_text_is(&key, STR("RequestResponses"))) {
            responses = read_responses(rows, &scan, code);
        } else {
            scan_value(&scan, &ignored);
        }
    }
    if (!scan_end(&scan)) {
        return error_set(err, ERROR_SYNTAX, true, "answer of PutRecordBatch, byte %zu: %s",
                         scan_position(&scan), scan.problem);
    }
    if (responses != rows->count) {
        return error_set(err, ERROR_SYNTAX, true,
                         "answer of PutRecordBatch has %zu responses for %zu records", responses,
                         rows->count);
    }
    for (size_t i = 0; i < rows->count; i++) {
        failed += rows->failed[i];
    }
    *ret_failed = failed;
    return 0;
}

void rows_keep_failed(struct rows *rows)
{
    size_t kept = 0;
    size_t at = rows->head_len;
    size_t raw_bytes = 0;

    for (size_t i = 0, begin = rows->head_len, end; i < rows->count; i++, begin = end) {
        size_t comma = i > 0;
        size_t len;
        end = rows->ends[i];
        if (!rows->failed[i]) {
            continue;
        }
        len = end - begin - comma;
        if (kept > 0) {
            rows->body.data[at++] = ',';
        }
        memmove(rows->body.data + at, rows->body.data + begin + comma, len);
        at += len;
        raw_bytes += rows->raw[i];
        rows->raw[kept] = rows->raw[i];
        rows->ends[kept] = at;
        rows->failed[kept] = false;
        kept++;
    }
    rows->body.len = at;
    rows->count = kept;
    rows->raw_bytes = raw_bytes;
}
