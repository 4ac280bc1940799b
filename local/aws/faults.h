/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults on order, for the tests of clients: which calls of Kinesis and Firehose go wrong, how, and how
 * often. Orders come as JSON through /_local/faults:
 *
 *   {"seed": 42, "faults": [
 *     {"kind": "throttle_record", "service": "kinesis", "operation": "PutRecords", "rate": 0.1,
 *      "shard": "shardId-000000000000"},
 *     {"kind": "error", "code": "InternalFailure", "status": 500, "rate": 0.05, "count": 10},
 *     {"kind": "latency", "min_ms": 5, "max_ms": 50, "rate": 1}]}
 *
 *   throttle_record   ProvisionedThroughputExceededException for one record (Firehose:
 * ServiceUnavailableException) fail_record       InternalFailure for one record error             the whole
 * call is refused with "code" and "status" (default: AWS's for that code), and with "skew_ms" in its Date
 * header latency           the call waits between min_ms and max_ms before it is handled reset_before the
 * connection is closed, nothing was done reset_after       everything was done, the connection is closed
 * without an answer truncate          everything was done, the connection is closed in the middle of the
 * answer malformed         everything was done, the answer is 200 and not JSON clock             the server's
 * clock is wrong by "skew_ms": signatures are judged by it and Date shows it
 *
 * "service", "operation" and "shard" narrow an order down; "rate" is its probability (1); "count" is how
 * often it strikes before it ends (no end). The same seed and the same calls give the same faults. Pure.
 */
#ifndef LOCAL_AWS_FAULTS_H
#define LOCAL_AWS_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"
#include "lib/metrics.h"
#include "lib/str.h"

enum { FAULTS_CAP = 64, FAULT_TEXT_CAP = 96 };

struct faults;

/* `metrics` may be NULL; else it counts in METRIC_FAULTS. */
struct faults *faults_new(struct metrics *metrics);
void faults_free(struct faults *faults);

/* Replaces all orders by those of a JSON document; on an error nothing changes and err says which. */
int faults_order(struct faults *faults, struct str json, struct error *err) MUST_USE;
void faults_clear(struct faults *faults);
/* The orders in force as JSON, each with "struck": how often it did. */
void faults_write(const struct faults *faults, struct buf *out);

/* What is to happen to one call. */
struct fault_verdict {
    int64_t delay_ms;
    bool reset_before, reset_after, truncate, malformed;
    int status; /* 0: no error */
    char code[FAULT_TEXT_CAP];
    int64_t skew_ms;
};

/* Draws for one call; `faults` NULL: nothing happens. */
void faults_draw(struct faults *faults, const char *service, const char *operation,
                 struct fault_verdict *ret);
/* Draws for one record: the error code to give it, or NULL. `shard` is NULL for Firehose. */
const char *faults_draw_record(struct faults *faults, const char *service, const char *operation,
                               const char *shard);
/* How wrong the server's clock is to be, in milliseconds. */
int64_t faults_clock_skew_ms(const struct faults *faults, const char *service);

#endif
