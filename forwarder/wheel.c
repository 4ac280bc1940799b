/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/wheel.h"

void wheel_init(struct wheel *wheel, int64_t now_ms)
{
    *wheel = (struct wheel){.tick = now_ms / WHEEL_TICK_MS};
}

void wheel_free(struct wheel *wheel)
{
    for (size_t i = 0; i < WHEEL_SLOTS; i++) {
        held_free_all(&wheel->slots[i]);
    }
    wheel->count = 0;
}

void wheel_add(struct wheel *wheel, int64_t due_ms, struct held *held)
{
    int64_t tick = (due_ms + WHEEL_TICK_MS - 1) / WHEEL_TICK_MS;

    if (tick <= wheel->tick) {
        tick = wheel->tick + 1;
    }
    held_push(&wheel->slots[tick % WHEEL_SLOTS], held);
    wheel->count++;
}

void wheel_take_due(struct wheel *wheel, int64_t now_ms, struct held_list *list)
{
    int64_t now_tick = now_ms / WHEEL_TICK_MS;

    for (; wheel->count > 0 && wheel->tick < now_tick; wheel->tick++) {
        struct held_list *slot = &wheel->slots[(wheel->tick + 1) % WHEEL_SLOTS];
        struct held *held;

        while ((held = held_pop(slot)) != NULL) {
            held_push(list, held);
            wheel->count--;
        }
    }
    if (wheel->count == 0 && wheel->tick < now_tick) {
        wheel->tick = now_tick;
    }
}

int64_t wheel_next_ms(const struct wheel *wheel)
{
    if (wheel->count > 0) {
        for (int64_t tick = wheel->tick + 1; tick <= wheel->tick + WHEEL_SLOTS; tick++) {
            if (wheel->slots[tick % WHEEL_SLOTS].head) {
                return tick * WHEEL_TICK_MS;
            }
        }
    }
    return INT64_MAX;
}
