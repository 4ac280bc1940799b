/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/shards.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/attr.h"

/* a was split into b and c, which were merged into d. */
static struct kinesis_shard family[] = {{.id = "a", .closed = true},
                                        {.id = "b", .parent = "a", .closed = true},
                                        {.id = "c", .parent = "a", .closed = true},
                                        {.id = "d", .parent = "b", .adjacent_parent = "c"}};

static bool in_text(void *ctx, const char *shard)
{
    return strstr(ctx, shard) != NULL;
}

static bool may_read(struct kinesis_shards list, size_t index, const char *ended)
{
    char text[8];

    memcpy(text, ended, strlen(ended) + 1);
    return shards_may_read(&list, &list.shards[index], in_text, text);
}

static void a_child_waits_for_all_its_parents(void **state)
{
    struct kinesis_shards list = {.shards = family, .count = 4};

    (void)state;
    assert_true(may_read(list, 0, ""));
    assert_false(may_read(list, 1, ""));
    assert_true(may_read(list, 1, "a"));
    assert_true(may_read(list, 2, "a"));
    assert_false(may_read(list, 3, "a"));
    assert_false(may_read(list, 3, "ab"));
    assert_false(may_read(list, 3, "ac"));
    assert_true(may_read(list, 3, "abc"));
}

static void a_parent_beyond_the_retention_is_not_waited_for(void **state)
{
    struct kinesis_shards list = {.shards = family + 1, .count = 3};
    struct kinesis_shards last = {.shards = family + 3, .count = 1};

    (void)state;
    assert_true(may_read(list, 0, ""));
    assert_false(may_read(list, 2, "b"));
    assert_true(may_read(last, 0, ""));
}

static void first_positions_follow_the_option(void **state)
{
    struct shard_position p;

    (void)state;
    shards_first_position(&family[0], true, SHARDS_TRIM_HORIZON, 5, 9, &p);
    assert_string_equal(p.shard, "a");
    assert_int_equal(p.progress, SHARD_FROM_OLDEST);
    shards_first_position(&family[0], true, SHARDS_LATEST, 5, 9, &p);
    assert_int_equal(p.progress, SHARD_ENDED);
    shards_first_position(&family[3], true, SHARDS_LATEST, 5, 9, &p);
    assert_true(p.progress == SHARD_FROM_TIME && p.since_ms == 9);
    shards_first_position(&family[0], true, SHARDS_AT_TIMESTAMP, 5, 9, &p);
    assert_true(p.progress == SHARD_FROM_TIME && p.since_ms == 5);
}

static void a_shard_that_appears_later_begins_at_its_oldest_record(void **state)
{
    struct shard_position p;

    (void)state;
    shards_first_position(&family[3], false, SHARDS_LATEST, 5, 9, &p);
    assert_int_equal(p.progress, SHARD_FROM_OLDEST);
    shards_first_position(&family[3], false, SHARDS_AT_TIMESTAMP, 5, 9, &p);
    assert_int_equal(p.progress, SHARD_FROM_OLDEST);
}

static void positions_become_iterators(void **state)
{
    struct shard_position p = {.progress = SHARD_FROM_OLDEST};
    struct kinesis_position k;

    (void)state;
    shards_iterator_position(&p, &k);
    assert_int_equal(k.start, KINESIS_TRIM_HORIZON);
    p = (struct shard_position){.progress = SHARD_FROM_TIME, .since_ms = 7};
    shards_iterator_position(&p, &k);
    assert_true(k.start == KINESIS_AT_TIMESTAMP && k.timestamp_ms == 7);
    p = (struct shard_position){.progress = SHARD_AFTER, .sequence = "49"};
    shards_iterator_position(&p, &k);
    assert_int_equal(k.start, KINESIS_AFTER_SEQUENCE);
    assert_string_equal(k.sequence, "49");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_waits_for_all_its_parents),
        cmocka_unit_test(a_parent_beyond_the_retention_is_not_waited_for),
        cmocka_unit_test(first_positions_follow_the_option),
        cmocka_unit_test(a_shard_that_appears_later_begins_at_its_oldest_record),
        cmocka_unit_test(positions_become_iterators),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
