/* SPDX-License-Identifier: Apache-2.0 */
/* also: analytics/kpl.c */
#include "forwarder/packing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analytics/kpl.h"
#include "forwarder/pack.h"
#include "forwarder/settle.h"
#include "lib/log.h"

enum { LANE = 5, AGGREGATE_BYTES = 4096 };

/* An engine with one partition and one batch, and as much of the rest as packing needs. */
struct fixture {
    struct forwarder_config config;
    struct engine engine;
    struct partition partition;
    struct partition other;
    struct batch batch;
    int64_t next_offset;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    log_init("forwarder", LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
    f->config.aggregate_bytes = AGGREGATE_BYTES;
    f->engine.config = &f->config;
    f->engine.stream.record_cap = STREAM_RECORD_CAP_DEFAULT;
    f->engine.lanes = calloc(1, sizeof(*f->engine.lanes));
    f->engine.metrics = metrics_new(forwarder_metrics, FWD_METRIC_COUNT);
    assert_int_equal(packing_init(&f->engine), 0);
    assert_int_equal(batch_init(&f->batch, "users"), 0);
    assert_true(lanes_enter(f->engine.lanes, LANE));
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < f->batch.count; i++) {
        free(f->batch.entries[i].pack);
    }
    batch_done(&f->batch);
    buf_done(&f->engine.aggregate);
    held_free_all(&f->engine.ready);
    lanes_free(f->engine.lanes);
    metrics_free(f->engine.metrics);
    free(f);
    return 0;
}

/* A record that is ready, if it is the first, or waits behind it. */
static struct held *add(struct fixture *f, struct str data, struct str key, struct str hash_key)
{
    const struct batch_record put = {data, key, hash_key};
    const struct batch_entry entry = {.partition = &f->partition,
                                      .ticket = 100 + (uint64_t)f->next_offset,
                                      .offset = f->next_offset,
                                      .timestamp_ms = 5000 - f->next_offset,
                                      .lane = LANE,
                                      .raw = (uint32_t)batch_raw_size(&put)};
    struct held *held;
    struct buf json;

    f->next_offset++;
    buf_init(&json, 1 << 20);
    batch_encode(&put, &json);
    held = settle_hold(&f->engine, &entry, buf_str(&json));
    buf_done(&json);
    if (f->engine.ready.head) {
        lanes_wait(f->engine.lanes, LANE, held);
    } else {
        held_push(&f->engine.ready, held);
    }
    return held;
}

static void assert_alone(struct fixture *f)
{
    const struct held *first = f->engine.ready.head;
    size_t held_bytes = f->engine.held_bytes;

    assert_false(packing_ready(&f->engine, &f->batch));
    assert_ptr_equal(f->engine.ready.head, first);
    assert_int_equal(f->engine.held_bytes, held_bytes);
    assert_int_equal(f->batch.count, 0);
}

static void test_those_that_wait_go_with_the_first(void **state)
{
    struct fixture *f = *state;
    const struct str key = STR("quote \" and \t and \xC3\xA9");
    const struct batch_entry *entry = &f->batch.entries[0];
    struct kpl kpl = {0};
    struct str data;
    struct str its_key;
    struct buf out;

    add(f, STR("one"), key, STR("42"));
    add(f, STR(""), key, STR("42"));
    add(f, STR("three"), key, STR("42"));
    assert_true(packing_ready(&f->engine, &f->batch));
    assert_null(f->engine.ready.head);
    assert_null(lanes_first(f->engine.lanes, LANE));
    assert_true(lanes_busy(f->engine.lanes, LANE));
    assert_int_equal(f->batch.count, 1);
    assert_int_equal(f->partition.in_requests, 1);
    assert_int_equal(pack_records(entry), 3);
    assert_int_equal(entry->pack->records[2].ticket, 102);
    assert_int_equal(entry->timestamp_ms, 4998); /* of the oldest */
    assert_int_equal(f->engine.held_bytes, entry->pack->reserved);
    assert_non_null(strstr(f->batch.body.data, "\",\"PartitionKey\":\"quote \\\" and \\t and \xC3\xA9\","
                                               "\"ExplicitHashKey\":\"42\"}"));
    buf_init(&out, AGGREGATE_BYTES);
    assert_int_equal(batch_decode_data(batch_json(&f->batch, 0), &out), 0);
    assert_int_equal(entry->raw, out.len + key.len);
    assert_int_equal(f->batch.raw, entry->raw);
    assert_true(kpl_open(&kpl, buf_str(&out)));
    assert_true(kpl_next(&kpl, &data, &its_key) && str_eq(data, STR("one")) && str_eq(its_key, key));
    assert_true(kpl_next(&kpl, &data, &its_key) && data.len == 0);
    assert_true(kpl_next(&kpl, &data, &its_key) && str_eq(data, STR("three")));
    assert_false(kpl_next(&kpl, &data, &its_key));
    kpl_done(&kpl);
    buf_done(&out);
}

static void test_what_differs_is_not_packed(void **state)
{
    struct fixture *f = *state;
    struct held *third;

    add(f, STR("1"), STR("k"), STR("42"));
    add(f, STR("2"), STR("k"), STR("42"));
    third = add(f, STR("3"), STR("k"), STR("43"));
    assert_true(packing_ready(&f->engine, &f->batch));
    assert_int_equal(pack_records(&f->batch.entries[0]), 2);
    assert_ptr_equal(lanes_first(f->engine.lanes, LANE), third);
}

static void test_another_key_waits(void **state)
{
    add(*state, STR("1"), STR("k"), STR(""));
    add(*state, STR("2"), STR("l"), STR(""));
    assert_alone(*state);
}

static void test_another_partition_waits(void **state)
{
    struct fixture *f = *state;

    add(f, STR("1"), STR("k"), STR(""));
    add(f, STR("2"), STR("k"), STR(""))->entry.partition = &f->other;
    assert_alone(f);
}

static void test_one_alone_is_not_wrapped(void **state)
{
    add(*state, STR("1"), STR("k"), STR(""));
    assert_alone(*state);
}

static void test_what_was_sent_before_goes_as_it_was(void **state)
{
    struct fixture *f = *state;
    struct held *first = add(f, STR("1"), STR("k"), STR(""));
    struct held *second = add(f, STR("2"), STR("k"), STR(""));

    first->entry.attempts = 1;
    assert_alone(f);
    first->entry.attempts = 0;
    second->entry.attempts = 1;
    assert_alone(f);
}

static void test_an_aggregate_by_somebody_else_is_not_packed(void **state)
{
    struct fixture *f = *state;

    add(f, STR("\xF3\x89\x9A\xC2 and so on"), STR("k"), STR(""));
    add(f, STR("2"), STR("k"), STR(""));
    assert_alone(f);
}

static void test_a_key_with_a_nul_goes_alone(void **state)
{
    const struct str key = {"k\0l", 3};

    add(*state, STR("1"), key, STR(""));
    add(*state, STR("2"), key, STR(""));
    assert_alone(*state);
}

static void test_off_by_default(void **state)
{
    struct fixture *f = *state;

    f->config.aggregate_bytes = 0;
    add(f, STR("1"), STR("k"), STR(""));
    add(f, STR("2"), STR("k"), STR(""));
    assert_alone(f);
}

/* 4 bytes of magic, 3 of key, 3 * 107 of records, 16 of digest, and the key again: 345 bytes by AWS's count.
 */
static void check_cap(struct fixture *f, size_t expected)
{
    char data[101];

    memset(data, 'x', sizeof(data));
    for (int i = 0; i < 5; i++) {
        add(f, (struct str){data, sizeof(data)}, STR("k"), STR(""));
    }
    assert_true(packing_ready(&f->engine, &f->batch));
    assert_int_equal(pack_records(&f->batch.entries[0]), expected);
    if (expected == 3) {
        assert_int_equal(f->batch.entries[0].raw, 345);
    }
}

static void test_the_cap_is_exact(void **state)
{
    struct fixture *f = *state;

    f->config.aggregate_bytes = 345;
    check_cap(f, 3);
}

static void test_one_byte_less_is_one_record_less(void **state)
{
    struct fixture *f = *state;

    f->config.aggregate_bytes = 344;
    check_cap(f, 2);
}

static void test_one_that_fits_alone_is_not_wrapped(void **state)
{
    struct fixture *f = *state;

    f->config.aggregate_bytes = 40; /* 31 with the first */
    add(f, STR("1"), STR("k"), STR(""));
    add(f, STR("2 and more"), STR("k"), STR(""));
    assert_alone(f);
}

static void test_the_streams_cap_counts_too(void **state)
{
    struct fixture *f = *state;

    f->engine.stream.record_cap = 345;
    check_cap(f, 3);
}

static void test_room_in_the_batch_counts_too(void **state)
{
    struct fixture *f = *state;

    f->batch.raw = BATCH_RAW_MAX - 345;
    check_cap(f, 3);
}

static void test_a_refused_one_comes_apart(void **state)
{
    static const char *const values[] = {"one", "", "three", "four"};
    struct fixture *f = *state;
    size_t held_bytes;
    struct str json[3];
    char *kept[3];

    for (size_t i = 0; i < 3; i++) {
        const struct held *held = add(f, str_of(values[i]), STR("\xC3\xA9\\"), STR("42"));
        kept[i] = strndup(held->json, held->entry.len);
        json[i] = str_of(kept[i]);
    }
    held_bytes = f->engine.held_bytes;
    assert_true(packing_ready(&f->engine, &f->batch));
    add(f, str_of(values[3]), STR("\xC3\xA9\\"), STR("42")); /* in the meantime; first, as nothing is ready */
    lanes_wait(f->engine.lanes, LANE, held_pop(&f->engine.ready));
    packing_undo(&f->engine, &f->batch, 0);
    f->batch.count = 0;
    assert_int_equal(f->partition.in_requests, 0);
    for (size_t i = 0; i < 3; i++) {
        struct held *held = i == 0 ? held_pop(&f->engine.ready) : lanes_leave(f->engine.lanes, LANE);

        assert_true(str_eq((struct str){held->json, held->entry.len}, json[i]));
        assert_null(held->entry.pack);
        assert_int_equal(held->entry.ticket, 100 + i);
        assert_int_equal(held->entry.offset, i);
        assert_int_equal(held->entry.timestamp_ms, 5000 - i);
        assert_int_equal(held->entry.raw, strlen(values[i]) + 3);
        assert_int_equal(held->entry.attempts, 1);
        held_bytes -= held_size(held->entry.len);
        free(held);
        free(kept[i]);
    }
    assert_int_equal(held_bytes, 0);
    assert_int_equal(lanes_first(f->engine.lanes, LANE)->entry.ticket, 103);
    assert_int_equal(f->engine.held_bytes, /* of the three just freed by hand, and of the fourth */
                     held_size(json[0].len) + held_size(json[1].len) + held_size(json[2].len) +
                         held_size(lanes_first(f->engine.lanes, LANE)->entry.len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_those_that_wait_go_with_the_first, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_differs_is_not_packed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_another_key_waits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_another_partition_waits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_alone_is_not_wrapped, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_was_sent_before_goes_as_it_was, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_aggregate_by_somebody_else_is_not_packed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_key_with_a_nul_goes_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_off_by_default, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_cap_is_exact, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_byte_less_is_one_record_less, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_that_fits_alone_is_not_wrapped, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_streams_cap_counts_too, setup, teardown),
        cmocka_unit_test_setup_teardown(test_room_in_the_batch_counts_too, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_refused_one_comes_apart, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
