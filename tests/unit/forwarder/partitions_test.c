/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/partitions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ID = 3 };

/* Takes the records [from, to), of which those before `confirmed` are
 * confirmed, and acknowledges a commit of `acked`. */
static struct partition *fill(struct partitions *partitions, int64_t from, int64_t to, int64_t confirmed,
                              int64_t acked)
{
    struct partition *partition;
    uint64_t ticket;

    assert_int_equal(partitions_add(partitions, ID), 0);
    partition = partitions_find(partitions, ID);
    for (int64_t offset = from; offset < to; offset++) {
        assert_int_equal(offsets_add(&partition->offsets, offset, &ticket), 0);
        if (offset < confirmed) {
            offsets_confirm(&partition->offsets, ticket);
        }
    }
    partition->acked = acked;
    return partition;
}

static void another_assignment_is_another_partition(void **state)
{
    struct partitions partitions = {0};
    struct partition *partition = fill(&partitions, 100, 200, 180, 150);

    (void)state;
    partitions_drop(&partitions, partition);
    assert_null(partitions_find(&partitions, ID));
    assert_int_equal(partitions_add(&partitions, ID), 0);
    partition = partitions_find(&partitions, ID);
    assert_int_equal(partition->offsets.next, -1);
    assert_int_equal(partition->acked, -1);
    assert_false(partition_commit_due(partition));
    partitions_free(&partitions);
}

static void uncommitted_are_counted(void **state)
{
    struct partitions partitions = {0};

    (void)state;
    assert_int_equal(partition_uncommitted(fill(&partitions, 100, 200, 180, 150)), 50);
    partitions_free(&partitions);
    assert_int_equal(partition_uncommitted(fill(&partitions, 100, 200, 180, -1)), 100);
    partitions_free(&partitions);
    assert_int_equal(partition_uncommitted(fill(&partitions, 100, 100, 100, -1)), 0);
    partitions_free(&partitions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_assignment_is_another_partition),
        cmocka_unit_test(uncommitted_are_counted),
    };
    return cmocka_run_group_tests_name("partitions", tests, NULL, NULL);
}
