/* SPDX-License-Identifier: Apache-2.0 */
/* The metrics of local-aws; the enum holds the indices into the table. */
#ifndef LOCAL_AWS_METRICS_H
#define LOCAL_AWS_METRICS_H

#include "lib/metrics.h"

enum local_metric {
    METRIC_REQUESTS,
    METRIC_REFUSED,
    METRIC_REQUEST_SECONDS,
    METRIC_KINESIS_RECORDS,
    METRIC_KINESIS_READ,
    METRIC_KINESIS_THROTTLED,
    METRIC_FIREHOSE_RECORDS,
    METRIC_FIREHOSE_DELIVERED,
    METRIC_FIREHOSE_DROPPED,
    METRIC_FIREHOSE_FAILED,
    METRIC_FIREHOSE_BUFFERED,
    METRIC_LAMBDA_CALLS,
    METRIC_S3_OBJECTS,
    METRIC_S3_OBJECTS_STORED,
    METRIC_FAULTS,
    LOCAL_METRIC_COUNT
};

extern const struct metric_def local_metrics[LOCAL_METRIC_COUNT];

#endif
