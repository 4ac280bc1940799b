/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strict JSON scanner (RFC 8259) that walks over bytes without building a tree: the analytics stage reads
 * six fields of a record of a hundred, a hundred thousand times a second, and a tree costs more than all the
 * rest together (tests/bench/analytics_bench.c). Everything that is walked over is checked, including what
 * nobody asked for: UTF-8, escapes, numbers, nesting.
 *
 *   struct scan scan; bool first = true; struct scan_value key, value;
 *   scan_init(&scan, text);
 *   if (scan_enter(&scan, '{')) while (scan_member(&scan, &first, &key)) scan_value(&scan, &value);
 *   if (!scan_end(&scan)) report(scan.problem);
 *
 * After the first problem every call returns false, so a walk checks once at its end.
 */
#ifndef ANALYTICS_SCAN_H
#define ANALYTICS_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/str.h"

/* Deeper nesting is refused: the walk over a value nobody asked for is recursive. */
enum { SCAN_DEPTH_CAP = 128 };

struct scan {
    const char *start;
    const char *at;
    const char *end;
    const char *problem; /* NULL, or what is wrong at `at`; static text */
    unsigned depth;
};

enum scan_kind { SCAN_NULL, SCAN_FALSE, SCAN_TRUE, SCAN_NUMBER, SCAN_STRING, SCAN_OBJECT, SCAN_ARRAY };

struct scan_value {
    enum scan_kind kind;
    bool escaped;    /* SCAN_STRING: `text` holds escapes; see scan_unescape() */
    struct str text; /* SCAN_STRING: what is between the quotes; otherwise the source text. Borrowed */
};

void scan_init(struct scan *scan, struct str text);

/* True if the next byte of the value to come is `c`; consumes white space only. */
bool scan_next_is(struct scan *scan, char c);
/* Walks over one whole value of any kind. */
bool scan_value(struct scan *scan, struct scan_value *ret);
/* Steps into an object ('{') or array ('['); false without a problem noted if the value is of another kind.
 */
bool scan_enter(struct scan *scan, char open);
/*
 * The next member's key, leaving the scan before its value; false at the object's end, which is consumed.
 * *first is true before the first call for this object.
 */
bool scan_member(struct scan *scan, bool *first, struct scan_value *ret_key);
/* The same for an array: true if there is an element to be read. */
bool scan_element(struct scan *scan, bool *first);
/* True if there was no problem and nothing but white space is left. */
bool scan_end(struct scan *scan);
/* Notes a problem at the current place, for callers that find a value of the wrong kind. Returns false. */
bool scan_fail(struct scan *scan, const char *problem);
/* Bytes from the start to the place of the problem. */
size_t scan_position(const struct scan *scan);

/*
 * Resolves the escapes of a scanned string into `out`, which has text.len bytes and may be the text's own
 * memory. Half a surrogate pair becomes U+FFFD. Returns the length.
 */
size_t scan_unescape(struct str text, char *out);

/* True if the scanned string equals `name` once its escapes are resolved. */
bool scan_text_is(const struct scan_value *value, struct str name);

#endif
