/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/offsets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_nothing_to_commit_at_first(void **state)
{
    struct offsets offsets;

    (void)state;
    offsets_init(&offsets);
    assert_int_equal(offsets_commit(&offsets), -1);
    offsets_done(&offsets);
}

static void test_the_commit_is_the_first_unconfirmed_offset(void **state)
{
    struct offsets offsets;
    uint64_t tickets[4];

    (void)state;
    offsets_init(&offsets);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(offsets_add(&offsets, 100 + i, &tickets[i]), 0);
    }
    assert_int_equal(offsets_commit(&offsets), 100);
    offsets_confirm(&offsets, tickets[1]);
    offsets_confirm(&offsets, tickets[3]);
    assert_int_equal(offsets_commit(&offsets), 100);
    assert_int_equal(offsets_window(&offsets), 4);
    offsets_confirm(&offsets, tickets[0]);
    assert_int_equal(offsets_commit(&offsets), 102);
    offsets_confirm(&offsets, tickets[2]);
    assert_int_equal(offsets_commit(&offsets), 104);
    assert_int_equal(offsets_window(&offsets), 0);
    offsets_done(&offsets);
}

static void test_gaps_of_compacted_topics(void **state)
{
    struct offsets offsets;
    uint64_t first;
    uint64_t second;

    (void)state;
    offsets_init(&offsets);
    assert_int_equal(offsets_add(&offsets, 0, &first), 0);
    assert_int_equal(offsets_add(&offsets, 1000, &second), 0);
    offsets_confirm(&offsets, first);
    assert_int_equal(offsets_commit(&offsets), 1000);
    offsets_confirm(&offsets, second);
    assert_int_equal(offsets_commit(&offsets), 1001);
    offsets_done(&offsets);
}

/* Against the definition itself, with many records confirmed in an order made by chance. */
static void test_random_orders_agree_with_the_definition(void **state)
{
    enum { COUNT = 5000 };
    static uint64_t tickets[COUNT];
    static bool done[COUNT];
    struct offsets offsets;
    unsigned random = 7;
    int added = 0;
    int first = 0;

    (void)state;
    offsets_init(&offsets);
    for (int step = 0; first < COUNT; step++) {
        random = random * 1103515245u + 12345u;
        if (added < COUNT && (random >> 16) % 3 > 0) {
            assert_int_equal(offsets_add(&offsets, added * 2, &tickets[added]), 0);
            added++;
        } else if (added > first) {
            int pick = first + (int)((random >> 8) % (unsigned)(added - first));
            while (done[pick]) {
                pick = pick + 1 < added ? pick + 1 : first;
            }
            offsets_confirm(&offsets, tickets[pick]);
            done[pick] = true;
            while (first < added && done[first]) {
                first++;
            }
        }
        if (added > 0) {
            int64_t expected = first < added ? first * 2 : (added - 1) * 2 + 1;
            assert_int_equal(offsets_commit(&offsets), expected);
        }
    }
    offsets_done(&offsets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_to_commit_at_first),
        cmocka_unit_test(test_the_commit_is_the_first_unconfirmed_offset),
        cmocka_unit_test(test_gaps_of_compacted_topics),
        cmocka_unit_test(test_random_orders_agree_with_the_definition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
