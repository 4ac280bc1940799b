/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/rate.h"

#include <math.h>

enum {
    WINDOW_MS = 500, /* over which the rate of stored records is measured */
    CUT_INTERVAL_MS =
        200, /* at most one decrease in this time: answers under way tell of the same overload */
    RAISE_INTERVAL_MS = 200,
    FREE_AFTER_MS = 10000, /* without throttling for this long the limit is lifted */
    BURST_MS = 100
};

static const double floor_records = 100; /* records per second that are always tried */
static const double raise_share = 0.05;  /* of the rate at the first throttling, per RAISE_INTERVAL_MS */
static const double cut_share = 0.5;     /* of the limit, when everything was throttled */

void rate_init(struct rate *rate, int64_t now_ms)
{
    *rate = (struct rate){.limit = INFINITY,
                          .refilled_ms = now_ms,
                          .window_start_ms = now_ms,
                          .cut_ms = now_ms,
                          .raised_ms = now_ms,
                          .reported_ms = now_ms};
}

static void refill(struct rate *rate, int64_t now_ms)
{
    double most = rate->limit * BURST_MS / 1000;

    rate->tokens += rate->limit * (double)(now_ms - rate->refilled_ms) / 1000;
    rate->refilled_ms = now_ms;
    if (rate->tokens > most) {
        rate->tokens = most;
    }
}

int64_t rate_delay_ms(struct rate *rate, int64_t now_ms)
{
    if (isinf(rate->limit)) {
        return 0;
    }
    refill(rate, now_ms);
    return rate->tokens >= 0 ? 0 : (int64_t)(-rate->tokens * 1000 / rate->limit) + 1;
}

void rate_spend(struct rate *rate, size_t count)
{
    if (!isinf(rate->limit)) {
        rate->tokens -= (double)count;
    }
}

static void measure(struct rate *rate, int64_t now_ms, size_t stored)
{
    int64_t elapsed = now_ms - rate->window_start_ms;

    if (now_ms - rate->reported_ms > WINDOW_MS) {
        rate->window_start_ms = now_ms; /* it was idle: that time says nothing about what the stream takes */
        rate->window_stored = 0;
        elapsed = 0;
    }
    rate->reported_ms = now_ms;
    rate->window_stored += (double)stored;
    if (elapsed >= WINDOW_MS) {
        rate->measured = rate->window_stored * 1000 / (double)elapsed;
        rate->window_stored = 0;
        rate->window_start_ms = now_ms;
    }
}

static void cut(struct rate *rate, int64_t now_ms, double share)
{
    if (now_ms - rate->cut_ms < CUT_INTERVAL_MS) {
        return;
    }
    if (isinf(rate->limit)) {
        if (rate->measured <= 0) {
            return; /* nothing to start from yet; the failed records wait all the same */
        }
        rate->limit = rate->measured;
        rate->step = fmax(floor_records, rate->limit * raise_share);
        rate->tokens = 0;
        rate->refilled_ms = now_ms;
        rate->raised_ms = now_ms;
    }
    rate->limit = fmax(floor_records, rate->limit * (1 - cut_share * share));
    rate->cut_ms = now_ms;
}

static void raise(struct rate *rate, int64_t now_ms)
{
    if (isinf(rate->limit) || now_ms - rate->raised_ms < RAISE_INTERVAL_MS) {
        return;
    }
    rate->raised_ms = now_ms;
    if (now_ms - rate->cut_ms >= FREE_AFTER_MS) {
        rate->limit = INFINITY;
        return;
    }
    refill(rate, now_ms);
    rate->limit += rate->step;
}

void rate_report(struct rate *rate, int64_t now_ms, size_t stored, size_t throttled)
{
    measure(rate, now_ms, stored);
    raise(rate, now_ms);
    if (throttled > 0) {
        cut(rate, now_ms, (double)throttled / (double)(stored + throttled));
    }
}

double rate_limit(const struct rate *rate)
{
    return isinf(rate->limit) ? 0 : rate->limit;
}
