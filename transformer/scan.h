/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strict JSON reader (RFC 8259) that builds nothing: it walks over the bytes and hands out views of them.
 * Everything it walks over is checked, also what the caller is not interested in: grammar, escapes, UTF-8,
 * depth. The first mistake stops it for good; the caller looks at `problem` once, at the end.
 *
 *   scan_init(&scan, text);
 *   if (scan_enter(&scan, '{'))
 *       while (scan_member(&scan, &key))
 *           scan_skip(&scan);
 *   if (!scan_finish(&scan)) ... scan.problem at byte scan_offset(&scan)
 */
#ifndef TRANSFORMER_SCAN_H
#define TRANSFORMER_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/str.h"

/* Nesting inside one skipped value: far above any event, and 128 bytes of state. */
enum { SCAN_DEPTH_CAP = 1024 };

struct scan {
    const char *start;
    const char *at; /* the next byte; where the mistake is once there is a problem */
    const char *end;
    const char *problem; /* NULL, or what is expected there instead */
    bool first;          /* a container was just entered */
};

/* A JSON string as it is written: the bytes between its quotes, and whether there are escapes in them. */
struct scan_string {
    struct str raw;
    bool escaped;
};

void scan_init(struct scan *scan, struct str text);
size_t scan_offset(const struct scan *scan);

/* The first byte of the value that comes next, white space skipped; 0 at the end or after a mistake. */
char scan_peek(struct scan *scan);
/* Steps into an array or object; false, with nothing consumed, if the next value is something else. */
bool scan_enter(struct scan *scan, char bracket);
/*
 * True with the reader at the next value of the container that was entered, which the caller must read before
 * it asks again. False once the closing bracket was read, and on a mistake.
 */
bool scan_member(struct scan *scan, struct scan_string *ret_key);
bool scan_element(struct scan *scan);
/* Reads a string. False if the value is something else, with nothing consumed, or on a mistake. */
bool scan_string(struct scan *scan, struct scan_string *ret);
/* Reads over a value of any kind. */
void scan_skip(struct scan *scan);
/* True if there was no mistake and nothing but white space is left. */
bool scan_finish(struct scan *scan);

/*
 * The text that a string stands for, as UTF-8; `out` has raw.len bytes, which is always enough. A surrogate
 * without its other half becomes U+FFFD. Returns the length.
 */
size_t scan_unescape(struct str raw, char *out);

#endif
