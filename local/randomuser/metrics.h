/* SPDX-License-Identifier: Apache-2.0 */
/* What local-randomuser counts. */
#ifndef LOCAL_RANDOMUSER_METRICS_H
#define LOCAL_RANDOMUSER_METRICS_H

#include "lib/metrics.h"

enum randomuser_metric { METRIC_REQUESTS, METRIC_USERS, METRIC_BYTES, RANDOMUSER_METRIC_COUNT };

extern const struct metric_def randomuser_metrics[RANDOMUSER_METRIC_COUNT];

#endif
