/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/partitions.h"

#include <stdlib.h>

#include "lib/error.h"

struct partition *partitions_find(const struct partitions *partitions, int32_t id)
{
    struct partition *partition = partitions->list;

    while (partition && !(partition->id == id && partition->owned)) {
        partition = partition->next;
    }
    return partition;
}

int partitions_add(struct partitions *partitions, int32_t id)
{
    struct partition *partition = calloc(1, sizeof(*partition));

    if (!partition) {
        return -ERROR_MEMORY;
    }
    partition->id = id;
    partition->owned = true;
    partition->committed = partition->acked = -1;
    offsets_init(&partition->offsets);
    partition->next = partitions->list;
    partitions->list = partition;
    return 0;
}

static void free_one(struct partition *partition)
{
    offsets_done(&partition->offsets);
    free(partition);
}

static void remove_if_idle(struct partitions *partitions, struct partition *partition)
{
    struct partition **link = &partitions->list;

    if (partition->owned || partition->alive > 0) {
        return;
    }
    while (*link != partition) {
        link = &(*link)->next;
    }
    *link = partition->next;
    free_one(partition);
}

void partitions_drop(struct partitions *partitions, struct partition *partition)
{
    partition->owned = false;
    remove_if_idle(partitions, partition);
}

void partitions_settle(struct partitions *partitions, struct partition *partition)
{
    partition->alive--;
    remove_if_idle(partitions, partition);
}

uint64_t partition_uncommitted(const struct partition *partition)
{
    const struct offsets *offsets = &partition->offsets;

    return partition->acked >= 0 ? (uint64_t)(offsets->next - partition->acked) : offsets->tail;
}

bool partition_commit_due(const struct partition *partition)
{
    return partition->owned && offsets_commit(&partition->offsets) > partition->committed;
}

void partitions_free(struct partitions *partitions)
{
    while (partitions->list) {
        struct partition *partition = partitions->list;
        partitions->list = partition->next;
        free_one(partition);
    }
}
