/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/forwarder/world.h"

#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "tests/unit/forwarder/world_state.h"

enum {
    PATIENCE_MS = 3600000, /* after calm set in, everything arrives within an hour at the very most */
    IDLE_TURNS_MAX = 3000, /* turns at one time; each takes or sends something */
    DRAIN_MS = 30000,
    BUFFER_BYTES = 33554432
};

struct world world;

uint64_t world_random(uint64_t below)
{
    uint64_t z = (world.state += UINT64_C(0x9e3779b97f4a7c15)); /* splitmix64 */

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    return below == 0 ? z : z % below;
}

bool world_is_calm(void)
{
    return world.now_ms >= world.weather->calm_ms;
}

bool world_strikes(unsigned share)
{
    return !world_is_calm() && world_random(1000) < share;
}

int64_t world_soon(int64_t mean_ms)
{
    return world.now_ms + 1 + (int64_t)world_random((uint64_t)mean_ms * 2);
}

void *world_take(void *pool, size_t size, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *entry = (char *)pool + i * size;
        if (!*(bool *)entry) {
            return entry;
        }
    }
    return NULL;
}

int64_t __wrap_clock_monotonic_ms(void)
{
    return world.now_ms;
}

int64_t __wrap_clock_wall_ms(void)
{
    return 1800000000000 + world.now_ms;
}

uint64_t __wrap_random_u64(void)
{
    return world_random(0);
}

const struct creds *__wrap_creds_chain_get(struct creds_chain *chain, int64_t now_wall_ms, struct error *err)
{
    static const struct creds creds;

    (void)chain;
    (void)now_wall_ms;
    (void)err;
    return &creds;
}

/* --- an engine's life ------------------------------------------------------------------------------------
 */

static void start_engine(void)
{
    struct engine_options options = {.config = &world.config};
    struct error err;

    world.life++;
    world.metrics = metrics_new(forwarder_metrics, FWD_METRIC_COUNT);
    options.metrics = world.metrics;
    world.engine = engine_new(&options, &err);
    assert_non_null(world.engine);
}

static void end_engine(void)
{
    world.possible_duplicates += (uint64_t)metrics_get(world.metrics, FWD_POSSIBLE_DUPLICATES);
    kafka_engine_died();
    kinesis_engine_died();
    engine_free(world.engine);
    metrics_free(world.metrics);
}

static void check_balance(void)
{
    const struct metrics *m = world.metrics;

    engine_update_gauges(world.engine);
    PROMISE(metrics_get(m, FWD_CONSUMED) == metrics_get(m, FWD_CONFIRMED) +
                                                metrics_get(m, FWD_DEAD_LETTERED) +
                                                metrics_get(m, FWD_DROPPED) + metrics_get(m, FWD_RELEASED) +
                                                metrics_get(m, FWD_IN_FLIGHT),
            "the balance does not hold");
}

static void check_memory(void)
{
    size_t used = engine_memory(world.engine);

    if (used > world.most_memory) {
        world.most_memory = used;
    }
    PROMISE(used <= (size_t)world.config.buffer_bytes, "more memory than FORWARDER_BUFFER_BYTES");
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* One turn of the loop, as the forwarder's main() makes it, and on to the time of the next. */
static void turn(void)
{
    static int64_t turned_ms;
    static unsigned turns;
    int64_t next;

    kinesis_events();
    kafka_events();
    engine_run(world.engine, world.now_ms);
    PROMISE(!engine_failed(world.engine), "the engine gave up");
    check_balance();
    check_memory();
    turns = turned_ms == world.now_ms ? turns + 1 : 0;
    turned_ms = world.now_ms;
    PROMISE(turns < IDLE_TURNS_MAX, "the loop spins");
    next = sooner(kafka_next_ms(), kinesis_next_ms());
    next = sooner(next, world.now_ms + engine_timeout_ms(world.engine, world.now_ms));
    if (engine_hungry(world.engine) && world.readable) {
        next = world.now_ms;
    }
    world.now_ms = next > world.now_ms ? next : world.now_ms;
}

/* SIGTERM: with time to drain, everything that was read is settled and committed. */
static void stop_engine(void)
{
    int64_t deadline_ms = world.now_ms + DRAIN_MS;

    engine_drain(world.engine);
    while (engine_in_flight(world.engine) > 0 && world.now_ms < deadline_ms) {
        turn();
    }
    engine_commit_wait(world.engine);
    for (int p = 0; p < WORLD_PARTITIONS && engine_in_flight(world.engine) == 0 && world_is_calm(); p++) {
        const struct log *log = &world.logs[p];
        PROMISE(!log->assigned || log->committed == log->position, "a clean stop left something uncommitted");
    }
    end_engine();
    start_engine();
}

static void strokes_of_fate(void)
{
    if (world.kill_ms != 0 && world.kill_ms <= world.now_ms && !world_is_calm()) {
        end_engine();
        start_engine();
        world.kill_ms = world_soon(world.weather->kill_ms);
    }
    if (world.stop_ms != 0 && world.stop_ms <= world.now_ms && !world_is_calm()) {
        stop_engine();
        world.stop_ms = world_soon(world.weather->stop_ms);
    }
}

static int64_t first_time(int64_t mean_ms)
{
    return mean_ms > 0 ? world_soon(mean_ms) : 0;
}

static void make_world(uint64_t seed, const struct weather *weather)
{
    memset(&world, 0, sizeof(world));
    world.seed = world.state = seed;
    world.weather = weather;
    world.config.stream = "users";
    world.config.partition_key = "key";
    world.config.order = weather->order;
    world.config.poison = weather->poison_policy;
    world.config.aggregate_bytes = weather->aggregate_bytes;
    world.config.in_flight = 8;
    world.config.linger_ms = 100;
    world.config.request_timeout_ms = 30000;
    world.config.buffer_bytes = weather->buffer_bytes ? weather->buffer_bytes : BUFFER_BYTES;
    world.config.service.drain_timeout_ms = DRAIN_MS;
    for (size_t i = 0; i < WORLD_KEYS; i++) {
        world.first_stored[i] = -1;
    }
    kafka_make_topic();
    world.rebalance_ms = first_time(weather->rebalance_ms);
    world.kill_ms = first_time(weather->kill_ms);
    world.stop_ms = first_time(weather->stop_ms);
}

void world_run(uint64_t seed, const struct weather *weather)
{
    log_init("forwarder", LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
    make_world(seed, weather);
    start_engine();
    while (!(world_is_calm() && kafka_is_settled())) {
        strokes_of_fate();
        turn();
        PROMISE(world.now_ms < weather->calm_ms + PATIENCE_MS, "something never arrived");
    }
    stop_engine();
    world.possible_duplicates += (uint64_t)metrics_get(world.metrics, FWD_POSSIBLE_DUPLICATES);
    PROMISE(world.duplicates <= world.possible_duplicates + world.unsaid,
            "more duplicates than were counted as possible");
    end_engine();
    kinesis_free();
    kafka_free_topic();
}
