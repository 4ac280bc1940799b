/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What became of a request, sorted. Each kind has its own counter label and sentence for the log; all but
 * OUTCOME_OK mean: wait, then ask for the same page again. Pure.
 */
#ifndef FETCHER_OUTCOME_H
#define FETCHER_OUTCOME_H

#include <stdint.h>

#include "fetcher/page.h"
#include "lib/http.h"

enum outcome {
    OUTCOME_OK,
    OUTCOME_THROTTLED,    /* 429 */
    OUTCOME_FORBIDDEN,    /* 403, what cloud addresses get from Cloudflare, as HTML */
    OUTCOME_SERVER_ERROR, /* 5xx */
    OUTCOME_HTTP_STATUS,  /* any other status but 200 */
    OUTCOME_CONTENT_TYPE, /* 200 with something that does not call itself JSON */
    OUTCOME_EMPTY,        /* "results":[] */
    OUTCOME_ERROR_KEY,    /* {"error":"..."} */
    OUTCOME_TRUNCATED,    /* the body ends too early */
    OUTCOME_SYNTAX,       /* no JSON, or another shape */
    OUTCOME_TOO_LARGE,    /* longer than the cap */
    OUTCOME_TIMEOUT,
    OUTCOME_DNS,
    OUTCOME_CONNECTION, /* refused, reset */
    OUTCOME_TLS,
    OUTCOME_OTHER,
    OUTCOME_COUNT
};

/* "throttled" and so on, ends with NULL: the values of the label `result`. */
extern const char *const outcome_names[OUTCOME_COUNT + 1];

/*
 * The kind by what HTTP tells, before the body is looked at: OUTCOME_OK means that it can be. A 429 whose
 * body is an error is throttling all the same. content_type is the header's value, empty if absent.
 */
enum outcome outcome_of_response(enum http_failure failure, int status, struct str content_type);
enum outcome outcome_of_page(enum page_result result);

/*
 * The Retry-After header (RFC 9110 section 10.2.3: seconds or a date) as milliseconds from now, at most an
 * hour; 0 if it is absent or not readable.
 */
int64_t outcome_retry_after_ms(struct str value, int64_t wall_ms);

#endif
