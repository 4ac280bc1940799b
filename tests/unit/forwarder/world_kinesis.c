/* SPDX-License-Identifier: Apache-2.0 */
/* Kinesis as aws_call() shows it to the engine. */
#include "tests/unit/forwarder/world_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analytics/kpl.h"
#include "lib/base64.h"
#include "lib/json.h"

static const char describe_answer[] =
    "{\"StreamDescriptionSummary\":{\"StreamName\":\"users\",\"MaxRecordSizeInKiB\":1024}}";

enum { PUTS_MAX = 32768, DATA_MAX = 1 << 20 };

static uint64_t aggregates_stored;
static uint64_t aggregates_refused;

uint64_t world_aggregates_stored(void)
{
    return aggregates_stored;
}

uint64_t world_aggregates_refused(void)
{
    return aggregates_refused;
}

/* One record from Kafka in a request. */
struct put {
    int64_t partition;
    int64_t offset;
    struct fate *fate;
};

/* A Kinesis record: where its records from Kafka begin; they end where the next one's begin. */
struct puts {
    struct put list[PUTS_MAX];
    size_t count;
    size_t begin[BATCH_RECORDS_MAX + 1];
    size_t records;
    size_t raw; /* bytes by AWS's count */
};

/* The value says which record it is; one without a value has a key that does. */
static struct put trace(struct str data, const char *key)
{
    struct put put = {0};
    char value[64] = "";
    long long partition;
    long long offset;

    memcpy(value, data.ptr, data.len < sizeof(value) - 1 ? data.len : sizeof(value) - 1);
    if (sscanf(value, data.len > 0 && value[0] == '!' ? "!%lld %lld" : "%lld %lld", &partition, &offset) !=
        2) {
        PROMISE(data.len == 0 && sscanf(key, "null-%lld-%lld", &partition, &offset) == 2,
                "a record that never was");
    }
    put.partition = partition;
    put.offset = offset;
    put.fate = kafka_fate(partition, offset);
    if (data.len > 0) {
        PROMISE(str_eq(kafka_value(partition, offset), data), "a value was changed");
    }
    return put;
}

static void add_put(struct puts *puts, struct put put)
{
    PROMISE(puts->count < PUTS_MAX, "more records in a request than the world has room for");
    puts->list[puts->count++] = put;
}

static void trace_aggregate(struct str data, const char *key, struct puts *puts)
{
    static struct kpl kpl;
    size_t first = puts->count;
    struct str one;
    struct str its_key;

    PROMISE(kpl_open(&kpl, data), "an aggregate is not sound");
    PROMISE(data.len + strlen(key) <= (size_t)world.config.aggregate_bytes, "an aggregate beyond its cap");
    while (kpl_next(&kpl, &one, &its_key)) {
        struct put put = trace(one, key);

        PROMISE(str_eq(its_key, str_of(key)), "an aggregate of two keys");
        PROMISE(puts->count == first || (put.partition == puts->list[puts->count - 1].partition &&
                                         put.offset > puts->list[puts->count - 1].offset),
                "an aggregate of two partitions, or out of order");
        add_put(puts, put);
    }
    PROMISE(puts->count >= first + 2, "an aggregate of one record");
    kpl_done(&kpl);
}

static void trace_entry(const cJSON *entry, struct puts *puts)
{
    static char bytes[DATA_MAX];
    const char *base64 = json_string(entry, "Data");
    const char *key = json_string(entry, "PartitionKey");
    struct str data = {bytes, 0};

    PROMISE(base64 && key && base64_decoded_size(strlen(base64)) <= sizeof(bytes),
            "a record is not what it should be");
    PROMISE(base64_decode(str_of(base64), bytes, &data.len), "data is not base64");
    puts->raw += data.len + strlen(key);
    if (data.len > 0 && bytes[0] == (char)0xF3) {
        trace_aggregate(data, key, puts);
    } else {
        add_put(puts, trace(data, key));
    }
}

static void trace_all(struct str body, struct puts *puts)
{
    cJSON *request = json_parse(body.ptr, body.len, NULL);
    const cJSON *entry;

    puts->count = puts->records = puts->raw = 0;
    PROMISE(request, "a request is not JSON");
    cJSON_ArrayForEach(entry, cJSON_GetObjectItemCaseSensitive(request, "Records"))
    {
        PROMISE(puts->records < BATCH_RECORDS_MAX, "more than 500 records in a request");
        puts->begin[puts->records++] = puts->count;
        trace_entry(entry, puts);
    }
    puts->begin[puts->records] = puts->count;
    PROMISE(puts->records > 0, "a request without records");
    PROMISE(puts->raw <= BATCH_RAW_MAX, "more than 10 MiB in a request");
    cJSON_Delete(request);
}

static void mark_under_way(const struct puts *puts, bool leaves)
{
    for (size_t i = 0; i < puts->records && world.weather->order == ORDER_KEY; i++) {
        int key = puts->list[puts->begin[i]].fate->key;

        if (key < 0) {
            continue;
        }
        if (leaves) {
            world.under_way[key]--;
        } else {
            PROMISE(world.under_way[key]++ == 0, "two records of a key are on their way at once");
        }
    }
}

static void store(const struct put *put)
{
    struct fate *fate = put->fate;

    if (fate->stored++ > 0) {
        world.duplicates++;
    } else if (fate->key >= 0) {
        PROMISE(world.weather->order != ORDER_KEY || put->offset > world.first_stored[fate->key],
                "records of a key reached the stream out of order");
        world.first_stored[fate->key] = put->offset;
    }
}

static bool has_poison(const struct puts *puts)
{
    for (size_t i = 0; i < puts->count; i++) {
        if (puts->list[i].fate->kind == KIND_POISON) {
            return true;
        }
    }
    return false;
}

/* Stores what is not refused, record by record, and writes the answer. */
static void take_records(const struct puts *puts, struct buf *answer)
{
    size_t failed = 0;

    buf_add_str(answer, "{\"Records\":[");
    for (size_t i = 0; i < puts->records; i++) {
        const char *code = world_strikes(world.weather->throttled)  ? "ProvisionedThroughputExceededException"
                           : world_strikes(world.weather->internal) ? "InternalFailure"
                                                                    : NULL;

        buf_add_str(answer, i > 0 ? "," : "");
        if (code) {
            failed++;
            buf_addf(answer, "{\"ErrorCode\":\"%s\",\"ErrorMessage\":\"for shard shardId-000000000000\"}",
                     code);
        } else {
            aggregates_stored += puts->begin[i + 1] - puts->begin[i] > 1;
            for (size_t k = puts->begin[i]; k < puts->begin[i + 1]; k++) {
                store(&puts->list[k]);
            }
            buf_addf(answer, "{\"SequenceNumber\":\"%zu\",\"ShardId\":\"shardId-000000000000\"}", i);
        }
    }
    buf_addf(answer, "],\"FailedRecordCount\":%zu}", failed);
}

/* How a request will fare. */
static void foretell(struct call *call)
{
    static const struct {
        enum aws_outcome outcome;
        bool stored;
        bool late;
        bool garbled;
        int64_t mean_ms;
    } ways[] = {
        {AWS_THROTTLED, false, false, false, 10}, {AWS_RETRY, false, false, false, 10},
        {AWS_UNKNOWN, false, false, false, 10},   {AWS_UNKNOWN, true, false, false, 10},
        {AWS_UNKNOWN, true, true, false, 15000},  {AWS_OK, true, false, true, 10},
        {AWS_REFUSED, false, false, false, 10}, /* AccessDenied */
    };

    call->due_ms = world_soon(20);
    call->outcome = AWS_OK;
    call->stored = true;
    if (world.now_ms < world.weather->down_ms) {
        call->outcome = world_random(2) ? AWS_RETRY : AWS_UNKNOWN;
        call->stored = false;
    } else if (world_strikes(world.weather->request_faults)) {
        size_t way = world_random(ARRAY_LENGTH(ways));

        call->outcome = ways[way].outcome;
        call->stored = ways[way].stored;
        call->stored_late = ways[way].late ? 1 + (int64_t)world_random(3000) : 0;
        call->garbled = ways[way].garbled;
        call->due_ms = world_soon(ways[way].mean_ms);
    }
}

int __wrap_aws_call(struct aws_client *client, const char *target, struct str body, int64_t timeout_ms,
                    aws_done_fn *done, void *ctx, struct error *err)
{
    static struct puts puts;
    struct call *call;

    (void)client;
    (void)timeout_ms;
    if (world_strikes(world.weather->request_faults / 10)) {
        return error_set(err, ERROR_STATE, true, "no credentials yet");
    }
    call = world_take(world.calls, sizeof(*call), WORLD_CALLS);
    PROMISE(call, "more requests at once than anybody could want");
    *call = (struct call){.used = true, .body = body, .done = done, .ctx = ctx, .life = world.life};
    call->describe = strstr(target, "Describe") != NULL;
    foretell(call);
    if (call->describe) {
        call->due_ms = world_soon(20);
        return 0;
    }
    PROMISE(body.len <= BATCH_BODY_CAP, "a request larger than any may be");
    call->copy = malloc(body.len);
    memcpy(call->copy, body.ptr, body.len);
    trace_all(body, &puts);
    mark_under_way(&puts, false);
    return 0;
}

static void tell(struct call *call, enum aws_outcome outcome, const char *code, struct buf *body)
{
    struct aws_response response = {
        .outcome = outcome, .status = outcome == AWS_OK ? 200 : 400, .body = body};
    aws_done_fn *done = call->done;
    void *ctx = call->ctx;

    if (call->life != world.life) {
        return;
    }
    snprintf(response.code, sizeof(response.code), "%s", code);
    error_set(&response.error, ERROR_REMOTE, true, "%s", code);
    done(ctx, &response);
}

static void finish_describe(struct call *call)
{
    struct buf body;

    buf_init(&body, 4096);
    buf_add_str(&body, describe_answer);
    call->used = false;
    tell(call, call->outcome == AWS_OK ? AWS_OK : AWS_UNKNOWN, "", &body);
    buf_done(&body);
}

/* The request takes effect after its sender has heard that it failed. */
static bool goes_on_alone(struct call *call)
{
    if (call->stored_late == 0) {
        return false;
    }
    call->due_ms = world.now_ms + call->stored_late;
    call->stored_late = 0;
    tell(call, AWS_UNKNOWN, "", NULL);
    call->life = 0;
    return true;
}

static void finish_put(struct call *call)
{
    static struct puts puts;
    struct str copy = {call->copy, call->body.len};
    bool ours = call->life == world.life;
    struct buf body;

    trace_all(copy, &puts);
    if (ours) {
        PROMISE(memcmp(call->body.ptr, call->copy, copy.len) == 0,
                "a request changed while it was on its way");
        mark_under_way(&puts, true);
    }
    if (goes_on_alone(call)) {
        return;
    }
    buf_init(&body, 1 << 20);
    if (call->stored && !has_poison(&puts)) {
        take_records(&puts, &body);
    }
    if (call->garbled && body.len > 1) {
        body.len /= 2;
    }
    call->used = false;
    free(call->copy);
    if (has_poison(&puts)) {
        aggregates_refused += puts.records == 1 && puts.count > 1;
        tell(call, AWS_REFUSED, "ValidationException", &body);
    } else {
        tell(call, call->outcome, call->outcome == AWS_REFUSED ? "AccessDeniedException" : "", &body);
    }
    buf_done(&body);
}

void kinesis_events(void)
{
    for (size_t i = 0; i < WORLD_CALLS; i++) {
        struct call *call = &world.calls[i];

        if (call->used && call->due_ms <= world.now_ms) {
            if (call->describe) {
                finish_describe(call);
            } else {
                finish_put(call);
            }
        }
    }
}

int64_t kinesis_next_ms(void)
{
    int64_t next = INT64_MAX;

    for (size_t i = 0; i < WORLD_CALLS; i++) {
        if (world.calls[i].used && world.calls[i].due_ms < next) {
            next = world.calls[i].due_ms;
        }
    }
    return next;
}

/* What it had sent is on its way all the same. */
void kinesis_engine_died(void)
{
    memset(world.under_way, 0, sizeof(world.under_way));
    for (size_t i = 0; i < WORLD_CALLS; i++) {
        if (world.calls[i].describe) {
            world.calls[i].used = false;
        }
    }
}

void kinesis_free(void)
{
    for (size_t i = 0; i < WORLD_CALLS; i++) {
        if (world.calls[i].used) {
            free(world.calls[i].copy);
        }
    }
}
