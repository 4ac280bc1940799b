/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A place in the API's endless sequence of users: the seed of its generator, the page, and the index of a
 * user on it. Seed and page go up by one fixed rule, so that a place says what follows it. Pure.
 */
#ifndef FETCHER_POSITION_H
#define FETCHER_POSITION_H

#include <stddef.h>
#include <stdint.h>

#include "lib/str.h"

enum {
    POSITION_PAGE_MAX = 10000, /* beyond it the API answers page 1 without a word */
    POSITION_SEED_MAX = 64,    /* of FETCHER_SEED */
    POSITION_SEED_SIZE = 96,   /* with the suffix of later seeds, and NUL */
};

struct position {
    char seed[POSITION_SEED_SIZE];
    uint32_t page;
};

/*
 * A seed that no other run has: the host's name (what is no letter, digit, '-', '_' or '.' becomes '-', cut
 * to 40 characters), the start time in milliseconds, and 16 random bits for those that start in the same one.
 */
void position_default_seed(char *out, size_t size, const char *host, int64_t start_ms, uint64_t random);

/* The place of a text as seed and a page number. */
void position_set(struct position *position, const char *seed, int64_t page);

/* The next page. After page 10000 of seed "s" comes page 1 of "s~2", after that of "s~2" page 1 of "s~3". */
void position_next(struct position *position);

/* For a table of options: NULL if the seed is made of letters, digits and "._~-", at most 64, else the rule.
 */
const char *position_seed_check(const char *value);

/* "<seed>:<page>:<index>", the key of a user. Returns its length. */
enum { POSITION_KEY_SIZE = POSITION_SEED_SIZE + 32 };
size_t position_key(const struct position *position, size_t index, char out[POSITION_KEY_SIZE]);

#endif
