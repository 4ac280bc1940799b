/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/lanes.h"

#include <stdlib.h>
#include <string.h>

struct held *held_new(const struct batch_entry *entry, struct str json)
{
    struct held *held = malloc(sizeof(*held) + json.len);

    if (held) {
        held->next = NULL;
        held->entry = *entry;
        held->entry.start = 0;
        held->entry.len = (uint32_t)json.len;
        memcpy(held->json, json.ptr, json.len);
    }
    return held;
}

size_t held_size(size_t json_len)
{
    const size_t allocator_overhead = 16;

    return sizeof(struct held) + json_len + allocator_overhead;
}

void held_push(struct held_list *list, struct held *held)
{
    held->next = NULL;
    if (list->tail) {
        list->tail->next = held;
    } else {
        list->head = held;
    }
    list->tail = held;
}

struct held *held_pop(struct held_list *list)
{
    struct held *held = list->head;

    if (held) {
        list->head = held->next;
        if (!list->head) {
            list->tail = NULL;
        }
        held->next = NULL;
    }
    return held;
}

void held_free_all(struct held_list *list)
{
    struct held *held;

    while ((held = held_pop(list)) != NULL) {
        free(held->entry.pack);
        free(held);
    }
}

uint32_t lanes_index(uint64_t hash)
{
    return (uint32_t)(hash & (LANE_COUNT - 1));
}

static uint64_t bit(uint32_t lane)
{
    return UINT64_C(1) << (lane & 63);
}

bool lanes_busy(const struct lanes *lanes, uint32_t lane)
{
    return lane != LANE_NONE && (lanes->busy[lane / 64] & bit(lane)) != 0;
}

bool lanes_enter(struct lanes *lanes, uint32_t lane)
{
    if (lane == LANE_NONE) {
        return true;
    }
    if (lanes_busy(lanes, lane)) {
        return false;
    }
    lanes->busy[lane / 64] |= bit(lane);
    return true;
}

void lanes_wait(struct lanes *lanes, uint32_t lane, struct held *held)
{
    held_push(&lanes->waiting[lane], held);
    lanes->awaited[lane / 64] |= bit(lane);
}

void lanes_wait_first(struct lanes *lanes, uint32_t lane, struct held_list *list)
{
    struct held_list *waiting = &lanes->waiting[lane];

    if (!list->head) {
        return;
    }
    list->tail->next = waiting->head;
    waiting->head = list->head;
    if (!waiting->tail) {
        waiting->tail = list->tail;
    }
    *list = (struct held_list){NULL, NULL};
    lanes->awaited[lane / 64] |= bit(lane);
}

const struct held *lanes_first(const struct lanes *lanes, uint32_t lane)
{
    return lane == LANE_NONE ? NULL : lanes->waiting[lane].head;
}

struct held *lanes_pop(struct lanes *lanes, uint32_t lane)
{
    struct held *first = held_pop(&lanes->waiting[lane]);

    if (!lanes->waiting[lane].head) {
        lanes->awaited[lane / 64] &= ~bit(lane);
    }
    return first;
}

struct held *lanes_leave(struct lanes *lanes, uint32_t lane)
{
    if (lane == LANE_NONE) {
        return NULL;
    }
    if ((lanes->awaited[lane / 64] & bit(lane)) == 0) {
        lanes->busy[lane / 64] &= ~bit(lane);
        return NULL;
    }
    return lanes_pop(lanes, lane);
}

void lanes_free(struct lanes *lanes)
{
    for (size_t i = 0; lanes && i < LANE_COUNT; i++) {
        held_free_all(&lanes->waiting[i]);
    }
    free(lanes);
}
