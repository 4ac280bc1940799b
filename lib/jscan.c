/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jscan.h"

#include <stdint.h>
#include <stdlib.h>

#include "lib/span.h"

struct jscan jscan_start(struct str text)
{
    return (struct jscan){
        .start = text.ptr, .at = text.ptr, .end = text.ptr + text.len, .depth_max = JSCAN_DEPTH_MAX};
}

size_t jscan_offset(const struct jscan *scan)
{
    return (size_t)(scan->at - scan->start);
}

static bool mistake(struct jscan *scan, const char *at, const char *expected)
{
    if (!scan->problem) {
        scan->problem = expected;
        scan->at = at;
    }
    return false;
}

static inline bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline char peek(struct jscan *scan)
{
    while (scan->at < scan->end && is_space(*scan->at)) {
        scan->at++;
    }
    return scan->at < scan->end ? *scan->at : '\0';
}

char jscan_first(struct jscan *scan)
{
    return scan->problem ? '\0' : peek(scan);
}

bool jscan_enter(struct jscan *scan, char bracket)
{
    if (jscan_first(scan) != bracket) {
        return false;
    }
    scan->at++;
    scan->fresh = true;
    scan->depth++;
    return true;
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Length of the escape at `at`, which is a backslash, or 0. */
static size_t escape_length(const char *at, const char *end)
{
    if (end - at < 2) {
        return 0;
    }
    if (at[1] == 'u') {
        return end - at >= 6 && is_hex(at[2]) && is_hex(at[3]) && is_hex(at[4]) && is_hex(at[5]) ? 6 : 0;
    }
    return at[1] != '\0' && strchr("\"\\/bfnrt", at[1]) ? 2 : 0;
}

/* Length of the run of bytes above ASCII at `at`, or 0 if it is not UTF-8 and has to be. */
static size_t multibyte_length(const struct jscan *scan, const char *at)
{
    const char *stop = at;
    size_t length;

    while (stop < scan->end && (unsigned char)*stop >= 0x80) {
        stop++;
    }
    length = (size_t)(stop - at);
    return scan->any_bytes || str_is_utf8((struct str){at, length}) ? length : 0;
}

/* The rest of a string from its first byte that does not stand for itself. */
static bool string_rest(struct jscan *scan, const char *from, const char *at, struct str *ret_raw)
{
    while (at < scan->end && *at != '"') {
        size_t length;
        if (*at == '\\') {
            scan->escaped = true;
            length = escape_length(at, scan->end);
            scan->nul_escape = scan->nul_escape || (length == 6 && memcmp(at + 2, "0000", 4) == 0);
        } else if ((unsigned char)*at < 0x20) {
            return mistake(scan, at, "an escape instead of a control character is expected");
        } else {
            length = multibyte_length(scan, at);
        }
        if (length == 0) {
            return mistake(scan, at, *at == '\\' ? "an escape is expected" : "UTF-8 is expected");
        }
        at += length;
        at += span_plain(at, scan->end);
    }
    if (at == scan->end) {
        return mistake(scan, at, "the end of a string is expected");
    }
    *ret_raw = (struct str){from, (size_t)(at - from)};
    scan->at = at + 1;
    return true;
}

/* A string whose opening quote is at scan->at. */
static inline bool read_string(struct jscan *scan, struct str *ret_raw)
{
    const char *from = scan->at + 1;
    const char *at = from + span_plain(from, scan->end);

    scan->escaped = false;
    if (__builtin_expect(at < scan->end && *at == '"', true)) {
        *ret_raw = (struct str){from, (size_t)(at - from)};
        scan->at = at + 1;
        return true;
    }
    return string_rest(scan, from, at, ret_raw);
}

bool jscan_take_string(struct jscan *scan, struct str *ret_raw)
{
    return jscan_first(scan) == '"' && read_string(scan, ret_raw);
}

/* A member's name and its colon. */
static inline bool read_key(struct jscan *scan, struct str *ret_raw)
{
    if (peek(scan) != '"') {
        return mistake(scan, scan->at, "a member's name is expected");
    }
    if (!read_string(scan, ret_raw)) {
        return false;
    }
    if (peek(scan) != ':') {
        return mistake(scan, scan->at, "a colon is expected");
    }
    scan->at++;
    return true;
}

/* Whether another value follows in the container; reads the comma or the closing bracket. */
static inline bool read_separator(struct jscan *scan, char closing)
{
    char c = peek(scan);
    bool first = scan->fresh;

    scan->fresh = false;
    if (c == closing) {
        scan->at++;
        return false;
    }
    if (first) {
        return true;
    }
    if (c != ',') {
        return mistake(scan, scan->at,
                       closing == '}' ? "a comma or } is expected" : "a comma or ] is expected");
    }
    scan->at++;
    return true;
}

/* Whether the container that was entered goes on; if not, it was closed or there was a mistake. */
static inline bool goes_on(struct jscan *scan, char closing)
{
    if (scan->problem) {
        return false;
    }
    if (read_separator(scan, closing)) {
        return true;
    }
    scan->depth--;
    return false;
}

bool jscan_member(struct jscan *scan, struct str *ret_name)
{
    return goes_on(scan, '}') && read_key(scan, ret_name);
}

bool jscan_element(struct jscan *scan)
{
    return goes_on(scan, ']');
}

enum jscan_kind jscan_peek(struct jscan *scan)
{
    char c = jscan_first(scan);

    switch (c) {
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
        return c == '-' || is_digit(c) ? JSCAN_NUMBER : JSCAN_NONE;
    }
}

void jscan_object(struct jscan *scan)
{
    if (!jscan_enter(scan, '{')) {
        mistake(scan, scan->at, "an object is expected");
    }
}

void jscan_array(struct jscan *scan)
{
    if (!jscan_enter(scan, '[')) {
        mistake(scan, scan->at, "an array is expected");
    }
}

void jscan_string(struct jscan *scan, struct str *ret_raw)
{
    if (!jscan_take_string(scan, ret_raw)) {
        mistake(scan, scan->at, "a string is expected");
    }
}

static inline const char *digits(const char *at, const char *end)
{
    return at + span_digits(at, end);
}

static bool read_number(struct jscan *scan)
{
    const char *end = scan->end;
    const char *at = scan->at + (*scan->at == '-');
    const char *stop = digits(at, end);

    if (stop == at || (*at == '0' && stop - at > 1)) {
        return mistake(scan, stop == at ? at : at + 1, "a number without leading zeros is expected");
    }
    at = stop;
    if (at < end && *at == '.') {
        stop = digits(at + 1, end);
        if (stop == at + 1) {
            return mistake(scan, stop, "a digit is expected");
        }
        at = stop;
    }
    if (at < end && (*at | 0x20) == 'e') {
        at++;
        at += at < end && (*at == '+' || *at == '-');
        stop = digits(at, end);
        if (stop == at) {
            return mistake(scan, stop, "a digit is expected");
        }
        at = stop;
    }
    scan->at = at;
    return true;
}

static bool read_word(struct jscan *scan, struct str word)
{
    if ((size_t)(scan->end - scan->at) < word.len || memcmp(scan->at, word.ptr, word.len) != 0) {
        return mistake(scan, scan->at, "a value is expected");
    }
    scan->at += word.len;
    return true;
}

void jscan_string_or_null(struct jscan *scan, struct str *ret_raw)
{
    if (jscan_first(scan) != 'n') {
        jscan_string(scan, ret_raw);
    } else if (read_word(scan, STR("null"))) {
        *ret_raw = (struct str){NULL, 0};
    }
}

void jscan_int(struct jscan *scan, int64_t *ret)
{
    char first = jscan_first(scan);
    const char *from = scan->at;
    long long value;

    if ((first != '-' && !is_digit(first)) || !read_number(scan) ||
        !str_to_int64((struct str){from, (size_t)(scan->at - from)}, INT64_MIN, INT64_MAX, &value)) {
        mistake(scan, from, "a whole number is expected");
        return;
    }
    *ret = value;
}

/* A string, number or word that starts with c, at scan->at. */
static bool read_scalar(struct jscan *scan, char c)
{
    struct str unused;

    switch (c) {
    case '"':
        return read_string(scan, &unused);
    case 't':
        return read_word(scan, STR("true"));
    case 'f':
        return read_word(scan, STR("false"));
    case 'n':
        return read_word(scan, STR("null"));
    default:
        return is_digit(c) || c == '-' ? read_number(scan) : mistake(scan, scan->at, "a value is expected");
    }
}

enum { LEVELS_PER_WORD = 64 };

/* One bit for each open container: 1 is an object. */
struct nesting {
    uint64_t here[JSCAN_DEPTH_MAX / LEVELS_PER_WORD];
    uint64_t *objects; /* `here`, or on the heap where that is not enough */
    size_t cap;        /* levels that fit */
    size_t depth;
};

static bool nesting_grow(struct nesting *nesting)
{
    size_t bytes = nesting->cap / LEVELS_PER_WORD * sizeof(uint64_t);
    bool is_here = nesting->objects == nesting->here;
    uint64_t *larger = realloc(is_here ? NULL : nesting->objects, 2 * bytes);

    if (!larger) {
        return false;
    }
    if (is_here) {
        memcpy(larger, nesting->here, bytes);
    }
    memset(larger + bytes / sizeof(*larger), 0, bytes);
    nesting->objects = larger;
    nesting->cap *= 2;
    return true;
}

static bool nesting_push(struct nesting *nesting, bool object, size_t most)
{
    uint64_t bit = 1ULL << (nesting->depth % LEVELS_PER_WORD);
    uint64_t *word;

    if (nesting->depth == most || (nesting->depth == nesting->cap && !nesting_grow(nesting))) {
        return false;
    }
    word = &nesting->objects[nesting->depth / LEVELS_PER_WORD];
    *word = object ? *word | bit : *word & ~bit;
    nesting->depth++;
    return true;
}

static bool nesting_is_object(const struct nesting *nesting)
{
    size_t top = nesting->depth - 1;

    return (nesting->objects[top / LEVELS_PER_WORD] >> (top % LEVELS_PER_WORD) & 1) != 0;
}

/* After a value, or just inside a container: closes what ends here. True at the next value to read. */
static bool next_value(struct jscan *scan, struct nesting *nesting)
{
    struct str unused;

    while (nesting->depth > 0) {
        bool object = nesting_is_object(nesting);
        if (read_separator(scan, object ? '}' : ']')) {
            return !object || read_key(scan, &unused);
        }
        if (scan->problem) {
            return false;
        }
        nesting->depth--;
    }
    return false;
}

/* At an opening bracket. */
static bool open_container(struct jscan *scan, struct nesting *nesting, char bracket)
{
    if (!nesting_push(nesting, bracket == '{', scan->depth_max)) {
        return mistake(scan, scan->at, "less nesting is expected");
    }
    scan->deepest = nesting->depth > scan->deepest ? nesting->depth : scan->deepest;
    scan->at++;
    scan->fresh = true;
    return true;
}

/* Without recursion, so that foreign bytes cannot choose how much stack is used. Not inlined: its
 * state would cost every string and number a stack check. */
static __attribute__((noinline)) void skip_container(struct jscan *scan)
{
    struct nesting nesting = {.cap = JSCAN_DEPTH_MAX};
    char c;

    nesting.objects = nesting.here;
    do {
        c = jscan_first(scan);
    } while (
        (c == '{' || c == '[' ? open_container(scan, &nesting, c) : !scan->problem && read_scalar(scan, c)) &&
        next_value(scan, &nesting));
    if (nesting.objects != nesting.here) {
        free(nesting.objects);
    }
}

void jscan_skip(struct jscan *scan)
{
    char c = jscan_first(scan);

    scan->deepest = 0;
    if (c == '{' || c == '[') {
        skip_container(scan);
    } else if (!scan->problem) {
        (void)read_scalar(scan, c);
    }
}

void jscan_fail(struct jscan *scan, const char *expected)
{
    mistake(scan, scan->at, expected);
}

bool jscan_end(struct jscan *scan)
{
    if (!scan->problem && (peek(scan) != '\0' || scan->at < scan->end || scan->depth > 0)) {
        mistake(scan, scan->at, "the end is expected");
    }
    return !scan->problem;
}
