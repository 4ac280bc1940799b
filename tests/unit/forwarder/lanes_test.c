/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/lanes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "forwarder/wheel.h"

static struct held *held(uint32_t raw)
{
    const struct batch_entry entry = {.raw = raw};

    return held_new(&entry, STR("{}"));
}

static uint32_t take(struct held *held)
{
    uint32_t raw;

    assert_non_null(held);
    raw = held->entry.raw;
    free(held);
    return raw;
}

static void test_one_record_of_a_lane_at_a_time_in_order(void **state)
{
    struct lanes *lanes = calloc(1, sizeof(*lanes));

    (void)state;
    assert_true(lanes_enter(lanes, 77));
    assert_false(lanes_enter(lanes, 77));
    assert_true(lanes_enter(lanes, 78));
    lanes_wait(lanes, 77, held(1));
    lanes_wait(lanes, 77, held(2));
    assert_int_equal(take(lanes_leave(lanes, 77)), 1);
    assert_true(lanes_busy(lanes, 77));
    assert_int_equal(take(lanes_leave(lanes, 77)), 2);
    assert_true(lanes_busy(lanes, 77));
    assert_null(lanes_leave(lanes, 77));
    assert_false(lanes_busy(lanes, 77));
    assert_true(lanes_enter(lanes, 77));
    lanes_wait(lanes, 77, held(3)); /* freed with the lanes */
    lanes_free(lanes);
}

static void test_records_without_order_never_wait(void **state)
{
    struct lanes *lanes = calloc(1, sizeof(*lanes));

    (void)state;
    assert_true(lanes_enter(lanes, LANE_NONE));
    assert_true(lanes_enter(lanes, LANE_NONE));
    assert_false(lanes_busy(lanes, LANE_NONE));
    assert_null(lanes_leave(lanes, LANE_NONE));
    lanes_free(lanes);
}

static void test_indices_stay_in_the_table(void **state)
{
    (void)state;
    assert_true(lanes_index(UINT64_MAX) < LANE_COUNT);
    assert_int_equal(lanes_index(5), 5);
}

static void test_the_wheel_gives_back_when_due(void **state)
{
    struct wheel wheel;
    struct held_list list = {0};

    (void)state;
    wheel_init(&wheel, 1000);
    assert_int_equal(wheel_next_ms(&wheel), INT64_MAX);
    wheel_add(&wheel, 1500, held(2));
    wheel_add(&wheel, 1100, held(1));
    wheel_add(&wheel, 900, held(0)); /* overdue: at the next tick */
    assert_int_equal(wheel_next_ms(&wheel), 1020);
    wheel_take_due(&wheel, 1019, &list);
    assert_null(list.head);
    wheel_take_due(&wheel, 1110, &list);
    assert_int_equal(take(held_pop(&list)), 0);
    assert_int_equal(take(held_pop(&list)), 1);
    assert_null(held_pop(&list));
    assert_int_equal(wheel_next_ms(&wheel), 1500);
    wheel_take_due(&wheel, 60000, &list);
    assert_int_equal(take(held_pop(&list)), 2);
    /* After a long idle time it starts from now. */
    wheel_add(&wheel, 60000 + WHEEL_SPAN_MS - 2 * WHEEL_TICK_MS, held(3));
    wheel_take_due(&wheel, 60000 + WHEEL_SPAN_MS - 4 * WHEEL_TICK_MS, &list);
    assert_null(list.head);
    wheel_take_due(&wheel, 60000 + WHEEL_SPAN_MS, &list);
    assert_int_equal(take(held_pop(&list)), 3);
    wheel_add(&wheel, 60000 + WHEEL_SPAN_MS + 100, held(4));
    wheel_free(&wheel);
}

static void test_what_comes_back_waits_before_all_others(void **state)
{
    struct lanes *lanes = calloc(1, sizeof(*lanes));
    struct held_list list = {NULL, NULL};

    (void)state;
    assert_true(lanes_enter(lanes, 77));
    assert_null(lanes_first(lanes, 77));
    assert_null(lanes_first(lanes, LANE_NONE));
    lanes_wait_first(lanes, 77, &list); /* nothing */
    assert_null(lanes_first(lanes, 77));
    held_push(&list, held(1));
    held_push(&list, held(2));
    lanes_wait_first(lanes, 77, &list);
    assert_null(list.head);
    lanes_wait(lanes, 77, held(5));
    held_push(&list, held(0));
    lanes_wait_first(lanes, 77, &list);
    assert_int_equal(lanes_first(lanes, 77)->entry.raw, 0);
    assert_int_equal(take(lanes_pop(lanes, 77)), 0);
    for (uint32_t i = 1; i <= 2; i++) {
        assert_int_equal(take(lanes_leave(lanes, 77)), i);
    }
    assert_int_equal(take(lanes_pop(lanes, 77)), 5);
    assert_null(lanes_pop(lanes, 77));
    assert_true(lanes_busy(lanes, 77)); /* taking the last that waits does not free the lane */
    assert_null(lanes_leave(lanes, 77));
    assert_false(lanes_busy(lanes, 77));
    lanes_free(lanes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_record_of_a_lane_at_a_time_in_order),
        cmocka_unit_test(test_what_comes_back_waits_before_all_others),
        cmocka_unit_test(test_records_without_order_never_wait),
        cmocka_unit_test(test_indices_stay_in_the_table),
        cmocka_unit_test(test_the_wheel_gives_back_when_due),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
