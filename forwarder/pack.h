/* SPDX-License-Identifier: Apache-2.0 */
/* The records from Kafka that went into one aggregate, which they leave when they settle. */
#ifndef FORWARDER_PACK_H
#define FORWARDER_PACK_H

#include "forwarder/batch.h"

struct packed {
    uint64_t ticket;
    int64_t offset;
    int64_t timestamp_ms;
    uint32_t start; /* of its data in the aggregate */
    uint32_t len;
};

/* In order; all of one Kafka partition and one lane, which the aggregate's entry has. One block of memory. */
struct pack {
    size_t reserved; /* bytes that they take, data aside, once they are on their own again */
    size_t count;
    struct packed records[];
};

/* Records from Kafka that a Kinesis record carries. */
static inline size_t pack_records(const struct batch_entry *entry)
{
    return entry->pack ? entry->pack->count : 1;
}

#endif
