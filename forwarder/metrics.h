/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Metrics of the forwarder. At any scrape:
 *   consumed = confirmed + dead-lettered + dropped + released + in flight
 */
#ifndef FORWARDER_METRICS_H
#define FORWARDER_METRICS_H

#include "lib/metrics.h"

enum forwarder_metric {
    FWD_CONSUMED,
    FWD_CONSUMED_BYTES,
    FWD_CONFIRMED,
    FWD_DEAD_LETTERED,
    FWD_DROPPED,
    FWD_RELEASED,
    FWD_IN_FLIGHT,
    FWD_HELD_BYTES,
    FWD_RESENT,
    FWD_POSSIBLE_DUPLICATES,
    FWD_REQUESTS,
    FWD_REQUESTS_IN_FLIGHT,
    FWD_REQUEST_SECONDS,
    FWD_DELIVERY_SECONDS,
    FWD_BATCH_RECORDS,
    FWD_AGGREGATE_RECORDS,
    FWD_SHARD_THROTTLES,
    FWD_RATE_LIMIT,
    FWD_LAG,
    FWD_PARTITIONS,
    FWD_COMMITS,
    FWD_REBALANCES,
    FWD_CREDENTIALS_EXPIRY,
    FWD_LAST_SUCCESS,
    FWD_RECORD_CAP,
    FWD_METRIC_COUNT
};

extern const struct metric_def forwarder_metrics[FWD_METRIC_COUNT];

#endif
