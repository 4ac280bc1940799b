/* SPDX-License-Identifier: Apache-2.0 */
/* Kafka as consumer.h and dlq.h show it to the engine. */
#include "tests/unit/forwarder/world_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    VALUE_MAX = 1100 * 1024, /* of a record that is too large */
    QUEUE_RECORDS = 700,     /* of a partition in the consumer's queue */
    FETCH_MS = 20,
    LETTER_COST = 300
};

/* --- the topic -------------------------------------------------------------------------------------------
 */

static enum kind pick_kind(const struct weather *weather)
{
    uint64_t dice = world_random(1000);

    if (dice < weather->poison) {
        return KIND_POISON;
    }
    if (dice < weather->poison + weather->too_large) {
        return KIND_TOO_LARGE;
    }
    return dice < weather->poison + weather->too_large + weather->nulls ? KIND_NULL_VALUE : KIND_GOOD;
}

void kafka_make_topic(void)
{
    const struct weather *weather = world.weather;

    world.peeked = -1;
    world.value = malloc(VALUE_MAX);
    for (int p = 0; p < WORLD_PARTITIONS; p++) {
        world.logs[p] = (struct log){.records = calloc(weather->records, sizeof(struct fate))};
    }
    for (unsigned i = 0; i < weather->records; i++) {
        bool last = i >= weather->records - WORLD_PARTITIONS;
        bool keyless = last || world_random(1000) < weather->nulls;
        int key = keyless ? -1 : (int)world_random(weather->keys ? weather->keys : WORLD_KEYS);
        struct log *log = &world.logs[last      ? i % WORLD_PARTITIONS
                                      : keyless ? world_random(WORLD_PARTITIONS)
                                                : (unsigned)key % WORLD_PARTITIONS];
        struct fate *fate = &log->records[log->count++];

        fate->kind = last ? KIND_GOOD : pick_kind(weather);
        fate->key = fate->kind == KIND_NULL_VALUE ? -1 : key;
        fate->size = fate->kind == KIND_TOO_LARGE
                         ? VALUE_MAX
                         : 24 + (int)world_random((uint64_t)weather->value_bytes * 2);
    }
}

void kafka_free_topic(void)
{
    for (int p = 0; p < WORLD_PARTITIONS; p++) {
        free(world.logs[p].records);
    }
    free(world.value);
}

struct fate *kafka_fate(int64_t partition, int64_t offset)
{
    PROMISE(partition >= 0 && partition < WORLD_PARTITIONS && offset >= 0 &&
                offset < world.logs[partition].count,
            "a record that is not in the topic");
    return &world.logs[partition].records[offset];
}

static struct str make_value(int64_t partition, int64_t offset, char *out)
{
    const struct fate *fate = kafka_fate(partition, offset);
    int len = sprintf(out, "%s%lld %lld ", fate->kind == KIND_POISON ? "!" : "", (long long)partition,
                      (long long)offset);

    if (fate->kind == KIND_NULL_VALUE) {
        return (struct str){NULL, 0};
    }
    memset(out + len, 'a' + (int)(offset % 26), (size_t)(fate->size - len));
    return (struct str){out, (size_t)fate->size};
}

struct str kafka_value(int64_t partition, int64_t offset)
{
    static char value[VALUE_MAX];

    return make_value(partition, offset, value);
}

/*
 * Records in the topic by now: all come in the first half of the bad time. Where engines die, the last one of
 * each partition, a good one, comes when calm has set in: poison alone is not buried, for it may be the
 * stream that is wrong until it has confirmed something.
 */
static int64_t there_by_now(const struct log *log)
{
    bool mortal = world.weather->kill_ms > 0 || world.weather->stop_ms > 0;
    int64_t count = log->count - (mortal && !world_is_calm());
    int64_t half = world.weather->calm_ms / 2;

    return world.now_ms >= half ? count : count * world.now_ms / half;
}

static bool is_settled(const struct fate *fate)
{
    bool poison = fate->kind == KIND_POISON || fate->kind == KIND_TOO_LARGE;

    return fate->stored > 0 || fate->lettered || (poison && world.weather->poison_policy == POISON_DROP);
}

bool kafka_is_settled(void)
{
    for (int p = 0; p < WORLD_PARTITIONS; p++) {
        if (world.logs[p].committed < world.logs[p].count) {
            return false;
        }
    }
    return true;
}

/* --- the group -------------------------------------------------------------------------------------------
 */

static void give(int partition)
{
    struct log *log = &world.logs[partition];
    struct consumer_events events = engine_consumer_events(world.engine);

    log->position = log->fetched = log->committed;
    log->assigned = true;
    log->back_ms = 0;
    events.assigned(events.ctx, partition);
}

static void take_away(struct log *log, int64_t back_ms)
{
    log->assigned = log->revoking = false;
    log->fetched = log->position;
    log->back_ms = back_ms;
    if (world.peeked >= 0 && log == &world.logs[world.peeked]) {
        world.peeked = -1;
    }
}

static void rebalance(void)
{
    struct consumer_events events = engine_consumer_events(world.engine);
    bool lost = world_random(4) == 0;

    for (int p = 0; p < WORLD_PARTITIONS; p++) {
        struct log *log = &world.logs[p];

        if (!log->assigned || world_random(2) == 0) {
            continue;
        }
        events.revoked(events.ctx, p, lost);
        if (lost) {
            take_away(log, world_soon(1000));
        } else {
            log->revoking = world.release_pending = true;
        }
    }
}

void consumer_release(struct consumer *consumer)
{
    (void)consumer;
    for (int p = 0; p < WORLD_PARTITIONS; p++) {
        if (world.logs[p].revoking) {
            take_away(&world.logs[p], world_soon(1000));
        }
    }
    world.release_pending = false;
}

bool consumer_revoking(const struct consumer *consumer)
{
    (void)consumer;
    return world.release_pending;
}

bool consumer_joined(const struct consumer *consumer)
{
    (void)consumer;
    return true;
}

int64_t consumer_high_watermark(const struct consumer *consumer, int32_t partition)
{
    (void)consumer;
    return world.logs[partition].count;
}

/* --- reading ---------------------------------------------------------------------------------------------
 */

static void fetch(void)
{
    for (int p = 0; p < WORLD_PARTITIONS; p++) {
        struct log *log = &world.logs[p];
        int64_t to = there_by_now(log);

        if (!log->assigned || log->revoking) {
            continue;
        }
        to = to < log->position + QUEUE_RECORDS ? to : log->position + QUEUE_RECORDS;
        if (to > log->fetched) {
            log->fetched = to;
            world.readable = true;
        }
    }
    world.fetch_ms = world.now_ms + FETCH_MS;
}

/* A partition with something to read, changing now and then; -1: none. */
static int pick_partition(void)
{
    int start = (int)world_random(WORLD_PARTITIONS);

    for (int i = 0; i < WORLD_PARTITIONS; i++) {
        int p = (start + i) % WORLD_PARTITIONS;
        if (world.logs[p].assigned && world.logs[p].position < world.logs[p].fetched) {
            return p;
        }
    }
    return -1;
}

int64_t consumer_queue_share(int64_t buffer_bytes)
{
    return buffer_bytes / 2;
}

const struct consumer_record *consumer_peek(struct consumer *consumer)
{
    const struct log *log;
    const struct fate *fate;

    (void)consumer;
    if (world.peeked >= 0) {
        return &world.record;
    }
    world.readable = false; /* the descriptor tells of what is new since the last look */
    world.peeked = pick_partition();
    if (world.peeked < 0) {
        return NULL;
    }
    log = &world.logs[world.peeked];
    fate = &log->records[log->position];
    world.record = (struct consumer_record){.partition = world.peeked,
                                            .offset = log->position,
                                            .timestamp_ms = 1000 + log->position,
                                            .value = make_value(world.peeked, log->position, world.value)};
    if (fate->kind == KIND_NULL_VALUE) {
        snprintf(world.key, sizeof(world.key), "null-%d-%lld", world.peeked, (long long)log->position);
        world.record.key = str_of(world.key);
    } else if (fate->key >= 0) {
        snprintf(world.key, sizeof(world.key), "key-%d", fate->key);
        world.record.key = str_of(world.key);
    }
    return &world.record;
}

void consumer_pop(struct consumer *consumer)
{
    struct log *log = &world.logs[world.peeked];

    (void)consumer;
    PROMISE(world.peeked >= 0, "a record is popped that nobody looked at");
    log->position++;
    if (log->position > log->furthest) {
        log->furthest = log->position;
    }
    world.peeked = -1;
}

struct str consumer_header(const struct consumer *consumer, const char *name)
{
    (void)consumer;
    (void)name;
    return (struct str){NULL, 0};
}

size_t consumer_headers(const struct consumer *consumer, struct kafka_header *headers, size_t size)
{
    (void)consumer;
    (void)size;
    headers[0] = (struct kafka_header){"tenant", STR("blue")};
    return 1;
}

/* --- commits ---------------------------------------------------------------------------------------------
 */

static void check_commit(const struct consumer_offset *offset)
{
    const struct log *log = &world.logs[offset->partition];

    PROMISE(log->assigned, "a commit for a partition that is another's");
    PROMISE(offset->offset <= log->position, "a commit beyond what was read");
    for (int64_t o = log->committed; o < offset->offset; o++) {
        PROMISE(is_settled(&log->records[o]), "a commit covers a record that is nowhere");
    }
}

/* The broker takes it unless the partition has got another owner in the meantime. */
static void apply(const struct consumer_offset *offsets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct log *log = &world.logs[offsets[i].partition];

        if (log->assigned && offsets[i].offset > log->committed) {
            log->committed = offsets[i].offset;
        }
    }
}

/* The first commit in calm fails if any do: the last ones, too, are repeated. */
static bool first_in_calm(void)
{
    bool first = world_is_calm() && world.weather->commit_faults > 0 && !world.late_fault;

    world.late_fault = world.late_fault || first;
    return first;
}

void consumer_commit(struct consumer *consumer, const struct consumer_offset *offsets, size_t count)
{
    struct commit *commit = world_take(world.commits, sizeof(*commit), WORLD_COMMITS);

    (void)consumer;
    PROMISE(commit && count <= WORLD_PARTITIONS, "more commits than there are partitions");
    *commit = (struct commit){.used = true,
                              .due_ms = world_soon(30),
                              .fails = world_strikes(world.weather->commit_faults) || first_in_calm(),
                              .life = world.life,
                              .count = count};
    for (size_t i = 0; i < count; i++) {
        check_commit(&offsets[i]);
        commit->offsets[i] = offsets[i];
    }
}

int consumer_commit_wait(struct consumer *consumer, const struct consumer_offset *offsets, size_t count,
                         struct error *err)
{
    (void)consumer;
    for (size_t i = 0; i < count; i++) {
        check_commit(&offsets[i]);
    }
    if (world_strikes(world.weather->commit_faults)) {
        return error_set(err, ERROR_REMOTE, true, "the coordinator is away");
    }
    apply(offsets, count);
    return 0;
}

static void finish_commit(struct commit *commit)
{
    struct consumer_events events = engine_consumer_events(world.engine);

    commit->used = false;
    if (!commit->fails) {
        apply(commit->offsets, commit->count);
    }
    if (commit->life == world.life) {
        events.committed(events.ctx, !commit->fails);
    }
}

/* --- dead letters ----------------------------------------------------------------------------------------
 */

int dlq_send(struct dlq *dlq, const struct dlq_letter *letter, struct error *err)
{
    const struct fate *fate = kafka_fate(letter->partition, letter->offset);
    struct posted *posted = world_take(world.letters, sizeof(*posted), WORLD_LETTERS);

    (void)dlq;
    (void)err;
    PROMISE(posted, "more letters than anybody could want");
    PROMISE(fate->kind == KIND_POISON || fate->kind == KIND_TOO_LARGE, "a good record was buried");
    PROMISE(str_eq(kafka_value(letter->partition, letter->offset), letter->value),
            "a letter's value was changed");
    PROMISE(letter->timestamp_ms == 1000 + letter->offset, "a letter has lost its time");
    PROMISE(fate->kind == KIND_POISON || letter->header_count == 1, "a letter has lost its headers");
    *posted = (struct posted){.used = true,
                              .due_ms = world_soon(world_strikes(world.weather->letter_faults) ? 20000 : 50),
                              .life = world.life,
                              .letter = *letter};
    return 0;
}

size_t dlq_bytes(const struct dlq *dlq)
{
    size_t bytes = 0;

    (void)dlq;
    for (size_t i = 0; i < WORLD_LETTERS; i++) {
        if (world.letters[i].used && world.letters[i].life == world.life) {
            bytes += world.letters[i].letter.value.len + LETTER_COST;
        }
    }
    return bytes;
}

static void deliver(struct posted *posted)
{
    posted->used = false;
    kafka_fate(posted->letter.partition, posted->letter.offset)->lettered = true;
    if (posted->life == world.life) {
        engine_dead_lettered(world.engine, &posted->letter);
    }
}

/* --- what is due -----------------------------------------------------------------------------------------
 */

void kafka_engine_died(void)
{
    world.release_pending = false;
    world.readable = false;
    for (int p = 0; p < WORLD_PARTITIONS; p++) {
        if (world.logs[p].assigned) {
            world.unsaid += (uint64_t)(world.logs[p].furthest - world.logs[p].committed);
            take_away(&world.logs[p], world_soon(500));
        }
    }
}

void kafka_events(void)
{
    for (size_t i = 0; i < WORLD_COMMITS; i++) {
        if (world.commits[i].used && world.commits[i].due_ms <= world.now_ms) {
            finish_commit(&world.commits[i]);
        }
    }
    for (size_t i = 0; i < WORLD_LETTERS; i++) {
        if (world.letters[i].used && world.letters[i].due_ms <= world.now_ms) {
            deliver(&world.letters[i]);
        }
    }
    for (int p = 0; p < WORLD_PARTITIONS; p++) {
        if (!world.logs[p].assigned && world.logs[p].back_ms <= world.now_ms) {
            give(p);
        }
    }
    if (world.rebalance_ms != 0 && world.rebalance_ms <= world.now_ms) {
        if (!world.release_pending && !world_is_calm()) {
            rebalance();
        }
        world.rebalance_ms = world_soon(world.weather->rebalance_ms);
    }
    if (world.fetch_ms <= world.now_ms) {
        fetch();
    }
}

int64_t kafka_next_ms(void)
{
    int64_t next = world.fetch_ms;

    for (size_t i = 0; i < WORLD_COMMITS; i++) {
        if (world.commits[i].used && world.commits[i].due_ms < next) {
            next = world.commits[i].due_ms;
        }
    }
    return next;
}
