/* SPDX-License-Identifier: Apache-2.0 */
#include "transformer/metrics.h"

#include "lib/attr.h"

static const char *const results[] = {"Ok", "ProcessingFailed", NULL};
static const char *const outcomes[] = {"ok", "function_error", "refused", NULL};
static const double seconds[] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1};

const struct metric_def transformer_metrics[TRANSFORMER_METRIC_COUNT] = {
    [METRIC_RECORDS] = {.name = "transformer_records_total",
                        .kind = METRIC_COUNTER,
                        .label = "result",
                        .label_values = results,
                        .help = "Records answered, by result."},
    [METRIC_INVOCATIONS] = {.name = "transformer_invocations_total",
                            .kind = METRIC_COUNTER,
                            .label = "outcome",
                            .label_values = outcomes,
                            .help =
                                "Invocations: answered, answered with a function error (the event was not "
                                "one of Firehose), or refused as no invocation (404, 405 and the like)."},
    [METRIC_EVENT_BYTES] = {.name = "transformer_event_bytes_total",
                            .kind = METRIC_COUNTER,
                            .help = "Bytes of events received."},
    [METRIC_ANSWER_BYTES] = {.name = "transformer_answer_bytes_total",
                             .kind = METRIC_COUNTER,
                             .help = "Bytes of answers to them, errors included."},
    [METRIC_SECONDS] = {.name = "transformer_invocation_seconds",
                        .kind = METRIC_HISTOGRAM,
                        .buckets = seconds,
                        .bucket_count = ARRAY_LENGTH(seconds),
                        .help = "Time from the whole event to the whole answer, without the network."},
};
