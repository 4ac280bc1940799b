/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/throttle.h"

static double used_now(const struct throttle *throttle, double per_second, int64_t now_ms)
{
    double left = throttle->used - (double)(now_ms - throttle->at_ms) * per_second / 1000.0;

    return left > 0 ? left : 0;
}

bool throttle_allows(const struct throttle *throttle, double per_second, double amount, int64_t now_ms)
{
    double used = used_now(throttle, per_second, now_ms);

    /* What is larger than a whole second's allowance passes when nothing is booked. */
    return used + amount <= per_second || (amount > per_second && used <= 0);
}

void throttle_take(struct throttle *throttle, double per_second, double amount, int64_t now_ms)
{
    throttle->used = used_now(throttle, per_second, now_ms) + amount;
    throttle->at_ms = now_ms;
}
