/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records that are to be sent again at a time: a timer wheel, so that adding and taking cost the same however
 * many there are. Pure.
 */
#ifndef FORWARDER_WHEEL_H
#define FORWARDER_WHEEL_H

#include <stdint.h>

#include "forwarder/lanes.h"

enum { WHEEL_TICK_MS = 20, WHEEL_SLOTS = 512, WHEEL_SPAN_MS = WHEEL_TICK_MS * WHEEL_SLOTS };

struct wheel {
    struct held_list slots[WHEEL_SLOTS];
    int64_t tick; /* the last one taken */
    size_t count;
};

void wheel_init(struct wheel *wheel, int64_t now_ms);
void wheel_free(struct wheel *wheel);
/* `due_ms` is less than WHEEL_SPAN_MS - WHEEL_TICK_MS ahead. */
void wheel_add(struct wheel *wheel, int64_t due_ms, struct held *held);
/* Moves everything that is due behind `list`, in the order of the ticks. */
void wheel_take_due(struct wheel *wheel, int64_t now_ms, struct held_list *list);
/* When the next tick with records is due; INT64_MAX if there is none. */
int64_t wheel_next_ms(const struct wheel *wheel);

#endif
