/* SPDX-License-Identifier: Apache-2.0 */
/* plays: forwarder/consumer.c forwarder/dlq.c */
/* wraps: clock_monotonic_ms clock_wall_ms random_u64 aws_call creds_chain_get */
/* also: analytics/kpl.c */
/* also: tests/unit/forwarder/world.c */
/* also: tests/unit/forwarder/world_kafka.c */
/* also: tests/unit/forwarder/world_kinesis.c */
/*
 * The engine in a simulated world. Each test runs SIM_RUNS (default 8) seeds from SIM_SEED (default 1) on; a
 * failure names its seed, and SIM_SEED=<seed> SIM_RUNS=1 runs that one again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "forwarder/config.h"
#include "lib/str.h"
#include "tests/unit/forwarder/world.h"

enum { RUNS = 8, AGGREGATE_BYTES = 65536 };

static uint64_t number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text ? strtoull(text, NULL, 10) : otherwise;
}

static void run_worlds(const struct weather *weather)
{
    uint64_t first = number("SIM_SEED", 1);
    uint64_t runs = number("SIM_RUNS", RUNS);

    for (uint64_t i = 0; i < runs; i++) {
        world_run(first + i, weather);
    }
}

/* As it is, and with few keys whose records are aggregated. */
static void run_seeds(const struct weather *weather)
{
    struct weather aggregating = *weather;
    uint64_t seen = world_aggregates_stored() + world_aggregates_refused();

    run_worlds(weather);
    if (weather->order == ORDER_KEY) {
        aggregating.keys = 7;
        aggregating.aggregate_bytes = weather->buffer_bytes ? weather->buffer_bytes / 8 : AGGREGATE_BYTES;
        run_worlds(&aggregating);
        assert_true(number("SIM_RUNS", RUNS) < RUNS ||
                    world_aggregates_stored() + world_aggregates_refused() > seen);
    }
}

static void test_fair_weather(void **state)
{
    const struct weather weather = {
        .records = 3000, .calm_ms = 20000, .value_bytes = 300, .order = ORDER_KEY};

    (void)state;
    run_seeds(&weather);
}

static void test_throttled_records(void **state)
{
    const struct weather weather = {.records = 2000,
                                    .throttled = 100,
                                    .internal = 20,
                                    .calm_ms = 60000,
                                    .value_bytes = 300,
                                    .order = ORDER_KEY};

    (void)state;
    run_seeds(&weather);
}

static void test_requests_that_fail_in_every_way(void **state)
{
    const struct weather weather = {.records = 2000,
                                    .request_faults = 400,
                                    .commit_faults = 300,
                                    .calm_ms = 120000,
                                    .value_bytes = 300,
                                    .order = ORDER_KEY};

    (void)state;
    run_seeds(&weather);
}

static void test_rebalances_kills_and_stops(void **state)
{
    const struct weather weather = {.records = 2000,
                                    .throttled = 30,
                                    .request_faults = 100,
                                    .commit_faults = 100,
                                    .rebalance_ms = 3000,
                                    .kill_ms = 20000,
                                    .stop_ms = 15000,
                                    .calm_ms = 120000,
                                    .value_bytes = 300,
                                    .order = ORDER_KEY};

    (void)state;
    run_seeds(&weather);
}

static void test_poison_among_good_records(void **state)
{
    const struct weather weather = {.records = 1500,
                                    .throttled = 20,
                                    .poison = 10,
                                    .too_large = 10,
                                    .nulls = 100,
                                    .letter_faults = 200,
                                    .rebalance_ms = 8000,
                                    .calm_ms = 60000,
                                    .value_bytes = 300,
                                    .order = ORDER_KEY};

    (void)state;
    run_seeds(&weather);
}

/* Poison for a forwarder that has just started, all in its first request, with nothing confirmed yet. */
static void test_poison_before_anything_is_confirmed(void **state)
{
    const struct weather weather = {
        .records = 60, .poison = 900, .calm_ms = 2, .value_bytes = 300, .order = ORDER_KEY};

    (void)state;
    run_seeds(&weather);
}

static void test_memory_while_kinesis_is_down(void **state)
{
    const struct weather weather = {.records = 3000,
                                    .down_ms = 600000,
                                    .calm_ms = 610000,
                                    .value_bytes = 4000,
                                    .order = ORDER_KEY,
                                    .buffer_bytes = 4194304};

    (void)state;
    run_seeds(&weather);
}

static void test_without_order(void **state)
{
    const struct weather weather = {.records = 2000,
                                    .throttled = 100,
                                    .request_faults = 100,
                                    .rebalance_ms = 5000,
                                    .calm_ms = 60000,
                                    .value_bytes = 300,
                                    .order = ORDER_NONE};

    (void)state;
    run_seeds(&weather);
}

static void test_everything_at_once(void **state)
{
    const struct weather weather = {.records = 2000,
                                    .throttled = 50,
                                    .internal = 10,
                                    .request_faults = 150,
                                    .commit_faults = 150,
                                    .letter_faults = 100,
                                    .poison = 5,
                                    .too_large = 5,
                                    .nulls = 50,
                                    .rebalance_ms = 5000,
                                    .kill_ms = 30000,
                                    .stop_ms = 40000,
                                    .calm_ms = 180000,
                                    .value_bytes = 1000,
                                    .order = ORDER_KEY};

    (void)state;
    run_seeds(&weather);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fair_weather),
        cmocka_unit_test(test_throttled_records),
        cmocka_unit_test(test_requests_that_fail_in_every_way),
        cmocka_unit_test(test_rebalances_kills_and_stops),
        cmocka_unit_test(test_poison_among_good_records),
        cmocka_unit_test(test_poison_before_anything_is_confirmed),
        cmocka_unit_test(test_memory_while_kinesis_is_down),
        cmocka_unit_test(test_without_order),
        cmocka_unit_test(test_everything_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
