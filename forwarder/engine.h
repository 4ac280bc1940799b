/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forwarder's heart: records from the consumer, in batches to Kinesis, and each one settled once:
 * confirmed by Kinesis, confirmed by the dead-letter topic, dropped by configuration, or left uncommitted.
 *
 * A record is encoded straight into the open batch. Only one that has to wait is held on its own: in the lane
 * of its key while an earlier record of that key is on its way, or in the wheel until it is sent again. A
 * request that fails as a whole is sent again as it is; of one that fails in part only the failed records
 * are.
 */
#ifndef FORWARDER_ENGINE_H
#define FORWARDER_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "forwarder/config.h"
#include "forwarder/consumer.h"
#include "forwarder/dlq.h"
#include "lib/aws.h"
#include "lib/metrics.h"

struct engine;

struct engine_options {
    const struct forwarder_config *config;
    struct aws_client *aws;
    struct creds_chain *creds;
    struct metrics *metrics;
};

/* NULL with err filled on failure. Consumer and dead-letter topic are set before the first engine_run(). */
struct engine *engine_new(const struct engine_options *options, struct error *err);
void engine_free(struct engine *engine);
void engine_attach(struct engine *engine, struct consumer *consumer, struct dlq *dlq);
/* For the consumer and the dead-letter topic: who gets their events. */
struct consumer_events engine_consumer_events(struct engine *engine);
void engine_dead_lettered(void *ctx, const struct dlq_letter *letter);

/* Everything that is due: takes records, starts requests, commits, hands partitions back. */
void engine_run(struct engine *engine, int64_t now_ms);
/* When engine_run() is due next if nothing else happens, as milliseconds from now. */
int64_t engine_timeout_ms(struct engine *engine, int64_t now_ms);
/* True while records could be taken: then the consumer's record descriptor is worth polling. */
bool engine_hungry(const struct engine *engine);

/* No more records from now on; what is held is still sent. */
void engine_drain(struct engine *engine);
/* Records that Kinesis has confirmed since the start. */
uint64_t engine_confirmed(const struct engine *engine);
/* Records consumed and not settled. */
size_t engine_in_flight(const struct engine *engine);
/* Commits what is confirmed and waits for the result. */
void engine_commit_wait(struct engine *engine);
/* True once the engine cannot go on (FORWARDER_POISON=stop met a poisonous record, no memory). */
bool engine_failed(const struct engine *engine);

/* NULL, or why the forwarder is not ready. */
const char *engine_not_ready(struct engine *engine, int64_t now_ms);
/* Brings the metrics up to now. */
void engine_update_gauges(struct engine *engine);

#endif
