/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strict JSON reader (RFC 8259) that builds nothing: it walks over the bytes once and hands out views of
 * them. It is a parser, not a search: everything it walks over is checked, also what is skipped: grammar,
 * escapes, UTF-8, depth.
 *
 *   struct jscan scan = jscan_start(text);
 *   jscan_object(&scan);
 *   while (jscan_member(&scan, &name)) {
 *       if (str_eq(name, STR("count"))) jscan_int(&scan, &count); else jscan_skip(&scan);
 *   }
 *   if (!jscan_end(&scan)) ... scan.problem at byte jscan_offset(&scan)
 *
 * After the first mistake every call fails and every loop ends, so one check at the end is enough.
 */
#ifndef LIB_JSCAN_H
#define LIB_JSCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/str.h"

/* Nesting inside one skipped value, a bit a level. What the caller enters itself its own code bounds. */
enum { JSCAN_DEPTH_MAX = 1024 };

enum jscan_kind {
    JSCAN_OBJECT,
    JSCAN_ARRAY,
    JSCAN_STRING,
    JSCAN_NUMBER,
    JSCAN_TRUE,
    JSCAN_FALSE,
    JSCAN_NULL,
    JSCAN_NONE
};

struct jscan {
    const char *start;
    const char *at; /* the next byte; where the mistake is once there is a problem */
    const char *end;
    const char *problem; /* NULL, or what is expected there instead */
    unsigned depth;      /* containers entered and not closed */
    bool fresh;          /* a container was just entered: no comma is due */
    bool escaped;        /* the last string or name has escapes */
    bool nul_escape;     /* a string or name had \u0000 since the caller last cleared this */
    size_t deepest;      /* levels of nesting of the value skipped last: 0 for a number, 1 for {} */

    /* For the caller to set: */
    bool any_bytes;   /* bytes above ASCII pass, whether they are UTF-8 or not */
    size_t depth_max; /* of a skipped value; above JSCAN_DEPTH_MAX it may take memory from the heap */
};

struct jscan jscan_start(struct str text);
size_t jscan_offset(const struct jscan *scan);

/* The first byte of the value that comes next, white space skipped; 0 at the end or after a mistake. */
char jscan_first(struct jscan *scan);
/* The kind of that value. */
enum jscan_kind jscan_peek(struct jscan *scan);

/* Steps into an object or array; false, with nothing consumed, if the next value is something else. */
bool jscan_enter(struct jscan *scan, char bracket);
/* The same where anything else is a mistake. */
void jscan_object(struct jscan *scan);
void jscan_array(struct jscan *scan);
/*
 * True with the reader at the next value of the container that was entered, which the caller must read before
 * it asks again. False once the closing bracket was read, and after a mistake. A name is as it stands between
 * its quotes: escapes are checked, and stay.
 */
bool jscan_member(struct jscan *scan, struct str *ret_name);
bool jscan_element(struct jscan *scan);

/* Reads a string, as it stands between its quotes. False, with nothing consumed, if the value is something
 * else. */
bool jscan_take_string(struct jscan *scan, struct str *ret_raw);
/* The same where anything else is a mistake. */
void jscan_string(struct jscan *scan, struct str *ret_raw);
/* A string, or null, which gives ptr NULL. */
void jscan_string_or_null(struct jscan *scan, struct str *ret_raw);
/* A whole number. */
void jscan_int(struct jscan *scan, int64_t *ret);
/* Reads over a value of any kind. */
void jscan_skip(struct jscan *scan);
/* A mistake that the caller found: what is expected here instead. */
void jscan_fail(struct jscan *scan, const char *expected);
/* True if there was no mistake, every container is closed, and nothing but white space is left. */
bool jscan_end(struct jscan *scan);

/*
 * The text that a string stands for, as UTF-8; `out` has raw.len bytes, which is always enough. A surrogate
 * without its other half becomes U+FFFD. Returns the length.
 */
size_t jscan_unescape(struct str raw, char *out);

#endif
