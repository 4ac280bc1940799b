/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prometheus metrics from one table per service: the text of /metrics and docs/metrics.md come from it.
 * Names and labels are part of the interface. One thread only.
 */
#ifndef LIB_METRICS_H
#define LIB_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric_def {
    const char *name; /* "forwarder_records_confirmed_total"; unit in the name, counters end in _total */
    enum metric_kind kind;
    const char *help;
    /*
     * NULL, or the name of the one label ("reason", "partition"). Values listed in `label_values` (ends
     * with NULL) appear from the start with 0; others appear when they are first used, at most
     * METRICS_LABEL_CAP of them, the rest counting under "other".
     */
    const char *label;
    const char *const *label_values;
    const double *buckets; /* METRIC_HISTOGRAM: upper bounds, ascending */
    size_t bucket_count;
};

enum { METRICS_LABEL_CAP = 4096 };

struct metrics;

/* `defs` is borrowed. Indices into it name the metrics from here on. Returns NULL without memory. */
struct metrics *metrics_new(const struct metric_def *defs, size_t count);
void metrics_free(struct metrics *metrics);

/* For metrics without a label. */
void metrics_add(struct metrics *metrics, size_t index, uint64_t amount);
void metrics_set(struct metrics *metrics, size_t index, double value);
void metrics_observe(struct metrics *metrics, size_t index, double value);
/* For metrics with a label. */
void metrics_add_label(struct metrics *metrics, size_t index, const char *label_value, uint64_t amount);
void metrics_set_label(struct metrics *metrics, size_t index, const char *label_value, double value);
/* Forgets all values of a labelled metric, e.g. the lag of partitions now owned by another. */
void metrics_clear_labels(struct metrics *metrics, size_t index);

/* The value of a metric without a label; for one with a label the sum over its values. */
double metrics_get(const struct metrics *metrics, size_t index);
double metrics_get_label(const struct metrics *metrics, size_t index, const char *label_value);

/* Prometheus text format 0.0.4. */
void metrics_write(const struct metrics *metrics, struct buf *out);
/* A Markdown table: name, type, labels, meaning. */
void metrics_markdown(const struct metric_def *defs, size_t count, struct buf *out);

#endif
