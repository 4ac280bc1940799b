/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/sigv4_canonical.h"

#include <stdlib.h>

#include "lib/url.h"

/* ctype.h asks the locale; signatures must not. */
static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (lower(c) >= 'a' && lower(c) <= 'f') {
        return lower(c) - 'a' + 10;
    }
    return -1;
}

static void add_encoded_byte(char c, struct buf *out)
{
    url_encode(out, (struct str){&c, 1}, false);
}

/* The value of an escape at i, or -1 if there is none: then '%' stands for itself. */
static int escape_at(struct str text, size_t i)
{
    int high;
    int low;

    if (text.ptr[i] != '%' || text.len - i < 3) {
        return -1;
    }
    high = hex_digit(text.ptr[i + 1]);
    low = hex_digit(text.ptr[i + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* Decodes and encodes again, which makes one spelling of many. */
static void add_recoded(struct str text, bool path, struct buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        int value = escape_at(text, i);

        if (value >= 0) {
            add_encoded_byte((char)value, out);
            i += 2;
        } else if (path && text.ptr[i] == '/') {
            buf_add_char(out, '/');
        } else {
            add_encoded_byte(!path && text.ptr[i] == '+' ? ' ' : text.ptr[i], out);
        }
    }
}

/* Takes the last segment back, down to `start`. */
static void drop_segment(struct buf *out, size_t start)
{
    while (out->len > start && out->data[--out->len] != '/') {
    }
    if (out->data) {
        out->data[out->len] = '\0';
    }
}

static void add_normalised_path(struct str path, struct buf *out)
{
    size_t start = out->len;
    size_t i = 0;

    while (i < path.len) {
        struct str segment = {path.ptr + i, 0};

        while (i < path.len && path.ptr[i] != '/') {
            i++;
            segment.len++;
        }
        i++;
        if (segment.len == 0 || str_eq(segment, STR("."))) {
            continue;
        }
        if (str_eq(segment, STR(".."))) {
            drop_segment(out, start);
            continue;
        }
        buf_add_char(out, '/');
        url_encode(out, segment, false);
    }
    if (out->len == start || path.ptr[path.len - 1] == '/') {
        buf_add_char(out, '/');
    }
}

void sigv4_add_path(struct str path, bool s3, struct buf *out)
{
    if (path.len == 0) {
        buf_add_char(out, '/');
    } else if (s3) {
        add_recoded(path, true, out);
    } else {
        add_normalised_path(path, out);
    }
}

struct parameter {
    struct str name;
    struct str value;
};

static int compare_bytes(struct str a, struct str b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter > 0 ? memcmp(a.ptr, b.ptr, shorter) : 0;

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_parameters(const void *a, const void *b)
{
    const struct parameter *left = a;
    const struct parameter *right = b;
    int order = compare_bytes(left->name, right->name);

    return order != 0 ? order : compare_bytes(left->value, right->value);
}

/* Appends the recoded text to a buffer that does not move any more. */
static struct str recode(struct str text, struct buf *storage)
{
    size_t before = storage->len;

    add_recoded(text, false, storage);
    return (struct str){storage->data + before, storage->len - before};
}

static struct parameter parse_parameter(struct str text, struct buf *storage)
{
    const char *equals = memchr(text.ptr, '=', text.len);
    size_t name_len = equals ? (size_t)(equals - text.ptr) : text.len;
    struct parameter parameter;

    parameter.name = recode((struct str){text.ptr, name_len}, storage);
    if (equals) {
        parameter.value = recode((struct str){equals + 1, text.len - name_len - 1}, storage);
    } else {
        parameter.value = STR("");
    }
    return parameter;
}

/* Returns the number of parameters, or a negative code. */
static int parse_query(struct str query, struct parameter *parameters, struct buf *storage)
{
    int count = 0;
    size_t i = 0;

    while (i < query.len) {
        struct str text = {query.ptr + i, 0};

        while (i < query.len && query.ptr[i] != '&') {
            i++;
            text.len++;
        }
        i++;
        if (text.len == 0) {
            continue;
        }
        if (count == SIGV4_QUERY_CAP) {
            return -ERROR_LIMIT;
        }
        parameters[count++] = parse_parameter(text, storage);
    }
    return count;
}

int sigv4_add_query(struct str query, struct buf *out)
{
    struct parameter parameters[SIGV4_QUERY_CAP];
    struct buf storage;
    int count;

    if (query.len == 0) {
        return 0;
    }
    if (query.len > out->cap) {
        return -ERROR_LIMIT;
    }
    buf_init(&storage, query.len * 3); /* a byte becomes at most one escape */
    if (!buf_reserve(&storage, query.len * 3)) {
        return buf_error(&storage);
    }
    count = parse_query(query, parameters, &storage);
    if (count > 0) {
        qsort(parameters, (size_t)count, sizeof(parameters[0]), compare_parameters);
    }
    for (int i = 0; i < count; i++) {
        buf_add(out, "&", i > 0 ? 1 : 0);
        buf_add(out, parameters[i].name.ptr, parameters[i].name.len);
        buf_add_char(out, '=');
        buf_add(out, parameters[i].value.ptr, parameters[i].value.len);
    }
    buf_done_secret(&storage);
    return count < 0 ? count : buf_error(out);
}

static int compare_names(struct str a, struct str b)
{
    for (size_t i = 0; i < a.len && i < b.len; i++) {
        int order = lower(a.ptr[i]) - lower(b.ptr[i]);
        if (order != 0) {
            return order;
        }
    }
    return (a.len > b.len) - (a.len < b.len);
}

int sigv4_sort_headers(const struct sigv4_request *request, struct sigv4_sorted *ret)
{
    if (request->header_count > SIGV4_HEADER_CAP) {
        return -ERROR_LIMIT;
    }
    /* By insertion: headers are few, and equal names must keep their order. */
    for (size_t i = 0; i < request->header_count; i++) {
        const struct sigv4_header *header = &request->headers[i];
        size_t at = i;

        while (at > 0 && compare_names(header->name, ret->headers[at - 1]->name) < 0) {
            ret->headers[at] = ret->headers[at - 1];
            at--;
        }
        ret->headers[at] = header;
    }
    ret->count = request->header_count;
    return 0;
}

static void add_lower(struct str text, struct buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        buf_add_char(out, (char)lower(text.ptr[i]));
    }
}

/* Without white space around, and runs of it inside as one space. */
static void add_trimmed(struct str text, struct buf *out)
{
    bool space = false;
    bool begun = false;

    for (size_t i = 0; i < text.len; i++) {
        if (is_space(text.ptr[i])) {
            space = true;
            continue;
        }
        if (space && begun) {
            buf_add_char(out, ' ');
        }
        space = false;
        begun = true;
        buf_add_char(out, text.ptr[i]);
    }
}

static bool same_name_as_before(const struct sigv4_sorted *sorted, size_t i)
{
    return i > 0 && compare_names(sorted->headers[i]->name, sorted->headers[i - 1]->name) == 0;
}

void sigv4_add_headers(const struct sigv4_sorted *sorted, struct buf *out)
{
    for (size_t i = 0; i < sorted->count; i++) {
        if (same_name_as_before(sorted, i)) {
            buf_add_char(out, ',');
        } else {
            buf_add(out, "\n", i > 0 ? 1 : 0);
            add_lower(sorted->headers[i]->name, out);
            buf_add_char(out, ':');
        }
        add_trimmed(sorted->headers[i]->value, out);
    }
    buf_add(out, "\n", sorted->count > 0 ? 1 : 0);
}

void sigv4_add_signed_headers(const struct sigv4_sorted *sorted, struct buf *out)
{
    for (size_t i = 0; i < sorted->count; i++) {
        if (!same_name_as_before(sorted, i)) {
            buf_add(out, ";", i > 0 ? 1 : 0);
            add_lower(sorted->headers[i]->name, out);
        }
    }
}
