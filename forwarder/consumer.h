/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Kafka side: a member of a consumer group with cooperative-sticky assignment. Records are read from a
 * queue of their own, so that rebalances and heartbeats go on while no records are taken: back-pressure needs
 * no pause, and the member is never evicted for being slow. Offsets are committed by the caller only.
 *
 * A revoked partition is handed back in two steps: the `revoked` callback, and consumer_release() when the
 * caller has settled what it holds of it.
 */
#ifndef FORWARDER_CONSUMER_H
#define FORWARDER_CONSUMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"
#include "lib/kafka_header.h"
#include "lib/str.h"

struct consumer;
struct kafka_iam;

struct consumer_events {
    void (*assigned)(void *ctx, int32_t partition);
    /* `lost`: another member may own it already; its offsets must not be committed any more. */
    void (*revoked)(void *ctx, int32_t partition, bool lost);
    void (*committed)(void *ctx, bool ok);
    void *ctx;
};

/* The part of `buffer_bytes` that librdkafka's queue of fetched records gets. */
int64_t consumer_queue_share(int64_t buffer_bytes);

struct consumer_options {
    char *const *environment;
    const char *bootstrap_servers;
    const char *group_id;
    const char *topic;
    int64_t queue_bytes;         /* bound of librdkafka's queue of fetched records */
    bool observe;                /* look at the topic without joining the group: a check disturbs nobody */
    const struct kafka_iam *iam; /* where MSK tokens come from */
    struct consumer_events events;
};

/* A record, borrowed until consumer_pop(). ptr NULL: no key, no value. */
struct consumer_record {
    int32_t partition;
    int64_t offset;
    int64_t timestamp_ms; /* -1: none */
    struct str key;
    struct str value;
};

/* Joins the group, unless it only observes. NULL with err filled if the configuration is wrong. */
struct consumer *consumer_new(const struct consumer_options *options, struct error *err);
/* Leaves the group at once, committing nothing more, and frees. */
void consumer_free(struct consumer *consumer);

/* Readable when there are rebalances, errors or commit results: then call consumer_run(). */
int consumer_event_fd(const struct consumer *consumer);
void consumer_run(struct consumer *consumer);
/* True while the broker waits for a token whose credentials are being fetched: run again soon. */
bool consumer_awaits_token(const struct consumer *consumer);
/* Readable when records may have come. */
int consumer_record_fd(const struct consumer *consumer);

/* The next record, or NULL if there is none now. The same one until it is popped. */
const struct consumer_record *consumer_peek(struct consumer *consumer);
void consumer_pop(struct consumer *consumer);
/* Header of the record peeked at; ptr NULL if absent. */
struct str consumer_header(const struct consumer *consumer, const char *name);
/* All headers of the record peeked at, in their order, but no more than `size`. Returns how many; they are
 * borrowed until consumer_pop(). */
size_t consumer_headers(const struct consumer *consumer, struct kafka_header *headers, size_t size);

struct consumer_offset {
    int32_t partition;
    int64_t offset;
};
/* Starts a commit; `committed` tells the result. */
void consumer_commit(struct consumer *consumer, const struct consumer_offset *offsets, size_t count);
/* The same, waiting for the result. Returns 0 or a negative code. */
int consumer_commit_wait(struct consumer *consumer, const struct consumer_offset *offsets, size_t count,
                         struct error *err) MUST_USE;
/* True between `revoked` and consumer_release(). */
bool consumer_revoking(const struct consumer *consumer);
/* Hands the revoked partitions back, so that the rebalance goes on. */
void consumer_release(struct consumer *consumer);

/* True while the member has joined; the assignment may be empty when there are more members than partitions.
 */
bool consumer_joined(const struct consumer *consumer);
/* Offset behind the last record of the partition as of the last fetch, or -1. */
int64_t consumer_high_watermark(const struct consumer *consumer, int32_t partition);
/* A fatal error of the client: the process has to end. */
bool consumer_fatal(const struct consumer *consumer, struct error *err);
/* Metadata of the topic, see kafka_topic_partitions(). */
int consumer_topic(struct consumer *consumer, int timeout_ms, int *ret_partitions,
                   struct error *err) MUST_USE;

#endif
