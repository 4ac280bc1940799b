/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Order per key: one record of a key is on its way at a time, later ones wait in the key's lane. Lanes are a
 * fixed table indexed by the key's hash; two keys in one lane only wait for each other. Pure.
 */
#ifndef FORWARDER_LANES_H
#define FORWARDER_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "forwarder/batch.h"

/* A record that waits outside of a batch: for its lane, or to be sent again. Owned by who holds it. */
struct held {
    struct held *next;
    struct batch_entry entry;
    char json[]; /* entry.len bytes */
};

/* A copy of a record's JSON and entry; NULL without memory. */
struct held *held_new(const struct batch_entry *entry, struct str json);
/* Memory that one takes, by this forwarder's count. */
size_t held_size(size_t json_len);

/* A first-in first-out list of them. held_free_all() frees the aggregates' records with them. */
struct held_list {
    struct held *head;
    struct held *tail;
};
void held_push(struct held_list *list, struct held *held);
struct held *held_pop(struct held_list *list);
void held_free_all(struct held_list *list);

enum { LANE_COUNT = 1 << 16, LANE_WORDS = LANE_COUNT / 64 };
/* For records whose order nobody asked for. */
#define LANE_NONE UINT32_MAX

/*
 * Which lanes are taken and which have waiters is kept in bitmaps of 8 KiB, so that records whose key nobody
 * waits for, nearly all of them as a rule, never touch the lists.
 */
struct lanes {
    uint64_t busy[LANE_WORDS];
    uint64_t awaited[LANE_WORDS];
    struct held_list waiting[LANE_COUNT];
};

uint32_t lanes_index(uint64_t hash);
/* Takes the lane if it is free. */
bool lanes_enter(struct lanes *lanes, uint32_t lane);
bool lanes_busy(const struct lanes *lanes, uint32_t lane);
void lanes_wait(struct lanes *lanes, uint32_t lane, struct held *held);
/* Those of the list wait before all others; the list is empty then. */
void lanes_wait_first(struct lanes *lanes, uint32_t lane, struct held_list *list);
/* The first of those that wait, and the others behind it; NULL if there are none. */
const struct held *lanes_first(const struct lanes *lanes, uint32_t lane);
/* The first, now the caller's, on its way together with the record that is so already. */
struct held *lanes_pop(struct lanes *lanes, uint32_t lane);
/*
 * The record that was on its way is settled. The next one of the lane, now on its way and the caller's, or
 * NULL: then the lane is free.
 */
struct held *lanes_leave(struct lanes *lanes, uint32_t lane);
void lanes_free(struct lanes *lanes);

#endif
