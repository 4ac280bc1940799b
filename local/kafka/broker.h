/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The embedded Kafka broker for demos and tests: librdkafka's mock cluster, which speaks the real protocol
 * (produce, fetch, consumer groups, idempotence) with everything in memory. It keeps about 5 MB a partition
 * and drops the oldest beyond that, so it is no store; real Kafka comes with compose.
 */
#ifndef LOCAL_KAFKA_BROKER_H
#define LOCAL_KAFKA_BROKER_H

#include "lib/attr.h"
#include "lib/error.h"

struct broker;

/* Starts a cluster of one broker on a free port of 127.0.0.1. NULL with err filled on failure. */
struct broker *broker_new(struct error *err);
void broker_free(struct broker *broker);
/* "127.0.0.1:NNNNN", borrowed. */
const char *broker_bootstrap(const struct broker *broker);
int broker_create_topic(struct broker *broker, const char *topic, int partitions, struct error *err) MUST_USE;
/* Closes the broker's connections and refuses new ones, and takes that back. */
void broker_set_down(struct broker *broker, bool down);
/* Makes the broker answer metadata requests for a topic with a Kafka error code; 0 takes it back. */
void broker_set_topic_error(struct broker *broker, const char *topic, int code);

#endif
