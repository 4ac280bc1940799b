/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/replica.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/str.h"

static void every_shard_has_exactly_one_owner(void **state)
{
    (void)state;
    for (uint64_t count = 1; count <= 5; count++) {
        for (int shard = 0; shard < 40; shard++) {
            char id[32];
            unsigned owners = 0;
            snprintf(id, sizeof(id), "shardId-%012d", shard);
            for (uint64_t index = 0; index < count; index++) {
                const struct replica replica = {index, count};
                owners += replica_owns(&replica, id);
            }
            assert_int_equal(owners, 1);
        }
    }
    assert_true(replica_owns(&(struct replica){2, 3}, "shardId-000000000008"));
    assert_true(replica_owns(&(struct replica){0, 3}, "strange"));
    assert_false(replica_owns(&(struct replica){1, 3}, "strange"));
    assert_true(replica_owns(&(struct replica){0}, "shardId-000000000008"));
}

static void the_index_is_the_variable_or_the_end_of_the_hosts_name(void **state)
{
    struct replica replica;

    (void)state;
    assert_int_equal(replica_find(NULL, "users-analytics-2", 3, &replica, NULL), 0);
    assert_int_equal(replica.index, 2);
    assert_int_equal(replica.count, 3);
    assert_int_equal(replica_find("1", "users-analytics-2", 3, &replica, NULL), 0);
    assert_int_equal(replica.index, 1);
    /* Alone, the host's name says nothing. */
    assert_int_equal(replica_find(NULL, "ip-10-0-0-7", 1, &replica, NULL), 0);
    assert_int_equal(replica.index, 0);
}

static void what_names_no_replica_is_refused(void **state)
{
    static const struct {
        const char *index;
        const char *host;
        const char *message;
    } cases[] = {
        {NULL, "laptop", "ANALYTICS_REPLICA: is required with ANALYTICS_REPLICAS=3"},
        {NULL, "analytics-", "ANALYTICS_REPLICA: is required"},
        {NULL, "analytics-3", "analytics-3: replica 3 is not below ANALYTICS_REPLICAS=3"},
        {"3", "analytics-0", "ANALYTICS_REPLICA: replica 3 is not below"},
        {"x", "analytics-0", "ANALYTICS_REPLICA=x: must be a number"},
        {"-1", "analytics-0", "ANALYTICS_REPLICA=-1: must be a number"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct replica replica;
        struct error err = {0};
        assert_int_equal(replica_find(cases[i].index, cases[i].host, 3, &replica, &err), -ERROR_CONFIG);
        if (!strstr(err.message, cases[i].message)) {
            fail_msg("expected %s: %s", cases[i].message, err.message);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shard_has_exactly_one_owner),
        cmocka_unit_test(the_index_is_the_variable_or_the_end_of_the_hosts_name),
        cmocka_unit_test(what_names_no_replica_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
