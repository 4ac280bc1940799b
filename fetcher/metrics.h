/* SPDX-License-Identifier: Apache-2.0 */
/* What the fetcher counts. fetched = published + dead-lettered + what is still in hand. */
#ifndef FETCHER_METRICS_H
#define FETCHER_METRICS_H

#include "lib/metrics.h"

enum fetcher_metric {
    METRIC_USERS_FETCHED,
    METRIC_USERS_PUBLISHED,
    METRIC_USERS_DEAD_LETTERED,
    METRIC_USERS_WAITING,
    METRIC_KAFKA_IN_FLIGHT,
    METRIC_DELIVERY_FAILURES,
    METRIC_QUEUE_FULL,
    METRIC_PAGES_COMPLETED,
    METRIC_PAGE,
    METRIC_REQUESTS,
    METRIC_REQUEST_SECONDS,
    METRIC_RESPONSE_BYTES,
    METRIC_SOURCE_FAILING,
    METRIC_FALLBACK_PAGES,
    METRIC_QUOTA_WAIT,
    METRIC_RATE,
    FETCHER_METRIC_COUNT
};

extern const struct metric_def fetcher_metrics[FETCHER_METRIC_COUNT];

#endif
