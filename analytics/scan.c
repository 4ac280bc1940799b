/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/scan.h"

#include <stdint.h>
#include <string.h>

#define EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (value))

void scan_init(struct scan *scan, struct str text)
{
    *scan = (struct scan){.start = text.ptr, .at = text.ptr, .end = text.ptr + text.len};
}

bool scan_fail(struct scan *scan, const char *problem)
{
    if (!scan->problem) {
        scan->problem = problem;
    }
    return false;
}

size_t scan_position(const struct scan *scan)
{
    return (size_t)(scan->at - scan->start);
}

static void skip_space(struct scan *scan)
{
    const char *p = scan->at;

    while (p < scan->end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) {
        p++;
    }
    scan->at = p;
}

bool scan_next_is(struct scan *scan, char c)
{
    if (scan->problem) {
        return false;
    }
    skip_space(scan);
    return scan->at < scan->end && *scan->at == c;
}

static uint64_t has_zero_byte(uint64_t word)
{
    return (word - EACH_BYTE(0x01)) & ~word & EACH_BYTE(0x80);
}

/* Skips bytes that stand for themselves, eight at a time; stops at or before the first that does not. */
static const char *skip_plain(const char *p, const char *end)
{
    while (end - p >= 8) {
        uint64_t word;
        uint64_t special;
        memcpy(&word, p, sizeof(word));
        special = has_zero_byte(word ^ EACH_BYTE('"')) | has_zero_byte(word ^ EACH_BYTE('\\')) |
                  ((word - EACH_BYTE(0x20)) & ~word & EACH_BYTE(0x80)) | (word & EACH_BYTE(0x80));
        if (special) {
            break;
        }
        p += 8;
    }
    return p;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Length of the escape at p, where a backslash stands; 0 if it is none. */
static size_t escape_length(const char *p, const char *end)
{
    if (end - p < 2) {
        return 0;
    }
    if (p[1] != 'u') {
        return strchr("\"\\/bfnrt", p[1]) && p[1] != '\0' ? 2 : 0;
    }
    if (end - p < 6 || !is_hex(p[2]) || !is_hex(p[3]) || !is_hex(p[4]) || !is_hex(p[5])) {
        return 0;
    }
    return 6;
}

/* At an opening quote; leaves the scan behind the closing one. */
static bool scan_string(struct scan *scan, struct scan_value *ret)
{
    const char *begin = scan->at + 1;
    const char *p = begin;
    bool escaped = false;
    bool ascii = true;

    for (;;) {
        p = skip_plain(p, scan->end);
        scan->at = p;
        if (p == scan->end) {
            return scan_fail(scan, "string without an end");
        }
        if (*p == '"') {
            break;
        }
        if (*p == '\\') {
            size_t len = escape_length(p, scan->end);
            if (len == 0) {
                return scan_fail(scan, "unknown escape in a string");
            }
            escaped = true;
            p += len;
        } else if ((unsigned char)*p < 0x20) {
            return scan_fail(scan, "control character in a string");
        } else {
            ascii = ascii && (unsigned char)*p < 0x80;
            p++;
        }
    }
    *ret = (struct scan_value){SCAN_STRING, escaped, {begin, (size_t)(p - begin)}};
    if (!ascii && !str_is_utf8(ret->text)) {
        return scan_fail(scan, "string is not UTF-8");
    }
    scan->at = p + 1;
    return true;
}

static const char *skip_digits(const char *p, const char *end)
{
    while (p < end && *p >= '0' && *p <= '9') {
        p++;
    }
    return p;
}

static bool scan_number(struct scan *scan, struct scan_value *ret)
{
    const char *begin = scan->at;
    const char *end = scan->end;
    const char *p = begin + (*begin == '-');
    const char *digits = p;

    p = skip_digits(p, end);
    if (p == digits || (*digits == '0' && p - digits > 1)) {
        return scan_fail(scan, "not a JSON value");
    }
    if (p < end && *p == '.') {
        digits = p + 1;
        p = skip_digits(digits, end);
        if (p == digits) {
            return scan_fail(scan, "number without digits behind its point");
        }
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        digits = p + 1;
        digits += digits < end && (*digits == '+' || *digits == '-');
        p = skip_digits(digits, end);
        if (p == digits) {
            return scan_fail(scan, "number without digits in its exponent");
        }
    }
    *ret = (struct scan_value){SCAN_NUMBER, false, {begin, (size_t)(p - begin)}};
    scan->at = p;
    return true;
}

static bool scan_word(struct scan *scan, struct str word, enum scan_kind kind, struct scan_value *ret)
{
    struct str rest = {scan->at, (size_t)(scan->end - scan->at)};

    if (!str_starts_with(rest, word)) {
        return scan_fail(scan, "not a JSON value");
    }
    *ret = (struct scan_value){kind, false, {scan->at, word.len}};
    scan->at += word.len;
    return true;
}

static bool walk_over(struct scan *scan, struct scan_value *ret)
{
    const char *begin = scan->at;
    bool object = *begin == '{';
    bool first = true;
    struct scan_value inner;

    scan_enter(scan, *begin);
    while (object ? scan_member(scan, &first, &inner) : scan_element(scan, &first)) {
        if (!scan_value(scan, &inner)) {
            return false;
        }
    }
    if (scan->problem) {
        return false;
    }
    *ret = (struct scan_value){object ? SCAN_OBJECT : SCAN_ARRAY, false, {begin, (size_t)(scan->at - begin)}};
    return true;
}

bool scan_value(struct scan *scan, struct scan_value *ret)
{
    if (scan->problem) {
        return false;
    }
    skip_space(scan);
    if (scan->at == scan->end) {
        return scan_fail(scan, "a value is missing");
    }
    switch (*scan->at) {
    case '"':
        return scan_string(scan, ret);
    case '{':
    case '[':
        return walk_over(scan, ret);
    case 't':
        return scan_word(scan, STR("true"), SCAN_TRUE, ret);
    case 'f':
        return scan_word(scan, STR("false"), SCAN_FALSE, ret);
    case 'n':
        return scan_word(scan, STR("null"), SCAN_NULL, ret);
    default:
        return scan_number(scan, ret);
    }
}

bool scan_enter(struct scan *scan, char open)
{
    if (!scan_next_is(scan, open)) {
        return false;
    }
    if (scan->depth == SCAN_DEPTH_CAP) {
        return scan_fail(scan, "nested too deeply");
    }
    scan->depth++;
    scan->at++;
    return true;
}

/* What stands between members or elements: true if one more follows. */
static bool next_item(struct scan *scan, bool *first, char close)
{
    bool was_first = *first;

    *first = false;
    if (scan->problem) {
        return false;
    }
    skip_space(scan);
    if (scan->at == scan->end) {
        return scan_fail(scan, "object or array without an end");
    }
    if (*scan->at == close) {
        scan->at++;
        scan->depth--;
        return false;
    }
    if (!was_first) {
        if (*scan->at != ',') {
            return scan_fail(scan, "a comma is missing");
        }
        scan->at++;
    }
    return true;
}

bool scan_member(struct scan *scan, bool *first, struct scan_value *ret_key)
{
    if (!next_item(scan, first, '}')) {
        return false;
    }
    if (!scan_next_is(scan, '"')) {
        return scan_fail(scan, "a member's name is missing");
    }
    if (!scan_string(scan, ret_key)) {
        return false;
    }
    if (!scan_next_is(scan, ':')) {
        return scan_fail(scan, "a colon is missing");
    }
    scan->at++;
    return true;
}

bool scan_element(struct scan *scan, bool *first)
{
    return next_item(scan, first, ']');
}

bool scan_end(struct scan *scan)
{
    if (scan->problem) {
        return false;
    }
    skip_space(scan);
    return scan->at == scan->end || scan_fail(scan, "something follows the JSON value");
}

static uint32_t hex4(const char *p)
{
    uint32_t value = 0;

    for (int i = 0; i < 4; i++) {
        char c = p[i];
        value = value << 4 | (uint32_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return value;
}

static size_t put_utf8(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

/* The escape at p ("\u...."), which may take the following one with it. */
static size_t unescape_unicode(const char *p, const char *end, char *out, size_t *ret_len)
{
    uint32_t code = hex4(p + 2);
    size_t used = 6;

    if (code >= 0xD800 && code <= 0xDFFF) {
        uint32_t low = code < 0xDC00 && end - p >= 12 && p[6] == '\\' && p[7] == 'u' ? hex4(p + 8) : 0;
        if (low >= 0xDC00 && low <= 0xDFFF) {
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            used = 12;
        } else {
            code = 0xFFFD;
        }
    }
    *ret_len = put_utf8(code, out);
    return used;
}

size_t scan_unescape(struct str text, char *out)
{
    static const char names[] = "bfnrt";
    static const char bytes[] = "\b\f\n\r\t";
    const char *p = text.ptr;
    const char *end = text.ptr + text.len;
    char *o = out;

    while (p < end) {
        if (*p != '\\' || end - p < 2) {
            *o++ = *p++;
        } else if (p[1] == 'u' && end - p >= 6) {
            size_t len;
            p += unescape_unicode(p, end, o, &len);
            o += len;
        } else {
            const char *name = strchr(names, p[1]);
            *o++ = name ? bytes[name - names] : p[1];
            p += 2;
        }
    }
    return (size_t)(o - out);
}

bool scan_text_is(const struct scan_value *value, struct str name)
{
    char plain[256];
    struct str unescaped = {plain, 0};

    if (!value->escaped) {
        return str_eq(value->text, name);
    }
    if (value->text.len > sizeof(plain)) {
        return false;
    }
    unescaped.len = scan_unescape(value->text, plain);
    return str_eq(unescaped, name);
}
