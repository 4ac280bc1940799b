/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An even pace: one user every 1/rate seconds. A delay (a busy processor, Kafka's queue full) is caught up
 * for a tenth of a second at most, so that no burst follows a pause. Pure.
 */
#ifndef FETCHER_PACE_H
#define FETCHER_PACE_H

#include <stdbool.h>
#include <stdint.h>

enum { PACE_CATCH_UP_US = 100000 };

struct pace {
    double interval_us; /* 0: no limit */
    double next_us;     /* when the next one is due; 0 before the first */
};

void pace_init(struct pace *pace, double users_per_second);
/* True if a user is due; it is then counted as sent. */
bool pace_take(struct pace *pace, int64_t now_us);
/* Microseconds until one is due: 0 if it is. */
int64_t pace_wait_us(const struct pace *pace, int64_t now_us);

#endif
