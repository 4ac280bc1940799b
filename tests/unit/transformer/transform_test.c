/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "lib/json.h"
#include "transformer/transform.h"

static struct transform_counts counts;
static struct error err;

static int transform(struct str event, size_t cap, struct buf *out)
{
    const struct transform_options options = {.payload_cap = cap};

    err = (struct error){0};
    return transform_event(event, &options, out, &counts, &err);
}

static int setup(void **state)
{
    static struct buf out;

    buf_init(&out, TRANSFORM_PAYLOAD_CAP);
    *state = &out;
    return 0;
}

static int teardown(void **state)
{
    buf_done(*state);
    return 0;
}

static void records_are_counted_by_result(void **state)
{
    assert_int_equal(
        transform(STR("{\"records\":[{\"recordId\":\"a\",\"data\":\"eA==\"},{\"recordId\":\"b\",\"data\":"
                      "\"\"},{\"recordId\":\"c\",\"data\":\"!\"}]}"),
                  TRANSFORM_PAYLOAD_CAP, *state),
        0);
    assert_int_equal(counts.ok, 2);
    assert_int_equal(counts.failed, 1);
}

static void a_buffer_serves_one_event_after_the_other(void **state)
{
    struct buf *out = *state;

    for (int i = 0; i < 3; i++) {
        assert_int_equal(transform(STR("{\"records\":[{\"recordId\":\"a\",\"data\":\"eA==\"}]}"),
                                   TRANSFORM_PAYLOAD_CAP, out),
                         0);
        assert_string_equal(out->data,
                            "{\"records\":[{\"recordId\":\"a\",\"result\":\"Ok\",\"data\":\"eAo=\"}]}");
        assert_int_not_equal(transform(STR("{"), TRANSFORM_PAYLOAD_CAP, out), 0);
        assert_int_equal(out->len, 0);
    }
}

static void an_event_without_bytes_is_not_json(void **state)
{
    assert_int_equal(transform((struct str){NULL, 0}, TRANSFORM_PAYLOAD_CAP, *state), -ERROR_SYNTAX);
    assert_string_equal(err.message, "not JSON at byte 0: a value is expected");
}

static void bytes_that_are_not_utf8_are_named(void **state)
{
    assert_int_equal(transform(STR("{\"records\":[{\"recordId\":\"a\",\"data\":\"eA\xC3=\"}]}"),
                               TRANSFORM_PAYLOAD_CAP, *state),
                     -ERROR_SYNTAX);
    assert_string_equal(err.message, "not JSON at byte 38: UTF-8 is expected");
    assert_int_equal(transform(STR("{\"records\":[{\"recordId\":\"\xFF\",\"data\":\"eA==\"}]}"),
                               TRANSFORM_PAYLOAD_CAP, *state),
                     -ERROR_SYNTAX);
}

static void deep_nesting_is_refused_and_does_not_use_up_the_stack(void **state)
{
    struct buf event;

    buf_init(&event, 8 << 20);
    buf_add_str(&event, "{\"x\":");
    for (int i = 0; i < 3000000; i++) {
        buf_add_char(&event, '[');
    }
    assert_int_equal(transform(buf_str(&event), TRANSFORM_PAYLOAD_CAP, *state), -ERROR_SYNTAX);
    assert_non_null(strstr(err.message, "less nesting"));
    buf_done(&event);
}

static void long_data_is_extended_at_its_end_only(void **state)
{
    struct buf *out = *state;
    struct buf event;

    buf_init(&event, 8 << 20);
    buf_add_str(&event, "{\"records\":[{\"recordId\":\"a\",\"data\":\"");
    for (int i = 0; i < 250000; i++) {
        buf_add_str(&event, "Zm9vYmFy/+09");
    }
    buf_add_str(&event, "Zg==\"}]}");
    assert_int_equal(transform(buf_str(&event), TRANSFORM_PAYLOAD_CAP, out), 0);
    assert_int_equal(out->len, event.len + strlen("\"result\":\"Ok\","));
    assert_string_equal(out->data + out->len - strlen("09Zgo=\"}]}"), "09Zgo=\"}]}");
    buf_done(&event);
}

/* Events that are larger than what fits --------------------------------------------------------------- */

/* `count` records of `size` characters of base64 each; ids are six digits. */
static void make_event(struct buf *event, int count, int size)
{
    buf_init(event, 16 << 20);
    buf_add_str(event, "{\"records\":[");
    for (int i = 0; i < count; i++) {
        buf_addf(event, "%s{\"recordId\":\"%06d\",\"data\":\"", i > 0 ? "," : "", i);
        for (int n = 0; n < size; n += 4) {
            buf_add_str(event, "eHl6");
        }
        buf_add_str(event, "\"}");
    }
    buf_add_str(event, "]}");
}

/* Checks that every record came back once and in order; returns how many are Ok. */
static int count_ok(const struct buf *out, int count)
{
    cJSON *answer = json_parse(out->data, out->len, &err);
    const cJSON *records = json_get(answer, "records");
    const cJSON *record;
    int index = 0;
    int ok = 0;

    assert_non_null(answer);
    cJSON_ArrayForEach(record, records)
    {
        bool fine = strcmp(json_string(record, "result"), "Ok") == 0;
        assert_int_equal(atol(json_string(record, "recordId")), index);
        assert_non_null(json_string(record, "data"));
        assert_true(fine || strcmp(json_string(record, "result"), "ProcessingFailed") == 0);
        assert_int_equal(fine, json_string(record, "data")[0] != '\0');
        ok += fine;
        index++;
    }
    assert_int_equal(index, count);
    cJSON_Delete(answer);
    return ok;
}

static void records_that_do_not_fit_are_failed_with_empty_data(void **state)
{
    const int full = (int)strlen(
        "{'recordId':'000000','result':'Ok','data':'eHl6eHl6eHl6eHl6eHl6eHl6eHl6eHl6eHl6eHl6Cg=='},");
    const int least = (int)strlen("{'recordId':'000000','result':'ProcessingFailed','data':''},");
    const int around = (int)strlen("{'records':[]}") - 1; /* the last record has no comma */
    struct buf *out = *state;
    struct buf event;

    make_event(&event, 100, 40);
    for (int room = 0; room <= 100; room++) {
        size_t cap = (size_t)(around + room * full + (100 - room) * least);
        assert_int_equal(transform(buf_str(&event), cap, out), 0);
        assert_int_equal(out->len, cap);
        assert_int_equal(count_ok(out, 100), room);
        assert_int_equal(counts.ok, room);
        assert_int_equal(counts.failed, 100 - room);
        if (room > 0) {
            assert_int_equal(transform(buf_str(&event), cap - 1, out), 0);
            assert_true(out->len < cap);
            assert_int_equal(count_ok(out, 100), room - 1);
        } else {
            assert_int_equal(transform(buf_str(&event), cap - 1, out), -ERROR_LIMIT);
            assert_int_equal(out->len, 0);
            assert_string_equal(err.message, "no answer of 6012 bytes can hold 100 records");
        }
    }
    buf_done(&event);
}

static void a_small_record_behind_one_that_does_not_fit_stays_ok(void **state)
{
    struct buf *out = *state;

    assert_int_equal(
        transform(
            STR("{\"records\":[{\"recordId\":\"000000\",\"data\":\"eHl6\"},{\"recordId\":\"000001\",\"data\":"
                "\"eHl6eHl6eHl6eHl6eHl6eHl6eHl6eHl6\"},{\"recordId\":\"000002\",\"data\":\"eHl6\"}]}"),
            190, out),
        0);
    assert_int_equal(count_ok(out, 3), 2);
    assert_string_equal(out->data,
                        "{\"records\":[{\"recordId\":\"000000\",\"result\":\"Ok\",\"data\":\"eHl6Cg==\"},"
                        "{\"recordId\":\"000001\",\"result\":\"ProcessingFailed\",\"data\":\"\"},"
                        "{\"recordId\":\"000002\",\"result\":\"Ok\",\"data\":\"eHl6Cg==\"}]}");
}

/* The full form of a record with little data is shorter than its failure would be. */
static void tiny_records_stay_ok_where_their_failure_would_be_longer(void **state)
{
    struct buf *out = *state;
    struct buf event;

    make_event(&event, 10, 4);
    assert_int_equal(transform(buf_str(&event), TRANSFORM_PAYLOAD_CAP, out), 0);
    assert_int_equal(count_ok(out, 10), 10);
    assert_int_equal(transform(buf_str(&event), out->len - 1, out), -ERROR_LIMIT);
    buf_done(&event);
}

static void an_answer_passes_six_megabytes_never(void **state)
{
    struct buf *out = *state;
    struct buf event;

    make_event(&event, 60000, 64); /* 5.9 MB of event, 6.9 MB of answer */
    assert_true(event.len < TRANSFORM_PAYLOAD_CAP);
    assert_int_equal(transform(buf_str(&event), TRANSFORM_PAYLOAD_CAP, out), 0);
    assert_true(out->len <= TRANSFORM_PAYLOAD_CAP && out->len > TRANSFORM_PAYLOAD_CAP - 200);
    assert_int_equal(count_ok(out, 60000), counts.ok);
    assert_int_equal(counts.ok + counts.failed, 60000);
    assert_true(counts.failed > 0 && counts.ok > 0);
    buf_done(&event);
}

static void only_the_last_records_array_is_measured(void **state)
{
    struct buf *out = *state;
    struct buf one;
    struct buf two;

    make_event(&one, 100, 400);
    make_event(&two, 3, 4);
    one.len--; /* the closing brace */
    buf_add_char(&one, ',');
    buf_add(&one, two.data + 1, two.len - 1);
    assert_int_equal(transform(buf_str(&one), 300, out), 0);
    assert_int_equal(count_ok(out, 3), 3);
    buf_done(&one);
    buf_done(&two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(records_are_counted_by_result, setup, teardown),
        cmocka_unit_test_setup_teardown(a_buffer_serves_one_event_after_the_other, setup, teardown),
        cmocka_unit_test_setup_teardown(an_event_without_bytes_is_not_json, setup, teardown),
        cmocka_unit_test_setup_teardown(bytes_that_are_not_utf8_are_named, setup, teardown),
        cmocka_unit_test_setup_teardown(deep_nesting_is_refused_and_does_not_use_up_the_stack, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(long_data_is_extended_at_its_end_only, setup, teardown),
        cmocka_unit_test_setup_teardown(records_that_do_not_fit_are_failed_with_empty_data, setup, teardown),
        cmocka_unit_test_setup_teardown(a_small_record_behind_one_that_does_not_fit_stays_ok, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(tiny_records_stay_ok_where_their_failure_would_be_longer, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_answer_passes_six_megabytes_never, setup, teardown),
        cmocka_unit_test_setup_teardown(only_the_last_records_array_is_measured, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
