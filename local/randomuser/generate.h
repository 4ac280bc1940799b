/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The generator: the answer of the randomuser.me API 1.4 for a query, in the API's types (postcode number
 * or string, coordinates as decimal strings, id.value null for some, dates ISO 8601 with milliseconds).
 *
 * User i of page p under seed s depends on (s, p, i) and on the gender and nat parameters alone: not on
 * `results`, not on the members asked for, and not on the clock. Ages are those on the last day of
 * GENERATE_REFERENCE_YEAR, from 10 to 82. login.sha1 is 40 random hexadecimal digits; md5 and sha256 are the
 * digests of password and salt, as the API has them.
 */
#ifndef LOCAL_RANDOMUSER_GENERATE_H
#define LOCAL_RANDOMUSER_GENERATE_H

#include "lib/buf.h"
#include "local/randomuser/query.h"

enum {
    GENERATE_REFERENCE_YEAR = 2025,
    GENERATE_AGE_MIN = 10,
    GENERATE_AGE_MAX = 82,
    /* 5000 users of at most 2 KiB, four times that when pretty. */
    GENERATE_BODY_CAP = 40 * 1024 * 1024,
};

/* Appends the whole answer, compact. query->seed is set. */
void generate_page(const struct query *query, struct buf *out);

#endif
