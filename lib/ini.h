/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The form of AWS's shared configuration files (docs.aws.amazon.com/sdkref/latest/guide/file-format.html):
 * [section] lines, "key = value" lines, comments from '#' or ';' at the start of a line or behind white
 * space. Lines indented deeper than the key before them continue its value (nested settings); they are passed
 * over. Pure.
 */
#ifndef LIB_INI_H
#define LIB_INI_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/error.h"
#include "lib/str.h"

enum { INI_LINE_CAP = 16384 /* bytes; a session token has some KiB */, INI_ENTRY_CAP = 4096 };

struct ini_entry {
    struct str section; /* between the brackets, trimmed: "profile dev" */
    struct str key;     /* compare without case */
    struct str value;   /* trimmed; may be empty */
};

struct ini {
    struct ini_entry *entries; /* in the order of the file; a section without entries has one with no key */
    size_t count;
};

/*
 * Borrows the text, which outlives *ret. Returns 0, or a negative code with err filled (the line's number,
 * never its text).
 */
int ini_parse(struct str text, struct ini *ret, struct error *err) MUST_USE;
void ini_done(struct ini *ini);

#endif
