/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/attr.h"

#include "local/aws/kinesis_scaling.h"

enum { ROOM = 400 };

static void add(struct kinesis_stream *stream, hash_key start, hash_key end)
{
    assert_true(stream->shard_count < ROOM);
    stream->shards[stream->shard_count] =
        (struct kinesis_shard){.number = (unsigned)stream->shard_count, .hash_start = start, .hash_end = end};
    stream->shard_count++;
}

/* Does what a step says; a merge must be of neighbours, a split within a shard. */
static void apply(struct kinesis_stream *stream, enum kinesis_scaling_step kind,
                  const struct kinesis_scaling *step)
{
    struct kinesis_shard *a = &stream->shards[step->shard];

    assert_int_equal(a->closed_ms, 0);
    a->closed_ms = 1;
    if (kind == KINESIS_SCALING_SPLIT) {
        assert_true(step->at > a->hash_start && step->at <= a->hash_end);
        add(stream, a->hash_start, step->at - 1);
        add(stream, step->at, a->hash_end);
    } else {
        struct kinesis_shard *b = &stream->shards[step->adjacent];
        assert_int_equal(b->closed_ms, 0);
        assert_true(a->hash_end + 1 == b->hash_start);
        b->closed_ms = 1;
        add(stream, a->hash_start, b->hash_end);
    }
}

static bool has_open(const struct kinesis_stream *stream, hash_key start, hash_key end)
{
    for (size_t i = 0; i < stream->shard_count; i++) {
        const struct kinesis_shard *shard = &stream->shards[i];
        if (!shard->closed_ms && shard->hash_start == start && shard->hash_end == end) {
            return true;
        }
    }
    return false;
}

static void expect_equal_ranges(struct kinesis_stream *stream, unsigned target)
{
    struct kinesis_scaling step = {0};
    enum kinesis_scaling_step kind;
    hash_key start;
    hash_key end;

    while ((kind = kinesis_scaling_next(stream, target, &step)) != KINESIS_SCALING_DONE) {
        apply(stream, kind, &step);
    }
    assert_int_equal(kinesis_stream_open_shards(stream), target);
    for (unsigned i = 0; i < target; i++) {
        kinesis_hash_range(i, target, &start, &end);
        assert_true(has_open(stream, start, end));
    }
}

static void every_number_leads_to_every_other(void **state)
{
    struct kinesis_stream stream = {.shards = calloc(ROOM, sizeof(struct kinesis_shard))};

    (void)state;
    assert_non_null(stream.shards);
    for (unsigned from = 1; from <= 16; from++) {
        for (unsigned to = 1; to <= 16; to++) {
            hash_key start;
            hash_key end;
            stream.shard_count = 0;
            for (unsigned i = 0; i < from; i++) {
                kinesis_hash_range(i, from, &start, &end);
                add(&stream, start, end);
            }
            expect_equal_ranges(&stream, to);
        }
    }
    free(stream.shards);
}

static void uneven_shards_become_even(void **state)
{
    struct kinesis_stream stream = {.shards = calloc(ROOM, sizeof(struct kinesis_shard))};

    (void)state;
    assert_non_null(stream.shards);
    add(&stream, 1000, HASH_KEY_MAX - 1);
    add(&stream, HASH_KEY_MAX, HASH_KEY_MAX);
    add(&stream, 0, 4);
    add(&stream, 5, 999);
    expect_equal_ranges(&stream, 3);
    free(stream.shards);
}

static void a_stream_that_is_even_is_left_alone(void **state)
{
    struct kinesis_shard shards[1] = {{.hash_end = HASH_KEY_MAX}};
    struct kinesis_stream stream = {.shards = shards, .shard_count = 1};
    struct kinesis_scaling step = {0};

    (void)state;
    assert_int_equal(kinesis_scaling_next(&stream, 1, &step), KINESIS_SCALING_DONE);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_leads_to_every_other),
        cmocka_unit_test(uneven_shards_become_even),
        cmocka_unit_test(a_stream_that_is_even_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
