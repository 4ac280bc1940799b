/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/replica.h"

#include <stddef.h>

#include "lib/str.h"

/* The digits behind the last '-'; false if there are none. */
static bool number_at_end(const char *name, long long *ret)
{
    const char *dash = strrchr(name, '-');

    return dash && str_to_int64(str_of(dash + 1), 0, INT64_MAX, ret);
}

int replica_find(const char *index, const char *host, int64_t count, struct replica *ret, struct error *err)
{
    long long number = 0;

    if (index) {
        if (!str_to_int64(str_of(index), 0, INT64_MAX, &number)) {
            return error_set(err, ERROR_CONFIG, false, "ANALYTICS_REPLICA=%s: must be a number", index);
        }
    } else if (count > 1 && !number_at_end(host, &number)) {
        return error_set(
            err, ERROR_CONFIG, false,
            "ANALYTICS_REPLICA: is required with ANALYTICS_REPLICAS=%lld, since the host's name, "
            "%s, does not end in a number such as analytics-0",
            (long long)count, host);
    }
    if (number >= count) {
        return error_set(err, ERROR_CONFIG, false,
                         "%s: replica %lld is not below ANALYTICS_REPLICAS=%lld; they count from 0",
                         index ? "ANALYTICS_REPLICA" : host, number, (long long)count);
    }
    *ret = (struct replica){(uint64_t)number, (uint64_t)count};
    return 0;
}

bool replica_owns(const struct replica *replica, const char *shard)
{
    long long number;

    if (replica->count <= 1) {
        return true;
    }
    /* Kinesis has no other ids; one would go to the first. */
    if (!number_at_end(shard, &number)) {
        number = 0;
    }
    return (uint64_t)number % replica->count == replica->index;
}
