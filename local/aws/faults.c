/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/faults.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/json.h"

#include "local/aws/metrics.h"

enum fault_kind {
    FAULT_THROTTLE_RECORD,
    FAULT_FAIL_RECORD,
    FAULT_ERROR,
    FAULT_LATENCY,
    FAULT_RESET_BEFORE,
    FAULT_RESET_AFTER,
    FAULT_TRUNCATE,
    FAULT_MALFORMED,
    FAULT_CLOCK,
    FAULT_KIND_COUNT
};

static const char *const kind_names[FAULT_KIND_COUNT] = {"throttle_record", "fail_record",  "error",
                                                         "latency",         "reset_before", "reset_after",
                                                         "truncate",        "malformed",    "clock"};

/* Codes that are not 400. */
static const struct {
    const char *code;
    int status;
} statuses[] = {{"InternalFailure", 500},
                {"InternalFailureException", 500},
                {"InternalServerError", 500},
                {"ServiceUnavailable", 503},
                {"ServiceUnavailableException", 503}};

struct fault {
    enum fault_kind kind;
    char service[FAULT_TEXT_CAP]; /* empty: any */
    char operation[FAULT_TEXT_CAP];
    char shard[FAULT_TEXT_CAP];
    char code[FAULT_TEXT_CAP];
    double rate;
    int64_t count; /* -1: no end */
    int64_t struck;
    int64_t status, min_ms, max_ms, skew_ms;
};

struct faults {
    struct metrics *metrics;
    uint64_t seed;
    uint64_t random;
    struct fault list[FAULTS_CAP];
    size_t count;
};

struct faults *faults_new(struct metrics *metrics)
{
    struct faults *faults = calloc(1, sizeof(*faults));

    if (faults) {
        faults->metrics = metrics;
    }
    return faults;
}

void faults_free(struct faults *faults)
{
    free(faults);
}

void faults_clear(struct faults *faults)
{
    faults->count = 0;
}

/* --- reading orders --------------------------------------------------------------------------------------
 */

static int read_text(const cJSON *item, const char *name, char out[FAULT_TEXT_CAP], struct error *err)
{
    const char *text = json_string(item, name);

    if (json_get(item, name) && (!text || strlen(text) >= FAULT_TEXT_CAP)) {
        return error_set(err, ERROR_SYNTAX, false, "%s must be a short text", name);
    }
    snprintf(out, FAULT_TEXT_CAP, "%s", text ? text : "");
    return 0;
}

static int read_number(const cJSON *item, const char *name, long long min, long long max, long long fallback,
                       int64_t *ret, struct error *err)
{
    long long value = fallback;

    if (json_get(item, name) && !json_int64(item, name, min, max, &value)) {
        return error_set(err, ERROR_SYNTAX, false, "%s must be a whole number from %lld to %lld", name, min,
                         max);
    }
    *ret = value;
    return 0;
}

static int read_kind(const cJSON *item, enum fault_kind *ret, struct error *err)
{
    const char *kind = json_string(item, "kind");

    for (int i = 0; kind && i < FAULT_KIND_COUNT; i++) {
        if (strcmp(kind, kind_names[i]) == 0) {
            *ret = (enum fault_kind)i;
            return 0;
        }
    }
    return error_set(err, ERROR_SYNTAX, false, "unknown kind %s", kind ? kind : "(none)");
}

static int64_t usual_status(const char *code)
{
    for (size_t i = 0; i < ARRAY_LENGTH(statuses); i++) {
        if (strcmp(statuses[i].code, code) == 0) {
            return statuses[i].status;
        }
    }
    return 400;
}

static int read_fault(const cJSON *item, struct fault *ret, struct error *err)
{
    const cJSON *rate = json_get(item, "rate");

    if (read_kind(item, &ret->kind, err) || read_text(item, "service", ret->service, err) ||
        read_text(item, "operation", ret->operation, err) || read_text(item, "shard", ret->shard, err) ||
        read_text(item, "code", ret->code, err)) {
        return -ERROR_SYNTAX;
    }
    if (ret->kind == FAULT_ERROR && ret->code[0] == '\0') {
        return error_set(err, ERROR_SYNTAX, false, "an error needs a code");
    }
    if (rate && (!cJSON_IsNumber(rate) || rate->valuedouble < 0 || rate->valuedouble > 1)) {
        return error_set(err, ERROR_SYNTAX, false, "rate must be a number from 0 to 1");
    }
    ret->rate = rate ? rate->valuedouble : 1;
    if (read_number(item, "count", 1, INT32_MAX, -1, &ret->count, err) ||
        read_number(item, "status", 300, 599, usual_status(ret->code), &ret->status, err) ||
        read_number(item, "min_ms", 0, 600000, 0, &ret->min_ms, err) ||
        read_number(item, "max_ms", ret->min_ms, 600000, ret->min_ms, &ret->max_ms, err)) {
        return -ERROR_SYNTAX;
    }
    return read_number(item, "skew_ms", -4000000000000LL, 4000000000000LL, 0, &ret->skew_ms, err);
}

static int read_orders(const cJSON *root, struct faults *ret, struct error *err)
{
    const cJSON *list = json_get(root, "faults");
    const cJSON *item;
    int64_t seed = 1;

    if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > FAULTS_CAP) {
        return error_set(err, ERROR_SYNTAX, false, "faults must be a list of at most %d", FAULTS_CAP);
    }
    if (read_number(root, "seed", 0, INT32_MAX, 1, &seed, err)) {
        return -ERROR_SYNTAX;
    }
    ret->seed = (uint64_t)seed;
    ret->random = (uint64_t)seed;
    cJSON_ArrayForEach(item, list)
    {
        if (read_fault(item, &ret->list[ret->count], err)) {
            error_prefix(err, "fault %zu", ret->count + 1);
            return -ERROR_SYNTAX;
        }
        ret->count++;
    }
    return 0;
}

int faults_order(struct faults *faults, struct str json, struct error *err)
{
    struct faults *fresh = faults_new(faults->metrics);
    cJSON *root = json_parse(json.ptr, json.len, err);
    int code = -ERROR_SYNTAX;

    if (fresh && root) {
        code = read_orders(root, fresh, err);
    }
    if (code == 0) {
        *faults = *fresh;
    }
    cJSON_Delete(root);
    faults_free(fresh);
    return code;
}

void faults_write(const struct faults *faults, struct buf *out)
{
    buf_addf(out, "{\"seed\":%" PRIu64 ",\"faults\":[", faults->seed);
    for (size_t i = 0; i < faults->count; i++) {
        const struct fault *fault = &faults->list[i];
        buf_addf(out, "%s{\"kind\":\"%s\",\"rate\":%.6g,\"struck\":%" PRId64, i ? "," : "",
                 kind_names[fault->kind], fault->rate, fault->struck);
        if (fault->count >= 0) {
            buf_addf(out, ",\"count\":%" PRId64, fault->count);
        }
        if (fault->operation[0]) {
            buf_add_str(out, ",\"operation\":");
            buf_add_json_string(out, fault->operation, strlen(fault->operation));
        }
        if (fault->code[0]) {
            buf_add_str(out, ",\"code\":");
            buf_add_json_string(out, fault->code, strlen(fault->code));
        }
        buf_add_char(out, '}');
    }
    buf_add_str(out, "]}\n");
}

/* --- drawing ---------------------------------------------------------------------------------------------
 */

/* SplitMix64: small, and the same everywhere for one seed. */
static uint64_t next_random(struct faults *faults)
{
    uint64_t z = faults->random += 0x9E3779B97F4A7C15ULL;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

static bool matches(const char *wanted, const char *given)
{
    return wanted[0] == '\0' || (given && strcmp(wanted, given) == 0);
}

static bool strikes(struct faults *faults, struct fault *fault)
{
    double drawn = (double)(next_random(faults) >> 11) / 9007199254740992.0; /* 2^53 */

    if (drawn >= fault->rate || (fault->count >= 0 && fault->struck >= fault->count)) {
        return false;
    }
    fault->struck++;
    if (faults->metrics) {
        metrics_add_label(faults->metrics, METRIC_FAULTS, kind_names[fault->kind], 1);
    }
    return true;
}

static void apply(struct faults *faults, const struct fault *fault, struct fault_verdict *verdict)
{
    switch (fault->kind) {
    case FAULT_ERROR:
        verdict->status = (int)fault->status;
        memcpy(verdict->code, fault->code, sizeof(verdict->code));
        verdict->skew_ms = fault->skew_ms;
        break;
    case FAULT_LATENCY:
        verdict->delay_ms +=
            fault->min_ms + (int64_t)(next_random(faults) % (uint64_t)(fault->max_ms - fault->min_ms + 1));
        break;
    case FAULT_RESET_BEFORE:
        verdict->reset_before = true;
        break;
    case FAULT_RESET_AFTER:
        verdict->reset_after = true;
        break;
    case FAULT_TRUNCATE:
        verdict->truncate = true;
        break;
    case FAULT_MALFORMED:
        verdict->malformed = true;
        break;
    case FAULT_THROTTLE_RECORD:
    case FAULT_FAIL_RECORD:
    case FAULT_CLOCK:
    case FAULT_KIND_COUNT:
        break; /* not for whole calls */
    }
}

static bool is_for_records(const struct fault *fault)
{
    return fault->kind == FAULT_THROTTLE_RECORD || fault->kind == FAULT_FAIL_RECORD;
}

void faults_draw(struct faults *faults, const char *service, const char *operation, struct fault_verdict *ret)
{
    *ret = (struct fault_verdict){0};
    for (size_t i = 0; faults && i < faults->count; i++) {
        struct fault *fault = &faults->list[i];
        if (!is_for_records(fault) && fault->kind != FAULT_CLOCK && matches(fault->service, service) &&
            matches(fault->operation, operation) && strikes(faults, fault)) {
            apply(faults, fault, ret);
        }
    }
}

const char *faults_draw_record(struct faults *faults, const char *service, const char *operation,
                               const char *shard)
{
    for (size_t i = 0; faults && i < faults->count; i++) {
        struct fault *fault = &faults->list[i];
        if (is_for_records(fault) && matches(fault->service, service) &&
            matches(fault->operation, operation) && matches(fault->shard, shard) && strikes(faults, fault)) {
            if (fault->kind == FAULT_FAIL_RECORD) {
                return "InternalFailure";
            }
            return shard ? "ProvisionedThroughputExceededException" : "ServiceUnavailableException";
        }
    }
    return NULL;
}

int64_t faults_clock_skew_ms(const struct faults *faults, const char *service)
{
    for (size_t i = 0; faults && i < faults->count; i++) {
        if (faults->list[i].kind == FAULT_CLOCK && matches(faults->list[i].service, service)) {
            return faults->list[i].skew_ms;
        }
    }
    return 0;
}
