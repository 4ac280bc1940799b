/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a request asks for, with the API's own tolerance: a wrong value is never an error, it counts as
 * absent (randomuser.me documentation 1.4; contracts as served in 2026). Pure.
 */
#ifndef LOCAL_RANDOMUSER_QUERY_H
#define LOCAL_RANDOMUSER_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"

/* The members of a user that inc= and exc= choose among, in the order in which they are written. */
enum query_field {
    QUERY_GENDER,
    QUERY_NAME,
    QUERY_LOCATION,
    QUERY_EMAIL,
    QUERY_LOGIN,
    QUERY_DOB,
    QUERY_REGISTERED,
    QUERY_PHONE,
    QUERY_CELL,
    QUERY_ID,
    QUERY_PICTURE,
    QUERY_NAT,
    QUERY_FIELD_COUNT
};

enum query_gender { QUERY_ANY_GENDER, QUERY_FEMALE, QUERY_MALE };

enum {
    QUERY_RESULTS_MAX = 5000,
    QUERY_PAGE_MAX = 10000,
    QUERY_SEED_SIZE = 129, /* with the NUL; a longer seed is cut */
};

struct query {
    uint32_t results;
    uint32_t page;
    char seed[QUERY_SEED_SIZE]; /* empty: the server makes one up */
    enum query_gender gender;   /* of no effect with a seed */
    uint32_t nations;           /* bit i: nations[i] may occur */
    uint32_t include;           /* bit i: enum query_field i is wanted */
    uint32_t exclude;
    bool noinfo;
    bool pretty;
};

/* One user, every member, any nationality, a seed made up. */
void query_init(struct query *query);
/* Takes one decoded parameter in; unknown names are ignored. */
void query_set(struct query *query, struct str name, struct str value);
/* The members to write, as bits. */
uint32_t query_fields(const struct query *query);

#endif
