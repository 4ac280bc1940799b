/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A world for the forwarder's engine: one Kafka topic, a consumer group that takes partitions away and gives
 * them back, a Kinesis stream that throttles, fails, times out and stores in the wrong moment, and a
 * dead-letter topic. All of it in one thread with a clock of its own, driven by one random seed: the same
 * seed is the same run, and an hour takes a second. It plays the engine's neighbours (consumer, dlq,
 * aws_call, the clocks, random_u64) and asserts, at every step, what the forwarder promises:
 *
 *   - a commit never covers a record that is neither in the stream nor confirmed as dead letter
 *   - an aggregate is sound, within its cap, of one key and one partition, in Kafka's order, and not of one
 * record
 *   - of a key one Kinesis record is on its way at a time, and first copies reach the stream in Kafka's order
 *   - a request's body does not change while it is on its way; it keeps AWS's limits
 *   - consumed = confirmed + dead-lettered + dropped + released + in flight
 *   - memory stays within its bound
 *   - the loop never spins without anything to do
 */
#ifndef TESTS_UNIT_FORWARDER_WORLD_H
#define TESTS_UNIT_FORWARDER_WORLD_H

#include <stdbool.h>
#include <stdint.h>

enum { WORLD_PARTITIONS = 6, WORLD_KEYS = 40 };

/* How bad it is; all of it ends after `calm_ms`. Shares are out of 1000. */
struct weather {
    unsigned records;        /* in the topic, made in the first half of the bad time */
    unsigned throttled;      /* share of records */
    unsigned internal;       /* share of records */
    unsigned request_faults; /* share of requests that fail as a whole, in all ways */
    unsigned commit_faults;  /* share of commits */
    unsigned letter_faults;  /* share of letters that take long */
    unsigned poison;         /* share of records that Kinesis refuses as invalid */
    unsigned too_large;      /* share of records over the stream's cap */
    unsigned nulls;          /* share of records without a key, and of records without a value */
    int64_t rebalance_ms;    /* mean distance of rebalances; 0: none */
    int64_t kill_ms;         /* mean distance of kill -9; 0: none */
    int64_t stop_ms;         /* mean distance of SIGTERM; 0: none */
    int64_t down_ms;         /* Kinesis is down from the start for so long */
    int64_t calm_ms;
    int value_bytes; /* mean */
    int order;       /* enum forwarder_order */
    int poison_policy;
    int64_t buffer_bytes;
    int64_t aggregate_bytes;
    unsigned keys; /* how many of WORLD_KEYS there are; 0: all */
};

/* Runs a world to its end and asserts that everything has arrived and is committed. */
void world_run(uint64_t seed, const struct weather *weather);
/* Aggregates that streams have got so far, and those that were refused when they were sent alone. */
uint64_t world_aggregates_stored(void);
uint64_t world_aggregates_refused(void);

#endif
