/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where users go: to Kafka, or with --print as JSON lines to standard output. A user is confirmed by a
 * call back, from Kafka's delivery report or, when printing, at once.
 */
#ifndef FETCHER_PUBLISHER_H
#define FETCHER_PUBLISHER_H

#include <stdbool.h>
#include <stdint.h>

#include "fetcher/config.h"
#include "fetcher/source.h"
#include "fetcher/user.h"
#include "lib/error.h"

struct publisher;

/* err is NULL when the user is where it belongs. `ticket` as given at the send. */
typedef void publisher_done_fn(void *ctx, uintptr_t ticket, const struct error *err);

struct publisher_options {
    const struct fetcher_config *config;
    char *const *environment;
    struct http_client *http; /* for AWS credentials, when Kafka wants them (MSK with IAM) */
    bool print;
    publisher_done_fn *done;
    void *ctx;
};

struct publisher *publisher_new(const struct publisher_options *options, struct error *err);
void publisher_free(struct publisher *publisher);

/*
 * Whether both topics are there: 0, -ERROR_NETWORK if no broker answers yet, -ERROR_STATE if one is missing,
 * with err saying which and how it is made. Waits up to timeout_ms.
 */
int publisher_check(struct publisher *publisher, int timeout_ms, struct error *err) MUST_USE;

/*
 * Hands over user `index` of the page under its verdict: a good one to the topic, any other to the
 * dead-letter topic with the headers error-reason and error-message. 0, -ERROR_LIMIT when Kafka's
 * client has no room (wait for publisher_fd(), then again), another negative code with err filled if
 * it can never be sent.
 */
int publisher_send(struct publisher *publisher, const struct fetched_page *page, size_t index,
                   const struct user_verdict *verdict, uintptr_t ticket, struct error *err) MUST_USE;

int publisher_fd(const struct publisher *publisher);
void publisher_run(struct publisher *publisher);
size_t publisher_in_flight(const struct publisher *publisher);
/* A failure after which nothing can be delivered any more: true with err filled. */
bool publisher_fatal(const struct publisher *publisher, struct error *err);

#endif
