/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The API's quota: users counted in a window of time; once the window holds the allowed number, requests
 * are refused until it is over (server source: 20,000 users in five minutes and address). Pure.
 */
#ifndef LOCAL_RANDOMUSER_WINDOW_H
#define LOCAL_RANDOMUSER_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/quota.h"

struct window {
    struct quota quota; /* users 0: no quota */
    int64_t start_ms;
    int64_t used;
};

/* Counts `users` if the window is not full yet; else false, with the whole seconds left in *ret_wait_s. */
bool window_take(struct window *window, int64_t now_ms, int64_t users, int64_t *ret_wait_s);

#endif
