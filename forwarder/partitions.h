/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Kafka partitions this forwarder owns or still has records of. A partition that was handed back stays,
 * fenced, until its last record is settled; the same number assigned again is a new one beside it. Pure.
 */
#ifndef FORWARDER_PARTITIONS_H
#define FORWARDER_PARTITIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "forwarder/offsets.h"
#include "lib/attr.h"

struct partition {
    int32_t id;
    bool owned;    /* its offsets may be committed */
    bool revoking; /* no more records are taken; what is on its way is awaited */
    struct offsets offsets;
    int64_t committed;  /* last offset given to a commit, -1: none */
    int64_t acked;      /* last offset that a commit was acknowledged for, -1: none */
    size_t alive;       /* records taken and not settled */
    size_t in_requests; /* Kinesis records with some of these in a batch, and letters on their way */
    struct partition *next;
};

struct partitions {
    struct partition *list;
};

/* The owned partition of that number, or NULL. */
struct partition *partitions_find(const struct partitions *partitions, int32_t id);
/* Starts to own a partition. Returns 0 or -ERROR_MEMORY. */
int partitions_add(struct partitions *partitions, int32_t id) MUST_USE;
/* Stops owning it. It goes when nothing of it is alive. */
void partitions_drop(struct partitions *partitions, struct partition *partition);
/* One record less is alive. */
void partitions_settle(struct partitions *partitions, struct partition *partition);
/* At most so many records were taken whose offsets no acknowledged commit covers. */
uint64_t partition_uncommitted(const struct partition *partition);
/* True if the offset to commit has moved since the last commit. */
bool partition_commit_due(const struct partition *partition);
void partitions_free(struct partitions *partitions);

#endif
