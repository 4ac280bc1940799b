/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of the engine share and nobody else sees:
 *   intake    takes records from Kafka, into the open batch or into the lanes of their keys
 *   sender    sends batches when they are due
 *   outcome   reads answers and decides: confirmed, sent again, or never to be taken
 *   packing   makes one Kinesis record of several that wait for each other, and takes it apart
 *   settle    the ends that a record can come to
 *   handover  commits offsets; takes partitions over and hands them back
 *   gauges    readiness and metrics
 * Each part is called by the engine's turn or by a part above it in this list.
 */
#ifndef FORWARDER_ENGINE_STATE_H
#define FORWARDER_ENGINE_STATE_H

#include "forwarder/engine.h"
#include "forwarder/key.h"
#include "forwarder/lanes.h"
#include "forwarder/metrics.h"
#include "forwarder/partitions.h"
#include "forwarder/rate.h"
#include "forwarder/request.h"
#include "forwarder/stream.h"
#include "forwarder/wheel.h"

struct engine {
    const struct forwarder_config *config;
    struct aws_client *aws;
    struct creds_chain *creds;
    struct metrics *metrics;
    struct consumer *consumer;
    struct dlq *dlq;
    struct stream stream;
    enum key_source key_source;
    const char *key_header;

    struct partitions partitions;
    struct lanes *lanes;
    struct held_list ready; /* settled lanes' next records and what the wheel gave back: before new ones */
    struct wheel wheel;
    struct rate rate;
    struct request *requests;
    size_t request_count;
    struct request *open; /* the batch being filled, or NULL */
    size_t sent;          /* requests without an answer */

    struct buf aggregate; /* where one is put together or taken apart; all of its memory from the start */

    size_t alive;      /* records consumed and not settled */
    size_t held_bytes; /* records on their own, and what packed ones need to be so again */
    size_t held_cap;
    size_t used;   /* engine_memory() at the start of the turn, and what was taken in since */
    size_t wanted; /* bound of the next record, which found no room; 0: it was not looked at */

    int64_t commit_due_ms;
    size_t commits_pending;
    int64_t revoke_deadline_ms;
    int64_t failing_since_ms; /* 0: the last request did not fail */
    int64_t last_success_wall_ms;
    int64_t trouble_logged_ms;
    uint64_t trouble_unlogged;
    uint64_t consumed;
    uint64_t consumed_bytes;
    uint64_t confirmed;
    bool draining;
    bool failed;
};

/* Bytes of records and their accounts in memory, librdkafka's queue aside. */
size_t engine_memory(const struct engine *engine);
/* The engine cannot go on: the process stops, and what is not confirmed stays uncommitted. */
void engine_fail(struct engine *engine, const char *event, const char *why);
void engine_fail_memory(struct engine *engine);

#endif
