/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/offsets.h"

#include <stdlib.h>

#include "lib/error.h"

enum { OFFSETS_FIRST_SIZE = 1024 };

void offsets_init(struct offsets *offsets)
{
    *offsets = (struct offsets){.next = -1};
}

void offsets_done(struct offsets *offsets)
{
    free(offsets->ring);
    offsets_init(offsets);
}

static int64_t *slot(const struct offsets *offsets, uint64_t ticket)
{
    return &offsets->ring[ticket & (offsets->size - 1)];
}

static bool grow(struct offsets *offsets)
{
    struct offsets grown = *offsets;

    grown.size = offsets->size ? offsets->size * 2 : OFFSETS_FIRST_SIZE;
    grown.ring = malloc(grown.size * sizeof(*grown.ring));
    if (!grown.ring) {
        return false;
    }
    for (uint64_t ticket = offsets->head; ticket < offsets->tail; ticket++) {
        *slot(&grown, ticket) = *slot(offsets, ticket);
    }
    free(offsets->ring);
    *offsets = grown;
    return true;
}

int offsets_add(struct offsets *offsets, int64_t offset, uint64_t *ret_ticket)
{
    if (offsets->tail - offsets->head == offsets->size && !grow(offsets)) {
        return -ERROR_MEMORY;
    }
    *slot(offsets, offsets->tail) = offset;
    *ret_ticket = offsets->tail++;
    offsets->next = offset + 1;
    return 0;
}

void offsets_confirm(struct offsets *offsets, uint64_t ticket)
{
    int64_t *entry = slot(offsets, ticket);

    *entry = ~*entry;
    while (offsets->head < offsets->tail && *slot(offsets, offsets->head) < 0) {
        offsets->head++;
    }
}

int64_t offsets_commit(const struct offsets *offsets)
{
    return offsets->head == offsets->tail ? offsets->next : *slot(offsets, offsets->head);
}

size_t offsets_window(const struct offsets *offsets)
{
    return (size_t)(offsets->tail - offsets->head);
}
