/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One time series: a counter or gauge in `value`; a histogram in `value` (sum), `count` and `buckets`. */
struct series {
    char *label_value; /* NULL without a label */
    double value;
    uint64_t count;
    uint64_t *buckets;
};

struct family {
    struct series *series;
    size_t count;
    size_t size;
};

struct metrics {
    const struct metric_def *defs;
    size_t count;
    struct family *families;
};

static struct series *family_add(struct family *family, const struct metric_def *def, const char *label_value)
{
    struct series *series;

    if (family->count == family->size) {
        size_t size = family->size ? family->size * 2 : 1;
        struct series *grown = realloc(family->series, size * sizeof(*grown));
        if (!grown) {
            return NULL;
        }
        family->series = grown;
        family->size = size;
    }
    series = &family->series[family->count];
    memset(series, 0, sizeof(*series));
    if (label_value && !(series->label_value = strdup(label_value))) {
        return NULL;
    }
    if (def->kind == METRIC_HISTOGRAM && !(series->buckets = calloc(def->bucket_count, sizeof(uint64_t)))) {
        free(series->label_value);
        return NULL;
    }
    family->count++;
    return series;
}

static void family_clear(struct family *family)
{
    for (size_t i = 0; i < family->count; i++) {
        free(family->series[i].label_value);
        free(family->series[i].buckets);
    }
    family->count = 0;
}

static bool family_start(struct family *family, const struct metric_def *def)
{
    if (!def->label) {
        return family_add(family, def, NULL) != NULL;
    }
    for (const char *const *value = def->label_values; value && *value; value++) {
        if (!family_add(family, def, *value)) {
            return false;
        }
    }
    return true;
}

struct metrics *metrics_new(const struct metric_def *defs, size_t count)
{
    struct metrics *metrics = calloc(1, sizeof(*metrics));

    if (!metrics) {
        return NULL;
    }
    metrics->defs = defs;
    metrics->count = count;
    metrics->families = calloc(count ? count : 1, sizeof(*metrics->families));
    if (!metrics->families) {
        metrics_free(metrics);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (!family_start(&metrics->families[i], &defs[i])) {
            metrics_free(metrics);
            return NULL;
        }
    }
    return metrics;
}

void metrics_free(struct metrics *metrics)
{
    if (!metrics) {
        return;
    }
    for (size_t i = 0; metrics->families && i < metrics->count; i++) {
        family_clear(&metrics->families[i]);
        free(metrics->families[i].series);
    }
    free(metrics->families);
    free(metrics);
}

static struct series *family_find(const struct family *family, const char *label_value)
{
    for (size_t i = 0; i < family->count; i++) {
        if (strcmp(family->series[i].label_value, label_value) == 0) {
            return &family->series[i];
        }
    }
    return NULL;
}

/* The series of a label value, made on first use; past the cap "other". NULL without memory. */
static struct series *labelled(struct metrics *metrics, size_t index, const char *label_value)
{
    struct family *family = &metrics->families[index];
    struct series *series = family_find(family, label_value);

    if (series) {
        return series;
    }
    if (family->count >= METRICS_LABEL_CAP) {
        series = family_find(family, "other");
        label_value = "other";
    }
    return series ? series : family_add(family, &metrics->defs[index], label_value);
}

void metrics_add(struct metrics *metrics, size_t index, uint64_t amount)
{
    metrics->families[index].series[0].value += (double)amount;
}

void metrics_set(struct metrics *metrics, size_t index, double value)
{
    metrics->families[index].series[0].value = value;
}

void metrics_observe(struct metrics *metrics, size_t index, double value)
{
    const struct metric_def *def = &metrics->defs[index];
    struct series *series = &metrics->families[index].series[0];

    series->value += value;
    series->count++;
    for (size_t i = 0; i < def->bucket_count; i++) {
        if (value <= def->buckets[i]) {
            series->buckets[i]++;
            break;
        }
    }
}

void metrics_add_label(struct metrics *metrics, size_t index, const char *label_value, uint64_t amount)
{
    struct series *series = labelled(metrics, index, label_value);

    if (series) {
        series->value += (double)amount;
    }
}

void metrics_set_label(struct metrics *metrics, size_t index, const char *label_value, double value)
{
    struct series *series = labelled(metrics, index, label_value);

    if (series) {
        series->value = value;
    }
}

void metrics_clear_labels(struct metrics *metrics, size_t index)
{
    family_clear(&metrics->families[index]);
}

double metrics_get(const struct metrics *metrics, size_t index)
{
    const struct family *family = &metrics->families[index];
    double sum = 0;

    for (size_t i = 0; i < family->count; i++) {
        sum += family->series[i].value;
    }
    return sum;
}

double metrics_get_label(const struct metrics *metrics, size_t index, const char *label_value)
{
    const struct series *series = family_find(&metrics->families[index], label_value);

    return series ? series->value : 0;
}

static void add_value(struct buf *out, double value)
{
    if (value == floor(value) && fabs(value) < 1e15) {
        buf_addf(out, "%.0f\n", value);
    } else {
        buf_addf(out, "%.9g\n", value);
    }
}

/* A label value with the three escapes of the text format. */
static void add_label_value(struct buf *out, const char *value)
{
    for (; *value; value++) {
        if (*value == '\\' || *value == '"') {
            buf_add_char(out, '\\');
        }
        if (*value == '\n') {
            buf_add_str(out, "\\n");
        } else {
            buf_add_char(out, *value);
        }
    }
}

static void write_histogram(const struct metric_def *def, const struct series *series, struct buf *out)
{
    uint64_t cumulative = 0;

    for (size_t i = 0; i < def->bucket_count; i++) {
        cumulative += series->buckets[i];
        buf_addf(out, "%s_bucket{le=\"%g\"} %llu\n", def->name, def->buckets[i],
                 (unsigned long long)cumulative);
    }
    buf_addf(out, "%s_bucket{le=\"+Inf\"} %llu\n", def->name, (unsigned long long)series->count);
    buf_addf(out, "%s_sum ", def->name);
    add_value(out, series->value);
    buf_addf(out, "%s_count %llu\n", def->name, (unsigned long long)series->count);
}

static const char *kind_name(enum metric_kind kind)
{
    return kind == METRIC_COUNTER ? "counter" : kind == METRIC_GAUGE ? "gauge" : "histogram";
}

void metrics_write(const struct metrics *metrics, struct buf *out)
{
    for (size_t i = 0; i < metrics->count; i++) {
        const struct metric_def *def = &metrics->defs[i];
        const struct family *family = &metrics->families[i];

        buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", def->name, def->help, def->name, kind_name(def->kind));
        for (size_t j = 0; j < family->count; j++) {
            const struct series *series = &family->series[j];
            if (def->kind == METRIC_HISTOGRAM) {
                write_histogram(def, series, out);
                continue;
            }
            buf_add_str(out, def->name);
            if (def->label) {
                buf_addf(out, "{%s=\"", def->label);
                add_label_value(out, series->label_value);
                buf_add_str(out, "\"}");
            }
            buf_add_char(out, ' ');
            add_value(out, series->value);
        }
    }
}

void metrics_markdown(const struct metric_def *defs, size_t count, struct buf *out)
{
    buf_add_str(out, "| metric | type | label | meaning |\n|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        buf_addf(out, "| `%s` | %s | ", defs[i].name, kind_name(defs[i].kind));
        if (defs[i].label) {
            buf_addf(out, "`%s`", defs[i].label);
            for (const char *const *value = defs[i].label_values; value && *value; value++) {
                buf_addf(out, "%s%s", value == defs[i].label_values ? ": " : ", ", *value);
            }
        }
        buf_addf(out, " | %s |\n", defs[i].help);
    }
}
