/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The members of a user as JSON. Each is written from what the person is and from a stream of random
 * numbers that is the member's own, so that leaving one out changes none of the others. Pure.
 */
#ifndef LOCAL_RANDOMUSER_MEMBER_H
#define LOCAL_RANDOMUSER_MEMBER_H

#include <stdbool.h>

#include "lib/buf.h"
#include "local/randomuser/nation.h"
#include "local/randomuser/prng.h"
#include "local/randomuser/query.h"

/* What several members show. */
struct person {
    const struct nation *nation;
    bool male;
    const char *title;
    const struct nation_name *first;
    const struct nation_name *last;
};

/* Appends `"key":value`. */
void member_add(struct buf *out, enum query_field field, const struct person *person, struct prng *prng);

#endif
