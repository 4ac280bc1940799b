/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long to wait before trying again: capped exponential back-off with full jitter, that is a random
 * time between 0 and min(cap, base * 2^attempt). Pure; the random number comes from the caller.
 */
#ifndef LIB_RETRY_H
#define LIB_RETRY_H

#include <stdint.h>

struct retry_policy {
    int64_t base_ms;
    int64_t cap_ms;
};

/* `attempt` counts from 0 for the first retry. */
int64_t retry_delay_ms(const struct retry_policy *policy, unsigned attempt, uint64_t random);

#endif
