/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which shards are this process's, when several share a stream: a shard belongs to the replica whose index is
 * the shard's number modulo their count. The number is what stands at the end of its id (shardId-000000000007
 * is 7), and Kinesis counts on as it makes shards, so splits and merges stay spread. Pure.
 */
#ifndef ANALYTICS_REPLICA_H
#define ANALYTICS_REPLICA_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"

enum { REPLICA_COUNT_CAP = 1000 };

struct replica {
    uint64_t index;
    uint64_t count; /* 0 is taken for 1 */
};

/*
 * `index` is ANALYTICS_REPLICA, or NULL: then the number at the end of the host's name counts, as a
 * StatefulSet gives it (analytics-2 is 2). ERROR_CONFIG if that is none, or not below the count.
 */
int replica_find(const char *index, const char *host, int64_t count, struct replica *ret,
                 struct error *err) MUST_USE;
bool replica_owns(const struct replica *replica, const char *shard);

#endif
