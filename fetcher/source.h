/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gets pages from the API, one at a time and politely: within the quota, after a failure with growing
 * pauses, as late as Retry-After says. Once FETCHER_URL has failed twice in a row, FETCHER_FALLBACK_URL is
 * asked for the same page, until FETCHER_URL, tried again at its own pauses, answers.
 */
#ifndef FETCHER_SOURCE_H
#define FETCHER_SOURCE_H

#include "fetcher/page.h"
#include "fetcher/position.h"
#include "lib/clock.h"
#include "lib/http.h"
#include "lib/metrics.h"
#include "lib/quota.h"
#include "lib/retry.h"

struct source;

struct source_options {
    struct http_client *http; /* borrowed, as is everything else */
    struct metrics *metrics;
    const char *url;
    const char *fallback_url; /* NULL: none */
    int64_t timeout_ms;
    struct retry_policy retry;
    struct quota quota;
};

/* A page in memory. */
struct fetched_page {
    struct position position;
    struct page page;
    char *body;        /* the users of `page` point into it */
    struct str source; /* host and port it came from; lives as long as the struct source */
    char fetched_at[CLOCK_ISO_SIZE];
};
void fetched_page_done(struct fetched_page *page);

struct source *source_new(const struct source_options *options);
/* Cancels a request under way. */
void source_free(struct source *source);

/* Nothing wanted, nothing in hand: source_want() may be called. */
bool source_idle(const struct source *source);
void source_want(struct source *source, const struct position *position, int64_t results);
/* Starts a request if one is wanted and due. Call before each poll. */
void source_step(struct source *source, int64_t now_ms);
/* Milliseconds until source_step() has something to do; -1: not before http_poll() calls back. */
int64_t source_wait_ms(struct source *source, int64_t now_ms);
/* The page wanted, once it is there; it is the caller's then. */
bool source_take(struct source *source, struct fetched_page *ret);

/* NULL while pages come, else why not, for /readyz. */
const char *source_problem(const struct source *source);
/* Whether FETCHER_URL's last request failed. */
bool source_failing(const struct source *source);
int64_t source_quota_wait_ms(struct source *source, int64_t now_ms);

#endif
