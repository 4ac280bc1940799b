/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jscan.h"

struct jscan jscan_start(struct str text)
{
    return (struct jscan){.p = text.ptr, .end = text.ptr + text.len, .fresh = true};
}

static void fail(struct jscan *scan)
{
    scan->failed = true;
    scan->p = scan->end;
}

static void skip_space(struct jscan *scan)
{
    while (scan->p < scan->end &&
           (*scan->p == ' ' || *scan->p == '\n' || *scan->p == '\r' || *scan->p == '\t')) {
        scan->p++;
    }
}

/* Consumes the character if it comes next. */
static bool accept(struct jscan *scan, char c)
{
    skip_space(scan);
    if (scan->p < scan->end && *scan->p == c) {
        scan->p++;
        return true;
    }
    return false;
}

enum jscan_kind jscan_peek(struct jscan *scan)
{
    skip_space(scan);
    if (scan->failed || scan->p == scan->end) {
        return JSCAN_NONE;
    }
    switch (*scan->p) {
    case '{':
        return JSCAN_OBJECT;
    case '[':
        return JSCAN_ARRAY;
    case '"':
        return JSCAN_STRING;
    case 't':
        return JSCAN_TRUE;
    case 'f':
        return JSCAN_FALSE;
    case 'n':
        return JSCAN_NULL;
    default:
        return *scan->p == '-' || (*scan->p >= '0' && *scan->p <= '9') ? JSCAN_NUMBER : JSCAN_NONE;
    }
}

static void enter(struct jscan *scan, char bracket)
{
    if (scan->failed || scan->depth == JSCAN_DEPTH_MAX || !accept(scan, bracket)) {
        fail(scan);
        return;
    }
    scan->depth++;
    scan->fresh = true;
}

void jscan_object(struct jscan *scan)
{
    enter(scan, '{');
}

void jscan_array(struct jscan *scan)
{
    enter(scan, '[');
}

/* True if another member or element follows; false behind the closing bracket or after a mistake. */
static bool more(struct jscan *scan, char bracket)
{
    if (scan->failed) {
        return false;
    }
    if (accept(scan, bracket)) {
        scan->depth--;
        scan->fresh = false;
        return false;
    }
    if (!scan->fresh && !accept(scan, ',')) {
        fail(scan);
        return false;
    }
    scan->fresh = false;
    return true;
}

bool jscan_element(struct jscan *scan)
{
    return more(scan, ']');
}

bool jscan_member(struct jscan *scan, struct str *ret_name)
{
    if (!more(scan, '}')) {
        return false;
    }
    jscan_string(scan, ret_name);
    if (!accept(scan, ':')) {
        fail(scan);
    }
    return !scan->failed;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Behind a backslash: the length of the escape's rest, or 0 if there is no such escape. */
static size_t escape_length(const char *p, const char *end)
{
    if (p == end) {
        return 0;
    }
    if (*p == 'u') {
        if (end - p < 5) {
            return 0;
        }
        for (size_t i = 1; i < 5; i++) {
            if (!is_hex(p[i])) {
                return 0;
            }
        }
        return 5;
    }
    return strchr("\"\\/bfnrt", *p) && *p != '\0' ? 1 : 0;
}

void jscan_string(struct jscan *scan, struct str *ret_raw)
{
    const char *start;
    const char *p;

    if (scan->failed || !accept(scan, '"')) {
        fail(scan);
        return;
    }
    start = p = scan->p;
    while (p < scan->end && *p != '"') {
        if ((unsigned char)*p < 0x20) {
            break;
        }
        if (*p++ == '\\') {
            size_t length = escape_length(p, scan->end);
            if (length == 0) {
                fail(scan);
                return;
            }
            p += length;
        }
    }
    if (p == scan->end || *p != '"') {
        fail(scan);
        return;
    }
    *ret_raw = (struct str){start, (size_t)(p - start)};
    scan->p = p + 1;
}

static void literal(struct jscan *scan, struct str text)
{
    if ((size_t)(scan->end - scan->p) < text.len || memcmp(scan->p, text.ptr, text.len) != 0) {
        fail(scan);
        return;
    }
    scan->p += text.len;
}

void jscan_string_or_null(struct jscan *scan, struct str *ret_raw)
{
    if (jscan_peek(scan) == JSCAN_NULL) {
        literal(scan, STR("null"));
        *ret_raw = (struct str){NULL, 0};
        return;
    }
    jscan_string(scan, ret_raw);
}

static const char *digits(const char *p, const char *end)
{
    while (p < end && *p >= '0' && *p <= '9') {
        p++;
    }
    return p;
}

/* The end of the number that starts at p, or NULL if none does. */
static const char *number_end(const char *p, const char *end)
{
    const char *start;

    p += p < end && *p == '-';
    start = p;
    p = digits(p, end);
    if (p == start || (*start == '0' && p > start + 1)) {
        return NULL;
    }
    if (p < end && *p == '.') {
        start = ++p;
        p = digits(p, end);
        if (p == start) {
            return NULL;
        }
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        p += p < end && (*p == '+' || *p == '-');
        start = p;
        p = digits(p, end);
        if (p == start) {
            return NULL;
        }
    }
    return p;
}

void jscan_int(struct jscan *scan, int64_t *ret)
{
    const char *end;
    long long value;

    skip_space(scan);
    end = scan->failed ? NULL : number_end(scan->p, scan->end);
    if (!end || !str_to_int64((struct str){scan->p, (size_t)(end - scan->p)}, INT64_MIN, INT64_MAX, &value)) {
        fail(scan);
        return;
    }
    *ret = value;
    scan->p = end;
}

static void skip_number(struct jscan *scan)
{
    const char *end = number_end(scan->p, scan->end);

    if (!end) {
        fail(scan);
        return;
    }
    scan->p = end;
}

void jscan_skip(struct jscan *scan)
{
    struct str ignored;

    switch (jscan_peek(scan)) {
    case JSCAN_OBJECT:
        jscan_object(scan);
        while (jscan_member(scan, &ignored)) {
            jscan_skip(scan);
        }
        break;
    case JSCAN_ARRAY:
        jscan_array(scan);
        while (jscan_element(scan)) {
            jscan_skip(scan);
        }
        break;
    case JSCAN_STRING:
        jscan_string(scan, &ignored);
        break;
    case JSCAN_NUMBER:
        skip_number(scan);
        break;
    case JSCAN_TRUE:
        literal(scan, STR("true"));
        break;
    case JSCAN_FALSE:
        literal(scan, STR("false"));
        break;
    case JSCAN_NULL:
        literal(scan, STR("null"));
        break;
    case JSCAN_NONE:
        fail(scan);
        break;
    }
}

bool jscan_end(struct jscan *scan)
{
    skip_space(scan);
    return !scan->failed && scan->depth == 0 && scan->p == scan->end;
}
