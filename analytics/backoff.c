/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/backoff.h"

#include "lib/retry.h"

/* A refusal (no permission, no such stream yet) waits for a person, the others for a moment. */
static const struct retry_policy policies[] = {
    [AWS_OK] = {.base_ms = 100, .cap_ms = 5000},        [AWS_THROTTLED] = {.base_ms = 500, .cap_ms = 10000},
    [AWS_RETRY] = {.base_ms = 100, .cap_ms = 5000},     [AWS_UNKNOWN] = {.base_ms = 200, .cap_ms = 10000},
    [AWS_REFUSED] = {.base_ms = 1000, .cap_ms = 15000},
};

int64_t backoff_failed(struct backoff *backoff, enum aws_outcome outcome, int64_t now_ms, uint64_t random)
{
    int64_t delay_ms = retry_delay_ms(&policies[outcome], backoff->attempts, random);

    backoff->attempts++;
    backoff->due_ms = now_ms + delay_ms;
    return delay_ms;
}

void backoff_succeeded(struct backoff *backoff)
{
    *backoff = (struct backoff){0};
}
