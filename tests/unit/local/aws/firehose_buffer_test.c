/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "local/aws/firehose_buffer.h"

static const struct firehose_hints hints = {.bytes = 1000, .interval_ms = 500, .transform_bytes = 300};

static void add(struct firehose_buffer *buffer, enum firehose_state in, int64_t arrival_ms, int64_t bytes)
{
    buffer->last_id++;
    firehose_queue_add(&buffer->queues[in], buffer->last_id, arrival_ms, bytes);
}

static void nothing_is_due_before_its_time(void **state)
{
    struct firehose_buffer buffer = {0};

    (void)state;
    firehose_buffer_update(&buffer, &hints, 10000);
    assert_int_equal(firehose_buffer_due_in(&buffer, &hints, 10000), -1);
    add(&buffer, FIREHOSE_READY, 10000, 10);
    add(&buffer, FIREHOSE_READY, 10400, 10);
    firehose_buffer_update(&buffer, &hints, 10499);
    assert_false(firehose_buffer_delivers(&buffer, &hints, FIREHOSE_READY));
    assert_int_equal(firehose_buffer_due_in(&buffer, &hints, 10499), 1);
}

static void the_interval_counts_from_the_oldest_record(void **state)
{
    struct firehose_buffer buffer = {0};

    (void)state;
    add(&buffer, FIREHOSE_READY, 10000, 10);
    add(&buffer, FIREHOSE_READY, 10400, 10);
    firehose_buffer_update(&buffer, &hints, 10500);
    assert_true(firehose_buffer_delivers(&buffer, &hints, FIREHOSE_READY));
    assert_int_equal(firehose_buffer_due_in(&buffer, &hints, 10500), -1);
}

static void the_size_flushes_at_once(void **state)
{
    struct firehose_buffer buffer = {0};

    (void)state;
    add(&buffer, FIREHOSE_READY, 10000, 999);
    firehose_buffer_update(&buffer, &hints, 10000);
    assert_int_equal(buffer.flush_id, 0);
    add(&buffer, FIREHOSE_RAW, 10000, 1); /* what is to be transformed counts too */
    firehose_buffer_update(&buffer, &hints, 10000);
    assert_int_equal(buffer.flush_id, 2);
}

static void full_batches_go_through_the_transform_before_a_flush(void **state)
{
    struct firehose_buffer buffer = {0};

    (void)state;
    add(&buffer, FIREHOSE_RAW, 10000, 299);
    firehose_buffer_update(&buffer, &hints, 10000);
    assert_false(firehose_buffer_transforms(&buffer, &hints));
    add(&buffer, FIREHOSE_RAW, 10000, 1);
    assert_true(firehose_buffer_transforms(&buffer, &hints));
    assert_int_equal(buffer.flush_id, 0);
}

static void a_flush_transforms_first_and_delivers_then(void **state)
{
    struct firehose_buffer buffer = {0};

    (void)state;
    add(&buffer, FIREHOSE_READY, 10000, 10);
    add(&buffer, FIREHOSE_RAW, 10001, 10);
    firehose_buffer_update(&buffer, &hints, 10500);
    assert_true(firehose_buffer_transforms(&buffer, &hints));
    assert_false(firehose_buffer_delivers(&buffer, &hints, FIREHOSE_READY));
    buffer.queues[FIREHOSE_RAW] = (struct firehose_queue){0};
    assert_true(firehose_buffer_delivers(&buffer, &hints, FIREHOSE_READY));
}

static void a_flush_leaves_later_records_to_the_next(void **state)
{
    struct firehose_buffer buffer = {0};

    (void)state;
    add(&buffer, FIREHOSE_READY, 10000, 10);
    firehose_buffer_update(&buffer, &hints, 10500);
    add(&buffer, FIREHOSE_RAW, 10500, 10);
    assert_false(firehose_buffer_transforms(&buffer, &hints));
    assert_true(firehose_buffer_delivers(&buffer, &hints, FIREHOSE_READY));
    buffer.queues[FIREHOSE_READY] = (struct firehose_queue){0};
    firehose_buffer_update(&buffer, &hints, 10500);
    assert_int_equal(buffer.flush_id, 0);
    assert_int_equal(firehose_buffer_due_in(&buffer, &hints, 10500), 500);
}

static void a_flush_by_order_waits_for_nothing(void **state)
{
    struct firehose_buffer buffer = {0};

    (void)state;
    firehose_buffer_flush(&buffer);
    assert_int_equal(buffer.flush_id, 0);
    add(&buffer, FIREHOSE_BAD, 10000, 10);
    firehose_buffer_flush(&buffer);
    assert_true(firehose_buffer_delivers(&buffer, &hints, FIREHOSE_BAD));
    assert_false(firehose_buffer_delivers(&buffer, &hints, FIREHOSE_READY));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_due_before_its_time),
        cmocka_unit_test(the_interval_counts_from_the_oldest_record),
        cmocka_unit_test(the_size_flushes_at_once),
        cmocka_unit_test(full_batches_go_through_the_transform_before_a_flush),
        cmocka_unit_test(a_flush_transforms_first_and_delivers_then),
        cmocka_unit_test(a_flush_leaves_later_records_to_the_next),
        cmocka_unit_test(a_flush_by_order_waits_for_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
