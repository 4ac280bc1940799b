/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes an answer of the API apart: {"results":[user, user, ...],"info":{...}} becomes the exact bytes of
 * each user, nothing re-serialised. The page is scanned once as text and never becomes a tree. Whether a
 * user is a good one is for user.h. Pure.
 */
#ifndef FETCHER_PAGE_H
#define FETCHER_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/str.h"

enum {
    PAGE_USERS_MAX = 5000, /* the API's own limit of `results` */
    /* A user takes about 900 bytes; the body's cap is this times the users asked for, plus the rest. */
    PAGE_BYTES_PER_USER = 4096,
    PAGE_BYTES_AROUND = 65536,
};

struct page_user {
    struct str text;
    size_t depth;    /* levels of nesting, 1 for {} */
    bool nul_escape; /* holds \u0000 */
};

enum page_result {
    PAGE_OK,
    PAGE_EMPTY,     /* "results":[] */
    PAGE_ERROR_KEY, /* the API says {"error":"..."} */
    PAGE_TRUNCATED, /* ends too early */
    PAGE_BROKEN,    /* no JSON, or not the shape above */
};

struct page {
    struct page_user *users; /* point into the body */
    size_t count;
    size_t size;
};

/*
 * Fills `page` from the body, which must outlive it. On any result but PAGE_OK the page is empty, and
 * `problem` (of `problem_size` bytes) says for a person what is wrong and where.
 */
enum page_result page_split(struct str body, struct page *page, char *problem, size_t problem_size) MUST_USE;
void page_done(struct page *page);

#endif
