/* SPDX-License-Identifier: Apache-2.0 */
#include "fetcher/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "fetcher/config.h"
#include "fetcher/metrics.h"
#include "fetcher/pace.h"
#include "fetcher/progress.h"
#include "fetcher/publisher.h"
#include "fetcher/source.h"
#include "lib/log.h"
#include "lib/random.h"
#include "lib/stop.h"

enum {
    SEND_BATCH = 512,        /* users sent before the loop looks elsewhere */
    IDLE_POLL_MS = 1000,     /* longest sleep */
    QUEUE_FULL_POLL_MS = 50, /* Kafka's client has no room: its reports wake the loop, this is the net */
    KAFKA_ANSWER_MS = 1000,  /* wait for metadata, once */
    KAFKA_PAUSE_MS = 1000,   /* between two looks at Kafka at the start */
};

struct fetcher {
    const struct fetcher_config *config;
    struct run_mode mode;
    struct metrics *metrics;
    struct http_client *http;
    struct service_http endpoints;
    struct publisher *publisher;
    struct source *source;
    struct pace pace;
    struct progress progress;
    struct position next;     /* the page to ask for next */
    size_t skip;              /* users of that page to leave out: FETCHER_INDEX, for the first page */
    int64_t left;             /* users still to be taken up; INT64_MAX without a limit */
    struct fetched_page page; /* in hand; page.body is NULL if there is none */
    size_t index;             /* of the next user to send */
    size_t end;               /* behind the last one to send */
    size_t refused;           /* on this page */
    bool queue_full;
    bool failed;
    const char *waiting_for; /* for /readyz, before the first page */
};

/* ---- health ---- */

static const char *on_ready(void *ctx)
{
    struct fetcher *f = ctx;

    return f->waiting_for ? f->waiting_for : source_problem(f->source);
}

static void on_metrics(void *ctx)
{
    struct fetcher *f = ctx;
    size_t in_flight = f->publisher ? publisher_in_flight(f->publisher) : 0;

    metrics_set(f->metrics, METRIC_USERS_WAITING, (double)(f->end - f->index));
    metrics_set(f->metrics, METRIC_KAFKA_IN_FLIGHT, (double)in_flight);
    metrics_set(f->metrics, METRIC_PAGE, f->next.page);
    metrics_set(f->metrics, METRIC_RATE, f->config->rate);
    if (f->source) {
        metrics_set(f->metrics, METRIC_SOURCE_FAILING, source_failing(f->source));
        metrics_set(f->metrics, METRIC_QUOTA_WAIT,
                    (double)source_quota_wait_ms(f->source, clock_monotonic_ms()) / 1000);
    }
}

/* ---- users ---- */

static void on_done(void *ctx, uintptr_t ticket, const struct error *err)
{
    struct fetcher *f = ctx;
    uint64_t completed = f->progress.completed;
    enum user_reason reason;

    if (err) {
        char key[POSITION_KEY_SIZE];
        progress_key(&f->progress, ticket, key);
        LOG_ERROR("Kafka refused a user, stopping", LOG_STR("key", key), LOG_STR("error", err->message));
        metrics_add(f->metrics, METRIC_DELIVERY_FAILURES, 1);
        f->failed = true;
        return;
    }
    reason = progress_confirm(&f->progress, ticket);
    if (reason == USER_OK) {
        metrics_add(f->metrics, METRIC_USERS_PUBLISHED, 1);
    } else {
        metrics_add_label(f->metrics, METRIC_USERS_DEAD_LETTERED, user_reason_names[reason], 1);
    }
    metrics_add(f->metrics, METRIC_PAGES_COMPLETED, f->progress.completed - completed);
}

static void log_refused(struct fetcher *f, const struct user_verdict *verdict)
{
    char key[POSITION_KEY_SIZE];

    position_key(&f->page.position, f->index, key);
    if (f->refused++ == 0) {
        LOG_WARN("a user is wrong, it goes to the dead-letter topic", LOG_STR("key", key),
                 LOG_STR("reason", user_reason_names[verdict->reason]), LOG_STR("message", verdict->message));
    } else {
        LOG_DEBUG("another wrong user on this page", LOG_STR("key", key),
                  LOG_STR("reason", user_reason_names[verdict->reason]),
                  LOG_STR("message", verdict->message));
    }
}

/* False if it has to wait or nothing can be sent any more. */
static bool send_one(struct fetcher *f)
{
    struct user_verdict verdict;
    struct error err = {0};
    int code;

    user_check(&f->page.page.users[f->index], &verdict);
    code = publisher_send(f->publisher, &f->page, f->index, &verdict,
                          progress_send(&f->progress, f->index, verdict.reason), &err);
    if (code == -ERROR_LIMIT) {
        metrics_add(f->metrics, METRIC_QUEUE_FULL, !f->queue_full);
        f->queue_full = true;
        return false;
    }
    f->queue_full = false;
    if (code) {
        LOG_ERROR("a user cannot be sent, stopping", LOG_STR("error", err.message));
        f->failed = true;
        return false;
    }
    if (verdict.reason != USER_OK) {
        log_refused(f, &verdict);
    }
    f->index++;
    return true;
}

static void finish_page(struct fetcher *f)
{
    if (f->refused > 1) {
        LOG_WARN("wrong users on this page went to the dead-letter topic", LOG_UINT("users", f->refused),
                 LOG_STR("seed", f->page.position.seed), LOG_UINT("page", f->page.position.page));
    }
    fetched_page_done(&f->page);
    f->index = f->end = f->refused = 0;
}

static void send_due(struct fetcher *f)
{
    int64_t now_us = clock_monotonic_us();

    for (int n = 0; n < SEND_BATCH && f->index < f->end; n++) {
        if (pace_wait_us(&f->pace, now_us) > 0 || !send_one(f)) {
            return;
        }
        pace_take(&f->pace, now_us);
    }
    if (f->page.body && f->index == f->end) {
        finish_page(f);
    }
}

/* ---- pages ---- */

/* Takes the page that has arrived in hand, if there is room for it. */
static void take_page(struct fetcher *f)
{
    size_t first;
    size_t end;

    if (f->page.body || progress_full(&f->progress) || !source_take(f->source, &f->page)) {
        return;
    }
    first = f->skip < f->page.page.count ? f->skip : f->page.page.count;
    end = f->page.page.count;
    if ((int64_t)(end - first) > f->left) {
        end = first + (size_t)f->left; /* more came than was asked for */
    }
    f->skip = 0;
    position_next(&f->next);
    if (first == end) {
        fetched_page_done(&f->page);
        return;
    }
    if (progress_open(&f->progress, &f->page.position, first, end)) {
        LOG_ERROR("out of memory, stopping");
        f->failed = true;
        return;
    }
    f->index = first;
    f->end = end;
    f->left -= f->mode.once ? f->left : f->left == INT64_MAX ? 0 : (int64_t)(end - first);
    metrics_add(f->metrics, METRIC_USERS_FETCHED, end - first);
}

static void ask_ahead(struct fetcher *f, int64_t now_ms)
{
    if (source_idle(f->source) && f->left > 0) {
        int64_t results = f->config->results;
        if (f->left < results - (int64_t)f->skip) {
            results = f->left + (int64_t)f->skip;
        }
        source_want(f->source, &f->next, results);
    }
    source_step(f->source, now_ms);
}

static bool is_finished(const struct fetcher *f)
{
    return f->left == 0 && !f->page.body && publisher_in_flight(f->publisher) == 0;
}

/* ---- the loop ---- */

static int64_t earlier(int64_t a, int64_t b)
{
    return b >= 0 && b < a ? b : a;
}

static int64_t poll_timeout_ms(struct fetcher *f)
{
    int64_t timeout_ms = earlier(IDLE_POLL_MS, source_wait_ms(f->source, clock_monotonic_ms()));

    if (f->queue_full) {
        return earlier(timeout_ms, QUEUE_FULL_POLL_MS);
    }
    if (f->index < f->end) {
        timeout_ms = earlier(timeout_ms, (pace_wait_us(&f->pace, clock_monotonic_us()) + 999) / 1000);
    } else if (!f->page.body && !progress_full(&f->progress) && !source_idle(f->source) &&
               source_wait_ms(f->source, 0) < 0 && http_in_flight(f->http) == 0) {
        timeout_ms = 0; /* a page is ready */
    }
    return timeout_ms;
}

static void wait_for_work(struct fetcher *f, int64_t timeout_ms)
{
    struct pollfd fds[] = {{.fd = stop_fd(), .events = POLLIN},
                           {.fd = service_http_fd(&f->endpoints), .events = POLLIN},
                           {.fd = publisher_fd(f->publisher), .events = POLLIN}};
    struct error err = {0};

    http_poll(f->http, fds, ARRAY_LENGTH(fds), timeout_ms);
    service_http_run(&f->endpoints);
    publisher_run(f->publisher);
    if (!f->failed && publisher_fatal(f->publisher, &err)) {
        LOG_ERROR("Kafka's client cannot go on, stopping", LOG_STR("error", err.message));
        f->failed = true;
    }
}

static void loop(struct fetcher *f)
{
    while (!stop_requested() && !f->failed) {
        take_page(f);
        ask_ahead(f, clock_monotonic_ms());
        send_due(f);
        if (is_finished(f)) {
            break;
        }
        wait_for_work(f, poll_timeout_ms(f));
    }
}

/* Waits for the delivery reports still missing. */
static void drain(struct fetcher *f)
{
    int64_t deadline_ms = clock_monotonic_ms() + f->config->service.drain_timeout_ms;
    int64_t left_ms;

    while (!f->failed && publisher_in_flight(f->publisher) > 0 &&
           (left_ms = deadline_ms - clock_monotonic_ms()) > 0) {
        struct pollfd fds[] = {{.fd = service_http_fd(&f->endpoints), .events = POLLIN},
                               {.fd = publisher_fd(f->publisher), .events = POLLIN}};
        poll(fds, ARRAY_LENGTH(fds), (int)earlier(QUEUE_FULL_POLL_MS, left_ms));
        service_http_run(&f->endpoints);
        publisher_run(f->publisher);
    }
}

/* ---- start and end ---- */

/* False if stopped, or if the topics are not there in time. */
static bool await_topics(struct fetcher *f)
{
    int64_t missing_since_ms = -1;

    while (!stop_requested()) {
        struct error err = {0};
        int64_t now_ms;
        int code = publisher_check(f->publisher, KAFKA_ANSWER_MS, &err);

        if (code == 0) {
            return true;
        }
        now_ms = clock_monotonic_ms();
        missing_since_ms = code != -ERROR_STATE ? -1 : missing_since_ms < 0 ? now_ms : missing_since_ms;
        if (missing_since_ms >= 0 && now_ms - missing_since_ms >= f->config->topic_timeout_ms) {
            LOG_ERROR("a topic is missing, giving up", LOG_STR("error", err.message));
            f->failed = true;
            return false;
        }
        LOG_WARN(code == -ERROR_STATE ? "a topic is missing, looking again"
                                      : "Kafka does not answer, trying again",
                 LOG_STR("error", err.message), LOG_INT("pause_ms", KAFKA_PAUSE_MS));
        wait_for_work(f, KAFKA_PAUSE_MS);
    }
    return false;
}

static void choose_start(struct fetcher *f)
{
    const struct fetcher_config *config = f->config;
    char host[256] = "";
    char seed[POSITION_SEED_SIZE];

    if (config->seed) {
        position_set(&f->next, config->seed, config->page);
    } else {
        if (gethostname(host, sizeof(host) - 1) != 0) {
            host[0] = '\0';
        }
        position_default_seed(seed, sizeof(seed), host, clock_wall_ms(), random_u64());
        position_set(&f->next, seed, config->page);
    }
    f->skip = (size_t)config->index;
    f->left = config->limit > 0 ? config->limit : INT64_MAX;
    pace_init(&f->pace, f->mode.once ? 0 : config->rate);
}

static bool start(struct fetcher *f, const struct service *service)
{
    const struct fetcher_config *config = f->config;
    struct http_options http = {.user_agent = "userstream-fetcher", .ca_bundle = config->ca_bundle};
    struct publisher_options publisher = {.config = config,
                                          .environment = service->environment,
                                          .print = f->mode.print,
                                          .done = on_done,
                                          .ctx = f};
    struct source_options source = {.metrics = f->metrics,
                                    .url = config->url,
                                    .fallback_url = config->fallback_url,
                                    .timeout_ms = config->timeout_ms,
                                    .retry = {config->retry_base_ms, config->retry_cap_ms}};
    struct error err = {0};

    f->http = http_client_new(&http, &err);
    publisher.http = f->http;
    f->publisher = f->http ? publisher_new(&publisher, &err) : NULL;
    if (f->publisher && quota_parse(str_of(config->quota), &source.quota)) {
        source.http = f->http;
        f->source = source_new(&source);
    }
    if (!f->source || (!f->mode.once && !f->mode.print &&
                       service_http_start(&f->endpoints, &config->service, NULL, &err))) {
        LOG_ERROR("cannot start", LOG_STR("error", err.message[0] ? err.message : "out of memory"));
        return false;
    }
    return true;
}

/* The line that says how it ended and where to go on. */
static void log_end(const struct fetcher *f, size_t not_confirmed)
{
    struct position position = f->next;
    size_t index = f->skip;
    bool whole = !progress_resume(&f->progress, &position, &index);

    LOG_AT(
        whole && !f->failed ? LOG_LEVEL_INFO : LOG_LEVEL_WARN,
        whole ? "stopped, everything taken up is delivered" : "stopped, go on with this seed, page and index",
        LOG_STR("seed", position.seed), LOG_UINT("next_page", position.page), LOG_UINT("next_index", index),
        LOG_UINT("published", (uint64_t)metrics_get(f->metrics, METRIC_USERS_PUBLISHED)),
        LOG_UINT("dead_lettered", (uint64_t)metrics_get(f->metrics, METRIC_USERS_DEAD_LETTERED)),
        LOG_UINT("not_sent", f->end - f->index), LOG_UINT("not_confirmed", not_confirmed));
}

/* Runs to the end; afterwards everything but the numbers and the place for log_end() is gone. */
static void run_to_end(struct fetcher *f, const struct service *service, size_t *ret_not_confirmed)
{
    if (!start(f, service)) {
        f->failed = true;
    } else if (await_topics(f)) {
        f->waiting_for = NULL;
        LOG_INFO("fetching", LOG_STR("url", f->config->url), LOG_STR("seed", f->next.seed),
                 LOG_UINT("page", f->next.page), LOG_DOUBLE("rate", f->config->rate),
                 LOG_INT("limit", f->config->limit));
        loop(f);
        drain(f);
        *ret_not_confirmed = publisher_in_flight(f->publisher);
    }
    service_http_stop(&f->endpoints);
    source_free(f->source);
    publisher_free(f->publisher);
    http_client_free(f->http);
    fetched_page_done(&f->page);
}

int run_fetcher(const struct service *service, struct run_mode mode)
{
    struct fetcher f = {.config = service->config, .mode = mode, .waiting_for = "waiting for Kafka"};
    size_t not_confirmed = 0;

    f.metrics = metrics_new(service->metrics, service->metric_count);
    if (!f.metrics) {
        LOG_ERROR("cannot start", LOG_STR("error", "out of memory"));
        return 1;
    }
    f.endpoints = (struct service_http){
        .metrics = f.metrics, .ready = on_ready, .before_metrics = on_metrics, .ctx = &f};
    choose_start(&f);
    run_to_end(&f, service, &not_confirmed);
    log_end(&f, not_confirmed);
    progress_done(&f.progress);
    metrics_free(f.metrics);
    return f.failed || not_confirmed > 0 ? 1 : 0;
}
