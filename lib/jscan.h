/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pull scanner over JSON text (RFC 8259), for answers that are large, regular and on a hot path: no tree,
 * no allocation, one pass. It is a parser, not a search: whatever is skipped is checked as well.
 *
 *   struct jscan scan = jscan_start(text);
 *   jscan_object(&scan);
 *   while (jscan_member(&scan, &name)) {
 *       if (str_eq(name, STR("count"))) jscan_int(&scan, &count); else jscan_skip(&scan);
 *   }
 *   if (!jscan_end(&scan)) ... the text was not what was expected
 *
 * After the first mistake every call fails and every loop ends, so one check at the end is enough.
 */
#ifndef LIB_JSCAN_H
#define LIB_JSCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"

enum { JSCAN_DEPTH_MAX = 32 };

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
    const char *p;
    const char *end;
    unsigned depth;
    bool fresh; /* just behind an opening bracket: no comma is due */
    bool failed;
};

struct jscan jscan_start(struct str text);
/* The kind of the value that comes next, consuming nothing but white space. */
enum jscan_kind jscan_peek(struct jscan *scan);
/* Enters an object or an array. */
void jscan_object(struct jscan *scan);
void jscan_array(struct jscan *scan);
/* The next member's name as it stands between its quotes (escapes untouched); false behind the last one. */
bool jscan_member(struct jscan *scan, struct str *ret_name);
/* True if another element follows in the array. */
bool jscan_element(struct jscan *scan);
/* A string as it stands between its quotes (escapes untouched, but checked). */
void jscan_string(struct jscan *scan, struct str *ret_raw);
/* A string, or null, which gives ptr NULL. */
void jscan_string_or_null(struct jscan *scan, struct str *ret_raw);
/* A whole number. */
void jscan_int(struct jscan *scan, int64_t *ret);
/* Any value. */
void jscan_skip(struct jscan *scan);
/* True if nothing failed and nothing but white space is left. */
bool jscan_end(struct jscan *scan);

#endif
