/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread of librdkafka before 2.2 that found the queue of fetched records full looks at it again after up
 * to a second, unless something wakes it. This wakes them while records are taken out.
 */
#ifndef FORWARDER_CONSUMER_WAKE_H
#define FORWARDER_CONSUMER_WAKE_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"

struct consumer_wake {
    bool wanted;
    char *username; /* SASL's, as configured */
    char *password;
    int64_t woken_ms;
};

/* From 2.2 on librdkafka has fetch.queue.backoff.ms for it, and nobody need be woken. */
bool consumer_wake_unneeded(void);

/* `wake` is all zero. 0 or a negative code with err filled; consumer_wake_done() either way. */
int consumer_wake_init(struct consumer_wake *wake, rd_kafka_t *kafka, struct error *err) MUST_USE;
void consumer_wake_done(struct consumer_wake *wake);
/*
 * To be called when many records were taken out. `emptied`: all that there were. Does something every few
 * milliseconds, and each time that the queue was emptied.
 */
void consumer_wake_run(struct consumer_wake *wake, rd_kafka_t *kafka, bool emptied, int64_t now_ms);

#endif
