/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/json.h"

static int setup(void **state)
{
    struct batch *batch = malloc(sizeof(*batch));

    assert_int_equal(batch_init(batch, "users"), 0);
    *state = batch;
    return 0;
}

static int teardown(void **state)
{
    batch_done(*state);
    free(*state);
    return 0;
}

static void add(struct batch *batch, const char *data, const char *key)
{
    const struct batch_record record = {str_of(data), str_of(key), STR("")};
    const struct batch_entry entry = {.raw = (uint32_t)batch_raw_size(&record)};

    assert_true(batch_fits(batch, entry.raw));
    assert_int_equal(batch_add(batch, &record, &entry), 0);
}

static void assert_body(struct str body, const char *expected)
{
    assert_int_equal(body.len, strlen(expected));
    assert_memory_equal(body.ptr, expected, body.len);
}

static void test_the_body_is_a_put_records_request(void **state)
{
    struct batch *batch = *state;
    struct buf part;

    buf_init(&part, 1024);
    add(batch, "{\"a\":1}", "k1");
    add(batch, "", "quote\"");
    assert_body(batch_body(batch, 0, 2, &part),
                "{\"StreamName\":\"users\",\"Records\":[{\"Data\":\"eyJhIjoxfQ==\",\"PartitionKey\":\"k1\"},"
                "{\"Data\":\"\",\"PartitionKey\":\"quote\\\"\"}]}");
    /* The tail does not stay: more may be added, and the body made again. */
    add(batch, "x", "k3");
    assert_non_null(strstr(batch_body(batch, 0, 3, &part).ptr, "quote\\\"\"},{\"Data\":\"eA==\""));
}

static void test_an_arn_is_sent_as_one(void **state)
{
    struct batch batch;
    struct buf part;

    (void)state;
    buf_init(&part, 1024);
    assert_int_equal(batch_init(&batch, "arn:aws:kinesis:eu-west-1:111122223333:stream/users"), 0);
    add(&batch, "x", "k");
    assert_memory_equal(batch_body(&batch, 0, 1, &part).ptr, "{\"StreamARN\":\"arn:", 18);
    batch_done(&batch);
}

static void test_a_part_is_a_request_of_its_own(void **state)
{
    struct batch *batch = *state;
    struct buf part;

    buf_init(&part, 1024);
    add(batch, "a", "1");
    add(batch, "b", "2");
    add(batch, "c", "3");
    assert_body(batch_body(batch, 1, 2, &part),
                "{\"StreamName\":\"users\",\"Records\":[{\"Data\":\"Yg==\",\"PartitionKey\":\"2\"}]}");
    assert_body(batch_body(batch, 1, 3, &part),
                "{\"StreamName\":\"users\",\"Records\":[{\"Data\":\"Yg==\",\"PartitionKey\":\"2\"},"
                "{\"Data\":\"Yw==\",\"PartitionKey\":\"3\"}]}");
    buf_done(&part);
}

static void test_a_record_can_move_to_another_batch(void **state)
{
    struct batch *batch = *state;
    struct batch other;
    struct buf part;

    buf_init(&part, 1024);
    assert_int_equal(batch_init(&other, "users"), 0);
    add(batch, "a", "1");
    add(batch, "b", "2");
    assert_int_equal(batch_add_encoded(&other, batch_json(batch, 1), &batch->entries[1]), 0);
    assert_body(batch_body(&other, 0, 1, &part),
                "{\"StreamName\":\"users\",\"Records\":[{\"Data\":\"Yg==\",\"PartitionKey\":\"2\"}]}");
    batch_done(&other);
}

static void test_limits_by_count_and_raw_bytes(void **state)
{
    struct batch *batch = *state;

    for (int i = 0; i < BATCH_RECORDS_MAX; i++) {
        add(batch, "x", "k");
    }
    assert_false(batch_fits(batch, 1));
    batch_reset(batch);
    assert_true(batch_fits(batch, BATCH_RAW_MAX));
    assert_false(batch_fits(batch, BATCH_RAW_MAX + 1));
    add(batch, "x", "k");
    assert_true(batch_fits(batch, BATCH_RAW_MAX - 2));
    assert_false(batch_fits(batch, BATCH_RAW_MAX - 1));
}

static void test_explicit_hash_key(void **state)
{
    struct batch *batch = *state;
    const struct batch_record record = {STR("x"), STR("k"), STR("170141183460469231731687303715884105728")};
    const struct batch_entry entry = {.raw = 2};
    cJSON *json;
    struct error err;

    assert_int_equal(batch_add(batch, &record, &entry), 0);
    assert_true(batch_encoded_bound(&record) >= batch_json(batch, 0).len);
    json = json_parse(batch_json(batch, 0).ptr, batch_json(batch, 0).len, &err);
    assert_string_equal(json_string(json, "ExplicitHashKey"), "170141183460469231731687303715884105728");
    cJSON_Delete(json);
}

static void test_data_comes_back_out(void **state)
{
    struct batch *batch = *state;
    struct buf data;

    buf_init(&data, 100);
    add(batch, "any \x01 bytes", "k");
    assert_int_equal(batch_decode_data(batch_json(batch, 0), &data), 0);
    assert_string_equal(data.data, "any \x01 bytes");
    buf_done(&data);
}

/* The largest request that AWS takes has to fit: 500 records of together 10 MiB with keys all escapes. */
static void test_the_largest_request_fits(void **state)
{
    struct batch *batch = *state;
    char key[256];
    char *data = calloc(1, 20800);
    const struct batch_record record = {{data, 20700}, {key, sizeof(key)}, STR("")};
    const struct batch_entry entry = {.raw = (uint32_t)batch_raw_size(&record)};
    struct buf part;

    memset(key, 1, sizeof(key));
    buf_init(&part, 10);
    while (batch_fits(batch, entry.raw)) {
        assert_int_equal(batch_add(batch, &record, &entry), 0);
    }
    assert_int_equal(batch->count, 500);
    assert_true(batch_body(batch, 0, batch->count, &part).len > 0);
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_body_is_a_put_records_request, setup, teardown),
        cmocka_unit_test(test_an_arn_is_sent_as_one),
        cmocka_unit_test_setup_teardown(test_a_part_is_a_request_of_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_record_can_move_to_another_batch, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits_by_count_and_raw_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_explicit_hash_key, setup, teardown),
        cmocka_unit_test_setup_teardown(test_data_comes_back_out, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_largest_request_fits, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
