/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rate limits as AWS applies them to a shard: an allowance that refills every moment up to what one second
 * gives. Pure.
 */
#ifndef LOCAL_AWS_THROTTLE_H
#define LOCAL_AWS_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

struct throttle {
    double used; /* of one second's allowance, at `at_ms` */
    int64_t at_ms;
};

/* Whether `amount` may pass now under `per_second`; it is booked only by throttle_take. */
bool throttle_allows(const struct throttle *throttle, double per_second, double amount, int64_t now_ms);
void throttle_take(struct throttle *throttle, double per_second, double amount, int64_t now_ms);

#endif
