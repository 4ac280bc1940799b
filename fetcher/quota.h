/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ceiling asked of the API: never more than `users` in any span of `seconds`, wherever the span begins.
 * A plain token bucket of that size lets nearly twice as much pass in one span (the full bucket, then what
 * flows in), and the API counts in spans. So the tokens spent come back only when they are a whole span old;
 * they are kept in slots of 1/64 span, each of which comes back when its youngest is old enough. Pure.
 */
#ifndef FETCHER_QUOTA_H
#define FETCHER_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/quota.h"

enum { QUOTA_SLOTS = 64 };

struct quota_bucket {
    struct quota quota;
    int64_t slot_ms;
    int64_t spent[QUOTA_SLOTS + 1]; /* a ring over slot numbers; one more since the first is never whole */
    int64_t newest;                 /* number of the newest slot: time / slot_ms */
};

void quota_init(struct quota_bucket *bucket, struct quota quota, int64_t now_ms);
/* Milliseconds until `users` may be asked for: 0 means now. More than the whole quota counts as the quota. */
int64_t quota_wait_ms(struct quota_bucket *bucket, int64_t users, int64_t now_ms);
/* Counts them as asked for. */
void quota_spend(struct quota_bucket *bucket, int64_t users, int64_t now_ms);

#endif
