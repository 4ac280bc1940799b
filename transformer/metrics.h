/* SPDX-License-Identifier: Apache-2.0 */
/* What the transformer counts. */
#ifndef TRANSFORMER_METRICS_H
#define TRANSFORMER_METRICS_H

#include "lib/metrics.h"

enum transformer_metric {
    METRIC_RECORDS,
    METRIC_INVOCATIONS,
    METRIC_EVENT_BYTES,
    METRIC_ANSWER_BYTES,
    METRIC_SECONDS,
    TRANSFORMER_METRIC_COUNT
};

extern const struct metric_def transformer_metrics[TRANSFORMER_METRIC_COUNT];

#endif
