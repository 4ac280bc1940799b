/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast to send while Kinesis throttles: additive increase, multiplicative decrease, where the decrease is
 * in proportion to the share of records that were throttled. So a few throttled records cost almost nothing
 * and a stream that refuses everything is asked less and less. Without throttling there is no limit. Pure:
 * the time comes from the caller.
 */
#ifndef FORWARDER_RATE_H
#define FORWARDER_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rate {
    double limit;         /* records per second; INFINITY: none */
    double step;          /* what the limit grows by, in records per second */
    double tokens;        /* records that may be sent now; below 0 after a batch larger than that */
    double measured;      /* records per second stored in the last whole window; 0: none yet */
    double window_stored; /* stored since window_start_ms */
    int64_t refilled_ms;
    int64_t window_start_ms;
    int64_t reported_ms; /* the last answer */
    int64_t cut_ms;      /* when the limit was last lowered */
    int64_t raised_ms;
};

void rate_init(struct rate *rate, int64_t now_ms);
/* Milliseconds until a batch of any size may be sent; 0: now. */
int64_t rate_delay_ms(struct rate *rate, int64_t now_ms);
/* A batch of `count` records is sent. */
void rate_spend(struct rate *rate, size_t count);
/* An answer told of so many stored and throttled records. */
void rate_report(struct rate *rate, int64_t now_ms, size_t stored, size_t throttled);

/* The limit for people: 0 when there is none. */
double rate_limit(const struct rate *rate);

#endif
