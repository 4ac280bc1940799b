/* SPDX-License-Identifier: Apache-2.0 */
#include "fetcher/source.h"

#include <stdio.h>
#include <stdlib.h>

#include "fetcher/metrics.h"
#include "fetcher/outcome.h"
#include "fetcher/quota.h"
#include "fetcher/request.h"
#include "lib/log.h"
#include "lib/random.h"

enum { FALLBACK_AFTER = 2 /* failures in a row */, PROBLEM_SIZE = 640, TYPE_SHOWN = 100 };

struct endpoint {
    const char *url;
    struct str source;
    unsigned failures;   /* in a row */
    int64_t retry_at_ms; /* not before; 0: at once */
};

enum source_state { SOURCE_IDLE, SOURCE_WANTED, SOURCE_ASKING, SOURCE_READY };

struct source {
    struct source_options options;
    struct quota_bucket quota;
    struct endpoint primary;
    struct endpoint fallback;
    enum source_state state;
    struct position position;
    int64_t results;
    struct endpoint *asked;
    struct http_transfer *transfer;
    struct fetched_page ready;
    bool had_page;
    char problem[PROBLEM_SIZE];
};

void fetched_page_done(struct fetched_page *page)
{
    page_done(&page->page);
    free(page->body);
    *page = (struct fetched_page){0};
}

struct source *source_new(const struct source_options *options)
{
    struct source *source = calloc(1, sizeof(*source));

    if (!source) {
        return NULL;
    }
    source->options = *options;
    source->primary = (struct endpoint){.url = options->url, .source = request_source(str_of(options->url))};
    if (options->fallback_url) {
        source->fallback = (struct endpoint){.url = options->fallback_url,
                                             .source = request_source(str_of(options->fallback_url))};
    }
    quota_init(&source->quota, options->quota, clock_monotonic_ms());
    snprintf(source->problem, sizeof(source->problem), "waiting for the first page");
    return source;
}

void source_free(struct source *source)
{
    if (source) {
        http_cancel(source->transfer);
        fetched_page_done(&source->ready);
        free(source);
    }
}

bool source_idle(const struct source *source)
{
    return source->state == SOURCE_IDLE;
}

void source_want(struct source *source, const struct position *position, int64_t results)
{
    source->position = *position;
    source->results = results;
    source->state = SOURCE_WANTED;
}

bool source_take(struct source *source, struct fetched_page *ret)
{
    if (source->state != SOURCE_READY) {
        return false;
    }
    *ret = source->ready;
    source->ready = (struct fetched_page){0};
    source->state = SOURCE_IDLE;
    return true;
}

const char *source_problem(const struct source *source)
{
    return source->problem[0] ? source->problem : NULL;
}

bool source_failing(const struct source *source)
{
    return source->primary.failures > 0;
}

int64_t source_quota_wait_ms(struct source *source, int64_t now_ms)
{
    return quota_wait_ms(&source->quota, source->results, now_ms);
}

/* ---- answers ---- */

static void on_page(struct source *source, const struct http_response *response)
{
    struct endpoint *endpoint = source->asked;

    metrics_add(source->options.metrics, METRIC_RESPONSE_BYTES, response->body->len);
    source->ready.position = source->position;
    source->ready.source = endpoint->source;
    source->ready.body = buf_take(response->body, NULL);
    clock_format_iso(clock_wall_ms(), source->ready.fetched_at, sizeof(source->ready.fetched_at));
    if (endpoint == &source->fallback) {
        metrics_add(source->options.metrics, METRIC_FALLBACK_PAGES, 1);
    }
    if (endpoint->failures > 0 || !source->had_page) {
        LOG_INFO("pages are coming", LOG_STRN("source", endpoint->source),
                 LOG_UINT("failures_before", endpoint->failures));
    }
    LOG_DEBUG("page fetched", LOG_STR("seed", source->position.seed), LOG_UINT("page", source->position.page),
              LOG_UINT("users", source->ready.page.count), LOG_STRN("source", endpoint->source),
              LOG_INT("latency_ms", response->latency_us / 1000));
    endpoint->failures = 0;
    endpoint->retry_at_ms = 0;
    source->had_page = true;
    source->problem[0] = '\0';
    source->state = SOURCE_READY;
}

static int64_t pause_ms(const struct source *source, const struct http_response *response)
{
    int64_t own = retry_delay_ms(&source->options.retry, source->asked->failures, random_u64());
    int64_t asked = outcome_retry_after_ms(http_response_header(response, "retry-after"), clock_wall_ms());

    return own > asked ? own : asked;
}

static void on_failure(struct source *source, const struct http_response *response, enum outcome outcome,
                       const char *detail)
{
    struct endpoint *endpoint = source->asked;
    int64_t wait_ms = pause_ms(source, response);
    bool fall_back;

    endpoint->failures++;
    endpoint->retry_at_ms = clock_monotonic_ms() + wait_ms;
    fall_back = source->fallback.url && endpoint == &source->primary && endpoint->failures >= FALLBACK_AFTER;
    snprintf(source->problem, sizeof(source->problem), "%.*s: %s: %s", STR_ARG(endpoint->source),
             outcome_names[outcome], detail);
    LOG_WARN(fall_back ? "no page from the source, asking the fallback for it"
                       : "no page from the source, asking again after a pause",
             LOG_STR("result", outcome_names[outcome]), LOG_STR("error", detail),
             LOG_STRN("source", endpoint->source), LOG_INT("status", response->status),
             LOG_UINT("failures", endpoint->failures), LOG_INT("pause_ms", wait_ms),
             LOG_STR("seed", source->position.seed), LOG_UINT("page", source->position.page));
    source->state = SOURCE_WANTED;
}

/* What to say about an answer that is no page. */
static void describe(enum outcome outcome, const struct http_response *response, char *out, size_t size)
{
    struct str type = http_response_header(response, "content-type");

    type.len = type.len < TYPE_SHOWN ? type.len : TYPE_SHOWN;
    if (response->failure != HTTP_FAILURE_NONE) {
        snprintf(out, size, "%s", response->error.message);
    } else if (outcome == OUTCOME_CONTENT_TYPE) {
        snprintf(out, size, "content type \"%.*s\" instead of application/json", STR_ARG(type));
    } else {
        snprintf(out, size, "HTTP status %d with %zu bytes of \"%.*s\"", response->status,
                 response->body->len, STR_ARG(type));
    }
}

static void on_response(void *ctx, const struct http_response *response)
{
    struct source *source = ctx;
    char detail[512];
    enum outcome outcome = outcome_of_response(response->failure, response->status,
                                               http_response_header(response, "content-type"));

    source->transfer = NULL;
    if (outcome == OUTCOME_OK) {
        outcome =
            outcome_of_page(page_split(buf_str(response->body), &source->ready.page, detail, sizeof(detail)));
    } else {
        describe(outcome, response, detail, sizeof(detail));
    }
    metrics_add_label(source->options.metrics, METRIC_REQUESTS, outcome_names[outcome], 1);
    metrics_observe(source->options.metrics, METRIC_REQUEST_SECONDS, (double)response->latency_us / 1e6);
    if (outcome == OUTCOME_OK) {
        on_page(source, response);
    } else {
        on_failure(source, response, outcome, detail);
    }
}

/* ---- requests ---- */

/* The endpoint whose turn it is, with the wait until then. */
static struct endpoint *choose(struct source *source, int64_t now_ms, int64_t *ret_wait_ms)
{
    int64_t wait_ms = source->primary.retry_at_ms - now_ms;
    int64_t quota_ms = source_quota_wait_ms(source, now_ms);
    int64_t fallback_ms = source->fallback.retry_at_ms - now_ms;

    if (source->fallback.url && source->primary.failures >= FALLBACK_AFTER && wait_ms > 0 &&
        fallback_ms < wait_ms) {
        *ret_wait_ms = fallback_ms > 0 ? fallback_ms : 0;
        return &source->fallback;
    }
    wait_ms = wait_ms > quota_ms ? wait_ms : quota_ms;
    *ret_wait_ms = wait_ms > 0 ? wait_ms : 0;
    return &source->primary;
}

static void ask(struct source *source, struct endpoint *endpoint, int64_t now_ms)
{
    static const struct http_header accept = {"Accept", "application/json"};
    struct http_request request = {
        .method = "GET",
        .headers = &accept,
        .header_count = 1,
        .timeout_ms = source->options.timeout_ms,
        .response_cap = (size_t)source->results * PAGE_BYTES_PER_USER + PAGE_BYTES_AROUND,
    };
    struct error err = {0};
    struct buf url;

    buf_init(&url, REQUEST_URL_CAP);
    source->asked = endpoint;
    if (request_url(str_of(endpoint->url), &source->position, source->results, &url)) {
        error_set(&err, ERROR_CONFIG, false, "the URL is too long");
    } else {
        request.url = url.data;
        source->transfer = http_start(source->options.http, &request, on_response, source, &err);
    }
    if (source->transfer) {
        source->state = SOURCE_ASKING;
        if (endpoint == &source->primary) {
            quota_spend(&source->quota, source->results, now_ms);
        }
    } else {
        LOG_ERROR("cannot start a request, trying again after a pause", LOG_STR("error", err.message),
                  LOG_INT("pause_ms", source->options.retry.cap_ms));
        metrics_add_label(source->options.metrics, METRIC_REQUESTS, outcome_names[OUTCOME_OTHER], 1);
        snprintf(source->problem, sizeof(source->problem), "%s", err.message);
        endpoint->failures++;
        endpoint->retry_at_ms = now_ms + source->options.retry.cap_ms;
    }
    buf_done(&url);
}

void source_step(struct source *source, int64_t now_ms)
{
    struct endpoint *endpoint;
    int64_t wait_ms;

    if (source->state != SOURCE_WANTED) {
        return;
    }
    endpoint = choose(source, now_ms, &wait_ms);
    if (wait_ms == 0) {
        ask(source, endpoint, now_ms);
    }
}

int64_t source_wait_ms(struct source *source, int64_t now_ms)
{
    int64_t wait_ms = -1;

    if (source->state == SOURCE_WANTED) {
        choose(source, now_ms, &wait_ms);
    }
    return wait_ms;
}
