/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/slice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/buf.h"
#include "lib/hash.h"

static struct kinesis_record record(const char *sequence, const char *key, struct str data)
{
    return (struct kinesis_record){.data = data, .partition_key = str_of(key), .sequence = str_of(sequence)};
}

/* An aggregate of `count` records "0", "1", ... with the key "k". */
static struct buf aggregate(unsigned count)
{
    unsigned char digest[HASH_MD5_SIZE];
    struct buf buf;

    buf_init(&buf, 1 << 20);
    buf_add(&buf, "\xF3\x89\x9A\xC2\x0A\x01k", 7);
    for (unsigned i = 0; i < count; i++) {
        char data[16];
        int len = snprintf(data, sizeof(data), "%u", i);
        buf_addf(&buf, "\x1A%c\x08", 4 + len);
        buf_add_char(&buf, 0);
        buf_addf(&buf, "\x1A%c%s", len, data);
    }
    hash_md5(buf.data + 4, buf.len - 4, digest);
    buf_add(&buf, digest, sizeof(digest));
    return buf;
}

static void aggregates_are_taken_apart_over_slices(void **state)
{
    struct buf packed = aggregate(1200);
    struct kinesis_record records[] = {record("1", "a", STR("first")), record("2", "b", buf_str(&packed)),
                                       record("3", "c", STR("last"))};
    struct kinesis_records answer = {.records = records, .count = 3};
    struct slice_reader reader = {0};
    static struct slice slice;

    (void)state;
    slice_start(&reader, &answer, NULL);
    slice_fill(&reader, &slice);
    assert_int_equal(slice.count, ENGINE_SLICE_CAP);
    assert_true(str_eq(slice.data[0], STR("first")) && slice.origin[0].last);
    assert_true(str_eq(slice.data[1], STR("0")) && !slice.origin[1].last);
    assert_true(str_eq(slice.origin[1].partition_key, STR("k")));
    assert_true(str_eq(slice.origin[1].sequence, STR("2")));
    assert_int_equal(slice.origin[499].subsequence, 498);
    slice_fill(&reader, &slice);
    assert_true(str_eq(slice.data[0], STR("499")) && !slice.origin[0].last);
    slice_fill(&reader, &slice);
    assert_int_equal(slice.count, 202);
    assert_true(str_eq(slice.data[200], STR("1199")) && slice.origin[200].last);
    assert_true(str_eq(slice.data[201], STR("last")) && slice.origin[201].last);
    slice_fill(&reader, &slice);
    assert_int_equal(slice.count, 0);
    slice_reader_done(&reader);
    buf_done(&packed);
}

static void an_aggregate_of_nothing_stays_a_record(void **state)
{
    struct buf packed = aggregate(0);
    struct kinesis_record records[] = {record("1", "a", buf_str(&packed)), record("2", "a", STR("x"))};
    struct kinesis_records answer = {.records = records, .count = 2};
    struct slice_reader reader = {0};
    static struct slice slice;

    (void)state;
    slice_start(&reader, &answer, NULL);
    slice_fill(&reader, &slice);
    assert_int_equal(slice.count, 2);
    assert_true(str_eq(slice.data[0], buf_str(&packed)));
    assert_true(str_eq(slice.data[1], STR("x")));
    slice_reader_done(&reader);
    buf_done(&packed);
}

static void repetitions_are_left_out_and_counted(void **state)
{
    struct kinesis_record records[] = {record("1", "a", STR("x")), record("2", "b", STR("x")),
                                       record("3", "a", STR("x")), record("4", "a", STR("y"))};
    struct kinesis_records answer = {.records = records, .count = 4};
    struct dedup *dedup = dedup_new(10);
    struct slice_reader reader = {0};
    static struct slice slice;

    (void)state;
    slice_start(&reader, &answer, dedup);
    slice_fill(&reader, &slice);
    assert_int_equal(slice.count, 3);
    assert_true(str_eq(slice.origin[2].sequence, STR("4")));
    assert_int_equal(reader.duplicates, 1);
    slice_start(&reader, &answer, dedup);
    slice_fill(&reader, &slice);
    assert_int_equal(slice.count, 0);
    assert_int_equal(reader.duplicates, 4);
    dedup_free(dedup);
    slice_reader_done(&reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aggregates_are_taken_apart_over_slices),
        cmocka_unit_test(an_aggregate_of_nothing_stays_a_record),
        cmocka_unit_test(repetitions_are_left_out_and_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
