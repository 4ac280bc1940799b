/* SPDX-License-Identifier: Apache-2.0 */
/* When a call that failed is tried again: longer and longer by its outcome, for ever. */
#ifndef ANALYTICS_BACKOFF_H
#define ANALYTICS_BACKOFF_H

#include <stdint.h>

#include "lib/aws.h"

struct backoff {
    unsigned attempts; /* that failed in a row */
    int64_t due_ms;    /* monotonic; nothing is tried before */
};

/* Notes a failure; returns the milliseconds until the next try. */
int64_t backoff_failed(struct backoff *backoff, enum aws_outcome outcome, int64_t now_ms, uint64_t random);
void backoff_succeeded(struct backoff *backoff);

#endif
