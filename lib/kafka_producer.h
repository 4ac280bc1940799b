/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An idempotent Kafka producer (enable.idempotence, acks=all, murmur2_random partitioner as the Java clients
 * have it, lz4). A delivery report decides what happened to a message; nothing is dropped: when the local
 * queue is full the caller is told so and waits. It signals a descriptor when reports are there, so it fits
 * into a poll loop.
 */
#ifndef LIB_KAFKA_PRODUCER_H
#define LIB_KAFKA_PRODUCER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"
#include "lib/kafka_header.h"
#include "lib/str.h"

struct kafka_producer;
struct kafka_iam;

/* err is NULL when the brokers have the message. `opaque` is what was given at the send. */
typedef void kafka_delivered_fn(void *ctx, void *opaque, const struct error *err);

struct kafka_producer_options {
    char *const *environment;
    const char *bootstrap_servers;
    const char *client_id;
    int64_t queue_bytes;         /* bound of librdkafka's local queue */
    const struct kafka_iam *iam; /* NULL: KAFKA_SASL_MECHANISMS=AWS_MSK_IAM is refused */
    kafka_delivered_fn *delivered;
    void *ctx;
};

struct kafka_producer *kafka_producer_new(const struct kafka_producer_options *options, struct error *err);
void kafka_producer_free(struct kafka_producer *producer);

/*
 * Hands a message over; key and value are copied. key.ptr NULL means no key, value.ptr NULL a tombstone.
 * Returns 0; -ERROR_LIMIT when the local queue is full (poll, then send again); another negative code when
 * this message can never be sent (too large, ...), with err filled.
 */
int kafka_producer_send(struct kafka_producer *producer, const char *topic, struct str key, struct str value,
                        const struct kafka_header *headers, size_t header_count, void *opaque,
                        struct error *err) MUST_USE;

/* Readable when there are delivery reports; drained by kafka_producer_run(), which calls back. */
int kafka_producer_fd(const struct kafka_producer *producer);
void kafka_producer_run(struct kafka_producer *producer);
/* True while the broker waits for a token whose credentials are being fetched: run again soon. */
bool kafka_producer_awaits_token(const struct kafka_producer *producer);
/* Messages sent and not yet reported. */
size_t kafka_producer_in_flight(const struct kafka_producer *producer);
/* Waits up to timeout_ms for all reports. True if none is missing. */
bool kafka_producer_flush(struct kafka_producer *producer, int64_t timeout_ms);
/* A fatal error of the client (fenced producer, ...): true with err filled; the process has to end. */
bool kafka_producer_fatal(const struct kafka_producer *producer, struct error *err);
/* Metadata of a topic, see kafka_topic_partitions(). */
int kafka_producer_topic(struct kafka_producer *producer, const char *topic, int timeout_ms,
                         int *ret_partitions, struct error *err) MUST_USE;

#endif
