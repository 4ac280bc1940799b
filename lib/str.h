/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A borrowed view of bytes: pointer and length, passed by value. It owns nothing and need not end in NUL.
 */
#ifndef LIB_STR_H
#define LIB_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

struct str {
    const char *ptr;
    size_t len;
};

#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})
/* For printf("%.*s", STR_ARG(s)). */
#define STR_ARG(s) (int)(s).len, (s).ptr

static inline struct str str_of(const char *text)
{
    return (struct str){text, text ? strlen(text) : 0};
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline char str_ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Equal but for the case of ASCII letters, as HTTP header names are compared. */
static inline bool str_eq_nocase(struct str a, struct str b)
{
    bool equal = a.len == b.len;

    for (size_t i = 0; equal && i < a.len; i++) {
        equal = str_ascii_lower(a.ptr[i]) == str_ascii_lower(b.ptr[i]);
    }
    return equal;
}

static inline bool str_starts_with(struct str s, struct str prefix)
{
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

/*
 * Whole string as a decimal number: an optional '-', digits, nothing else, within [min, max].
 * False otherwise, with *ret untouched.
 */
bool str_to_int64(struct str s, long long min, long long max, long long *ret);

/* True for well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF). */
bool str_is_utf8(struct str s);

/* Unicode code points in well-formed UTF-8. */
size_t str_utf8_length(struct str s);

#endif
