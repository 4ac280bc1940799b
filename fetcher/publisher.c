/* SPDX-License-Identifier: Apache-2.0 */
#include "fetcher/publisher.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/clock.h"
#include "lib/config.h"
#include "lib/kafka_iam.h"
#include "lib/kafka_producer.h"

enum {
    QUEUE_BYTES = 6 * 1024 * 1024, /* librdkafka's local queue; with its overhead half as much again */
    TOPIC_SIZE = 256,
    TOKEN_POLL_MS = 50,
};

struct publisher {
    struct publisher_options options;
    struct kafka_producer *kafka; /* NULL when printing */
    struct kafka_iam iam;         /* creds is NULL unless Kafka wants IAM tokens */
    char dlq_topic[TOPIC_SIZE];
    struct buf line;   /* a line to print, or a dead letter's value */
    bool print_failed; /* standard output is gone */
};

static void on_delivered(void *ctx, void *opaque, const struct error *err)
{
    struct publisher *publisher = ctx;

    publisher->options.done(publisher->options.ctx, (uintptr_t)opaque, err);
}

/* The credentials chain that signs tokens for MSK, if the environment asks for that. */
static int open_iam(struct publisher *publisher, struct error *err)
{
    const struct publisher_options *options = &publisher->options;
    const struct creds_context context = {.environment = options->environment, .http = options->http};

    if (!kafka_iam_wanted(options->environment)) {
        return 0;
    }
    publisher->iam.region = config_lookup(options->environment, "AWS_REGION");
    if (!publisher->iam.region) {
        publisher->iam.region = config_lookup(options->environment, "AWS_DEFAULT_REGION");
    }
    publisher->iam.creds = creds_chain_new(&context);
    return publisher->iam.creds ? 0 : error_set(err, ERROR_MEMORY, false, "out of memory");
}

struct publisher *publisher_new(const struct publisher_options *options, struct error *err)
{
    const struct fetcher_config *config = options->config;
    struct publisher *publisher = calloc(1, sizeof(*publisher));
    struct kafka_producer_options kafka = {.environment = options->environment,
                                           .bootstrap_servers = config->kafka_servers,
                                           .client_id = "userstream-fetcher",
                                           .queue_bytes = QUEUE_BYTES,
                                           .iam = publisher ? &publisher->iam : NULL,
                                           .delivered = on_delivered,
                                           .ctx = publisher};

    if (!publisher) {
        error_set(err, ERROR_MEMORY, false, "out of memory");
        return NULL;
    }
    publisher->options = *options;
    buf_init(&publisher->line, USER_BYTES_MAX + 1);
    if (config->kafka_dlq_topic) {
        snprintf(publisher->dlq_topic, sizeof(publisher->dlq_topic), "%s", config->kafka_dlq_topic);
    } else {
        snprintf(publisher->dlq_topic, sizeof(publisher->dlq_topic), "%s.dlq", config->kafka_topic);
    }
    if (!options->print) {
        if (!open_iam(publisher, err)) {
            publisher->kafka = kafka_producer_new(&kafka, err);
        }
        if (!publisher->kafka) {
            publisher_free(publisher);
            return NULL;
        }
    }
    return publisher;
}

void publisher_free(struct publisher *publisher)
{
    if (publisher) {
        kafka_producer_free(publisher->kafka);
        creds_chain_free(publisher->iam.creds);
        buf_done(&publisher->line);
        free(publisher);
    }
}

/* Brokers that want a token answer nothing before it, and asking for metadata blocks: the token first. */
static void await_token(struct publisher *publisher, int timeout_ms)
{
    int64_t deadline_ms = clock_monotonic_ms() + timeout_ms;

    do {
        http_poll(publisher->options.http, NULL, 0, TOKEN_POLL_MS);
        kafka_producer_run(publisher->kafka);
    } while (kafka_producer_awaits_token(publisher->kafka) && clock_monotonic_ms() < deadline_ms);
}

int publisher_check(struct publisher *publisher, int timeout_ms, struct error *err)
{
    int partitions;
    int code;

    if (!publisher->kafka) {
        return 0;
    }
    if (publisher->iam.creds) {
        await_token(publisher, timeout_ms);
    }
    code = kafka_producer_topic(publisher->kafka, publisher->options.config->kafka_topic, timeout_ms,
                                &partitions, err);
    return code ? code
                : kafka_producer_topic(publisher->kafka, publisher->dlq_topic, timeout_ms, &partitions, err);
}

/* ---- printing ---- */

/* One line per user: the line breaks that a pretty page has between its tokens become blanks. */
static int print_user(struct publisher *publisher, struct str text, uintptr_t ticket, struct error *err)
{
    struct buf *line = &publisher->line;

    buf_reset(line);
    buf_add(line, text.ptr, text.len);
    for (size_t i = 0; i < line->len; i++) {
        if (line->data[i] == '\n' || line->data[i] == '\r') {
            line->data[i] = ' ';
        }
    }
    buf_add_char(line, '\n');
    if (buf_error(line) || fwrite(line->data, 1, line->len, stdout) != line->len || fflush(stdout) != 0) {
        publisher->print_failed = true;
        return error_set(err, ERROR_IO, false, "standard output takes no more");
    }
    publisher->options.done(publisher->options.ctx, ticket, NULL);
    return 0;
}

/* ---- Kafka ---- */

static int send_user(struct publisher *publisher, const struct fetched_page *page, size_t index,
                     uintptr_t ticket, struct error *err)
{
    const struct kafka_header headers[] = {{"content-type", STR("application/json")},
                                           {"source", page->source},
                                           {"fetched-at", str_of(page->fetched_at)}};
    char key[POSITION_KEY_SIZE];
    size_t len = position_key(&page->position, index, key);

    return kafka_producer_send(publisher->kafka, publisher->options.config->kafka_topic,
                               (struct str){key, len}, page->page.users[index].text, headers,
                               ARRAY_LENGTH(headers), (void *)ticket, err);
}

static int send_dead_letter(struct publisher *publisher, const struct fetched_page *page, size_t index,
                            const struct user_verdict *verdict, uintptr_t ticket, struct error *err)
{
    const struct kafka_header headers[] = {{"content-type", STR("application/json")},
                                           {"source", page->source},
                                           {"fetched-at", str_of(page->fetched_at)},
                                           {"error-reason", str_of(user_reason_names[verdict->reason])},
                                           {"error-message", str_of(verdict->message)}};
    char key[POSITION_KEY_SIZE];
    size_t len = position_key(&page->position, index, key);
    struct str value = {NULL, 0};

    buf_reset(&publisher->line);
    if (user_dead_letter(&page->page.users[index], verdict->reason, &publisher->line)) {
        value = buf_str(&publisher->line);
    }
    return kafka_producer_send(publisher->kafka, publisher->dlq_topic, (struct str){key, len}, value, headers,
                               ARRAY_LENGTH(headers), (void *)ticket, err);
}

int publisher_send(struct publisher *publisher, const struct fetched_page *page, size_t index,
                   const struct user_verdict *verdict, uintptr_t ticket, struct error *err)
{
    bool good = verdict->reason == USER_OK;

    if (publisher->kafka) {
        return good ? send_user(publisher, page, index, ticket, err)
                    : send_dead_letter(publisher, page, index, verdict, ticket, err);
    }
    if (good) {
        return print_user(publisher, page->page.users[index].text, ticket, err);
    }
    publisher->options.done(publisher->options.ctx, ticket, NULL);
    return 0;
}

int publisher_fd(const struct publisher *publisher)
{
    return publisher->kafka ? kafka_producer_fd(publisher->kafka) : -1;
}

void publisher_run(struct publisher *publisher)
{
    if (publisher->kafka) {
        kafka_producer_run(publisher->kafka);
    }
}

size_t publisher_in_flight(const struct publisher *publisher)
{
    return publisher->kafka ? kafka_producer_in_flight(publisher->kafka) : 0;
}

bool publisher_fatal(const struct publisher *publisher, struct error *err)
{
    return publisher->kafka && kafka_producer_fatal(publisher->kafka, err);
}
