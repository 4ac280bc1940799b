/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strict scanner of JSON text (RFC 8259 grammar, nothing more): it finds where a value ends and builds
 * nothing. cJSON alone does not do here, since it lets pass what other parsers refuse (control characters
 * in strings, "01", "1.") and cuts strings at \u0000. Bytes above 0x7F are not looked at. Pure, and not
 * recursive, so that depth costs no stack.
 */
#ifndef FETCHER_SCAN_H
#define FETCHER_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/buf.h"

/* Levels of nesting that are followed at all, one byte each. */
enum { SCAN_DEPTH_MAX = 1024 * 1024 };

struct scan {
    struct str text;
    size_t at;        /* where the next call goes on; after a failure the offending byte */
    struct buf stack; /* '{' or '[' per open level */
    size_t depth;     /* deepest level of the last value: 0 for a number, 1 for {} */
    bool nul_escape;  /* the last value holds \u0000 in a string */
    const char *problem;
};

/* The text is borrowed. */
void scan_init(struct scan *scan, struct str text);
void scan_done(struct scan *scan);

void scan_space(struct scan *scan);
/* The next byte without taking it, 0 at the end of the text. */
char scan_peek(const struct scan *scan);
/* Takes one byte if it is `c`; else false with scan->problem set. */
bool scan_expect(struct scan *scan, char c) MUST_USE;
/* Takes a string; *ret_inner is what is between its quotes, escapes undecoded. */
bool scan_string(struct scan *scan, struct str *ret_inner) MUST_USE;
/* Takes one value of any kind; *ret is its bytes. */
bool scan_value(struct scan *scan, struct str *ret) MUST_USE;
/* Whether nothing is left; after a failure: whether the text simply ended too early. */
bool scan_at_end(const struct scan *scan);

#endif
