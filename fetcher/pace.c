/* SPDX-License-Identifier: Apache-2.0 */
#include "fetcher/pace.h"

#include <math.h>

void pace_init(struct pace *pace, double users_per_second)
{
    *pace = (struct pace){.interval_us = users_per_second > 0 ? 1e6 / users_per_second : 0};
}

bool pace_take(struct pace *pace, int64_t now_us)
{
    double now = (double)now_us;

    if (pace->interval_us <= 0) {
        return true;
    }
    if (pace->next_us > now) {
        return false;
    }
    if (pace->next_us < now - PACE_CATCH_UP_US) {
        pace->next_us = now; /* the first one, or after a pause */
    }
    pace->next_us += pace->interval_us;
    return true;
}

int64_t pace_wait_us(const struct pace *pace, int64_t now_us)
{
    double wait = pace->interval_us > 0 ? ceil(pace->next_us - (double)now_us) : 0;

    return wait > 0 ? (int64_t)wait : 0;
}
