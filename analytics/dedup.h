/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Remembers the last records of a shard to recognise one that its producer sent twice (a PutRecords whose
 * outcome it did not learn): the same partition key and the same data. Memory is fixed: two generations of
 * `window` digests of 16 bytes; what was seen among the last `window` records is always recognised, what is
 * older than 2 * window never. Nothing is kept over a restart. Pure.
 */
#ifndef ANALYTICS_DEDUP_H
#define ANALYTICS_DEDUP_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/str.h"

struct dedup;

/* `window` in records, at least 1. NULL without memory. */
struct dedup *dedup_new(size_t window);
void dedup_free(struct dedup *dedup);
/* True if the record was seen; remembers it otherwise. */
bool dedup_seen(struct dedup *dedup, struct str partition_key, struct str data);

#endif
