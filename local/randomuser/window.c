/* SPDX-License-Identifier: Apache-2.0 */
#include "local/randomuser/window.h"

bool window_take(struct window *window, int64_t now_ms, int64_t users, int64_t *ret_wait_s)
{
    int64_t length_ms = window->quota.seconds * 1000;

    if (window->quota.users == 0) {
        return true;
    }
    if (window->used == 0 || now_ms - window->start_ms >= length_ms) {
        window->start_ms = now_ms;
        window->used = 0;
    }
    if (window->used >= window->quota.users) {
        *ret_wait_s = (window->start_ms + length_ms - now_ms + 999) / 1000;
        return false;
    }
    window->used += users;
    return true;
}
