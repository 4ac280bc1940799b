/* SPDX-License-Identifier: Apache-2.0 */
#include "fetcher/quota.h"

enum { RING = QUOTA_SLOTS + 1 };

void quota_init(struct quota_bucket *bucket, struct quota quota, int64_t now_ms)
{
    *bucket = (struct quota_bucket){.quota = quota};
    bucket->slot_ms = (quota.seconds * 1000 + QUOTA_SLOTS - 1) / QUOTA_SLOTS;
    bucket->newest = now_ms / bucket->slot_ms;
}

/* Lets what is a whole span old come back. */
static void advance(struct quota_bucket *bucket, int64_t now_ms)
{
    int64_t slot = now_ms / bucket->slot_ms;

    if (slot - bucket->newest > RING) {
        bucket->newest = slot - RING;
    }
    while (bucket->newest < slot) {
        bucket->newest++;
        bucket->spent[bucket->newest % RING] = 0;
    }
}

int64_t quota_wait_ms(struct quota_bucket *bucket, int64_t users, int64_t now_ms)
{
    int64_t limit = bucket->quota.users - (users < bucket->quota.users ? users : bucket->quota.users);
    int64_t spent = 0;

    advance(bucket, now_ms);
    for (int64_t age = 0; age < RING; age++) {
        int64_t slot = bucket->newest - age;
        spent += slot >= 0 ? bucket->spent[slot % RING] : 0;
        if (spent > limit) {
            return (slot + RING) * bucket->slot_ms - now_ms;
        }
    }
    return 0;
}

void quota_spend(struct quota_bucket *bucket, int64_t users, int64_t now_ms)
{
    advance(bucket, now_ms);
    bucket->spent[bucket->newest % RING] += users;
}
