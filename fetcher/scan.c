/* SPDX-License-Identifier: Apache-2.0 */
#include "fetcher/scan.h"

#include <stdint.h>
#include <string.h>

#define BYTES(c) (0x0101010101010101ULL * (unsigned char)(c))

void scan_init(struct scan *scan, struct str text)
{
    *scan = (struct scan){.text = text};
    buf_init(&scan->stack, SCAN_DEPTH_MAX);
}

void scan_done(struct scan *scan)
{
    buf_done(&scan->stack);
}

static bool fail(struct scan *scan, const char *problem)
{
    scan->problem = problem;
    return false;
}

bool scan_at_end(const struct scan *scan)
{
    return scan->at >= scan->text.len;
}

void scan_space(struct scan *scan)
{
    while (scan->at < scan->text.len) {
        char c = scan->text.ptr[scan->at];
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
            break;
        }
        scan->at++;
    }
}

char scan_peek(const struct scan *scan)
{
    return scan->at < scan->text.len ? scan->text.ptr[scan->at] : '\0';
}

bool scan_expect(struct scan *scan, char c)
{
    if (scan_at_end(scan)) {
        return fail(scan, "the text ends too early");
    }
    if (scan->text.ptr[scan->at] != c) {
        return fail(scan, c == '"'   ? "expected a string"
                          : c == ':' ? "expected ':'"
                          : c == '}' ? "expected ',' or '}'"
                          : c == ']' ? "expected ',' or ']'"
                                     : "expected '{' or '['");
    }
    scan->at++;
    return true;
}

/* Whether a word has a byte that ends the plain run of a string: '"', '\\' or a control character. */
static bool has_special(uint64_t word)
{
    uint64_t quote = word ^ BYTES('"');
    uint64_t slash = word ^ BYTES('\\');

    return (((quote - BYTES(1)) & ~quote) | ((slash - BYTES(1)) & ~slash) | ((word - BYTES(0x20)) & ~word)) &
           BYTES(0x80);
}

static void skip_plain(struct scan *scan)
{
    const char *text = scan->text.ptr;
    uint64_t word;

    while (scan->text.len - scan->at >= sizeof(word)) {
        memcpy(&word, text + scan->at, sizeof(word));
        if (has_special(word)) {
            break;
        }
        scan->at += sizeof(word);
    }
    while (scan->at < scan->text.len) {
        unsigned char c = (unsigned char)text[scan->at];
        if (c == '"' || c == '\\' || c < 0x20) {
            break;
        }
        scan->at++;
    }
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Behind "\u". */
static bool scan_hex4(struct scan *scan)
{
    size_t begin = scan->at;

    for (; scan->at < begin + 4; scan->at++) {
        if (!is_hex(scan_peek(scan))) {
            return fail(scan, "\\u without four hexadecimal digits");
        }
    }
    if (memcmp(scan->text.ptr + begin, "0000", 4) == 0) {
        scan->nul_escape = true;
    }
    return true;
}

/* At the backslash. */
static bool scan_escape(struct scan *scan)
{
    char c;

    scan->at++;
    c = scan_peek(scan);
    if (c == '\0' || !strchr("\"\\/bfnrtu", c)) {
        return fail(scan, "bad escape in a string");
    }
    scan->at++;
    return c != 'u' || scan_hex4(scan);
}

bool scan_string(struct scan *scan, struct str *ret_inner)
{
    size_t begin;

    if (!scan_expect(scan, '"')) {
        return false;
    }
    begin = scan->at;
    for (;;) {
        skip_plain(scan);
        if (scan_at_end(scan)) {
            return fail(scan, "the text ends inside a string");
        }
        if (scan_peek(scan) == '"') {
            *ret_inner = (struct str){scan->text.ptr + begin, scan->at - begin};
            scan->at++;
            return true;
        }
        if (scan_peek(scan) != '\\') {
            return fail(scan, "control character in a string");
        }
        if (!scan_escape(scan)) {
            return false;
        }
    }
}

static bool scan_digits(struct scan *scan)
{
    size_t begin = scan->at;

    while (scan_peek(scan) >= '0' && scan_peek(scan) <= '9') {
        scan->at++;
    }
    return scan->at > begin || fail(scan, "a number lacks digits");
}

static bool scan_number(struct scan *scan)
{
    if (scan_peek(scan) == '-') {
        scan->at++;
    }
    if (scan_peek(scan) == '0') {
        scan->at++;
    } else if (!scan_digits(scan)) {
        return false;
    }
    if (scan_peek(scan) == '.') {
        scan->at++;
        if (!scan_digits(scan)) {
            return false;
        }
    }
    if (scan_peek(scan) == 'e' || scan_peek(scan) == 'E') {
        scan->at++;
        if (scan_peek(scan) == '+' || scan_peek(scan) == '-') {
            scan->at++;
        }
        return scan_digits(scan);
    }
    return true;
}

static bool scan_word(struct scan *scan, const char *word)
{
    for (; *word; word++, scan->at++) {
        if (scan_peek(scan) != *word) {
            return fail(scan, "no JSON value");
        }
    }
    return true;
}

static bool scan_scalar(struct scan *scan)
{
    struct str ignored;

    switch (scan_peek(scan)) {
    case '"':
        return scan_string(scan, &ignored);
    case 't':
        return scan_word(scan, "true");
    case 'f':
        return scan_word(scan, "false");
    case 'n':
        return scan_word(scan, "null");
    case '-':
    case '0' ... '9':
        return scan_number(scan);
    default:
        return fail(scan, scan_at_end(scan) ? "the text ends too early" : "no JSON value");
    }
}

/* `"key" :` with white space around it. */
static bool scan_key(struct scan *scan)
{
    struct str ignored;

    scan_space(scan);
    if (!scan_string(scan, &ignored)) {
        return false;
    }
    scan_space(scan);
    return scan_expect(scan, ':');
}

/* At '{' or '['. *ret_inside: a value follows inside; else it was empty and is closed again. */
static bool enter(struct scan *scan, bool *ret_inside)
{
    char kind = scan_peek(scan);

    buf_add_char(&scan->stack, kind);
    if (buf_error(&scan->stack)) {
        return fail(scan, "nested too deep");
    }
    if (scan->stack.len > scan->depth) {
        scan->depth = scan->stack.len;
    }
    scan->at++;
    scan_space(scan);
    *ret_inside = scan_peek(scan) != (kind == '{' ? '}' : ']');
    if (!*ret_inside) {
        scan->at++;
        scan->stack.len--;
        return true;
    }
    return kind == '[' || scan_key(scan);
}

/* Behind a value: takes what closes or goes on. *ret_more: another value follows at the level now open. */
static bool leave(struct scan *scan, bool *ret_more)
{
    *ret_more = false;
    while (scan->stack.len > 0) {
        char kind = scan->stack.data[scan->stack.len - 1];

        scan_space(scan);
        if (scan_peek(scan) == ',') {
            scan->at++;
            *ret_more = true;
            return kind == '[' || scan_key(scan);
        }
        if (!scan_expect(scan, kind == '{' ? '}' : ']')) {
            return false;
        }
        scan->stack.len--;
    }
    return true;
}

bool scan_value(struct scan *scan, struct str *ret)
{
    bool more = true;
    size_t begin;

    scan_space(scan);
    begin = scan->at;
    buf_reset(&scan->stack);
    scan->depth = 0;
    scan->nul_escape = false;
    while (more) {
        bool inside = false;
        char c;

        scan_space(scan);
        c = scan_peek(scan);
        if (!(c == '{' || c == '[' ? enter(scan, &inside) : scan_scalar(scan))) {
            return false;
        }
        if (!inside && !leave(scan, &more)) {
            return false;
        }
    }
    *ret = (struct str){scan->text.ptr + begin, scan->at - begin};
    return true;
}
