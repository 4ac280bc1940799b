/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dead-letter topic: records that Kinesis can never take, verbatim (key, value, headers), with more
 * headers behind theirs that say why and where from: error-reason, error-message, source-topic,
 * source-partition, source-offset, source-timestamp. A letter is kept and sent again until the brokers have
 * it.
 */
#ifndef FORWARDER_DLQ_H
#define FORWARDER_DLQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"
#include "lib/kafka_header.h"
#include "lib/str.h"

struct dlq;
struct kafka_iam;
struct partition;

enum { DLQ_HEADERS_MAX = 256 /* of a record's own */ };

struct dlq_letter {
    struct str key;   /* ptr NULL: none */
    struct str value; /* ptr NULL: none */
    const struct kafka_header *headers;
    size_t header_count;
    int32_t partition;
    int64_t offset;
    int64_t timestamp_ms; /* -1: none */
    const char *reason;   /* static text: the metric's label */
    const char *message;
    /* For the caller, given back when the letter is confirmed. */
    struct partition *owner;
    uint64_t ticket;
};

typedef void dlq_confirmed_fn(void *ctx, const struct dlq_letter *letter);

struct dlq_options {
    char *const *environment;
    const char *bootstrap_servers;
    const char *topic;
    const char *source_topic;
    const struct kafka_iam *iam;
    dlq_confirmed_fn *confirmed;
    void *ctx;
};

/* The producer is started with the first letter. NULL without memory. */
struct dlq *dlq_new(const struct dlq_options *options, struct error *err);
void dlq_free(struct dlq *dlq);

/* Copies the letter and sends it. Returns 0, or a negative code when the producer cannot be had. */
int dlq_send(struct dlq *dlq, const struct dlq_letter *letter, struct error *err) MUST_USE;
/* Bytes and number of letters that are not confirmed. */
size_t dlq_bytes(const struct dlq *dlq);
size_t dlq_pending(const struct dlq *dlq);
/* Readable when there are reports; -1 while there was no letter yet. */
int dlq_fd(const struct dlq *dlq);
/* Takes reports and sends again what failed and is due. */
void dlq_run(struct dlq *dlq, int64_t now_ms);

#endif
