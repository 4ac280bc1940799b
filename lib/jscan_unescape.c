/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jscan.h"

static unsigned hex_value(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a') + 10;
}

static unsigned code_unit(const char *at)
{
    return hex_value(at[2]) << 12 | hex_value(at[3]) << 8 | hex_value(at[4]) << 4 | hex_value(at[5]);
}

static size_t put_utf8(unsigned point, char *out)
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (char)(0xC0 | point >> 6);
        out[1] = (char)(0x80 | (point & 0x3F));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (char)(0xE0 | point >> 12);
        out[1] = (char)(0x80 | (point >> 6 & 0x3F));
        out[2] = (char)(0x80 | (point & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | point >> 18);
    out[1] = (char)(0x80 | (point >> 12 & 0x3F));
    out[2] = (char)(0x80 | (point >> 6 & 0x3F));
    out[3] = (char)(0x80 | (point & 0x3F));
    return 4;
}

/* The \u escape at `at`, together with a second one if the two are a surrogate pair. */
static size_t unescape_unicode(const char *at, const char *end, char **out)
{
    unsigned point = code_unit(at);
    size_t used = 6;

    if (point >= 0xD800 && point <= 0xDBFF && end - at >= 12 && at[6] == '\\' && at[7] == 'u' &&
        code_unit(at + 6) >= 0xDC00 && code_unit(at + 6) <= 0xDFFF) {
        point = 0x10000 + ((point - 0xD800) << 10) + (code_unit(at + 6) - 0xDC00);
        used = 12;
    } else if (point >= 0xD800 && point <= 0xDFFF) {
        point = 0xFFFD;
    }
    *out += put_utf8(point, *out);
    return used;
}

static char simple_escape(char c)
{
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return c;
    }
}

size_t jscan_unescape(struct str raw, char *out)
{
    const char *at = raw.ptr;
    const char *end = at + raw.len;
    char *to = out;

    while (at < end) {
        if (*at != '\\') {
            *to++ = *at++;
        } else if (at[1] == 'u') {
            at += unescape_unicode(at, end, &to);
        } else {
            *to++ = simple_escape(at[1]);
            at += 2;
        }
    }
    return (size_t)(to - out);
}
