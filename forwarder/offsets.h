/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which offset of one Kafka partition may be committed: the first record that is not yet confirmed. Records
 * are added in Kafka's order and done in any. A ring of 8 bytes a record. Pure.
 */
#ifndef FORWARDER_OFFSETS_H
#define FORWARDER_OFFSETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"

struct offsets {
    int64_t *ring; /* offset, or its complement once the record is done */
    size_t size;   /* power of two */
    uint64_t head; /* ticket of the oldest record that is not done */
    uint64_t tail; /* ticket of the next record to be added */
    int64_t next;  /* offset behind the last record added; -1 before the first */
};

void offsets_init(struct offsets *offsets);
void offsets_done(struct offsets *offsets);

/* Adds a record and gives it a ticket. Offsets grow, gaps are fine. Returns 0 or -ERROR_MEMORY. */
int offsets_add(struct offsets *offsets, int64_t offset, uint64_t *ret_ticket) MUST_USE;
/* The record is confirmed (once per ticket). */
void offsets_confirm(struct offsets *offsets, uint64_t ticket);
/* The offset to commit, or -1 if no record was ever added. */
int64_t offsets_commit(const struct offsets *offsets);
/* Records between the oldest unconfirmed one and the newest. */
size_t offsets_window(const struct offsets *offsets);

#endif
