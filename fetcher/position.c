/* SPDX-License-Identifier: Apache-2.0 */
#include "fetcher/position.h"

#include <inttypes.h>
#include <stdio.h>

enum { HOST_MAX = 40 };

static bool is_seed_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

void position_default_seed(char *out, size_t size, const char *host, int64_t start_ms, uint64_t random)
{
    char clean[HOST_MAX + 1];
    size_t len = 0;

    for (; len < HOST_MAX && host[len]; len++) {
        clean[len] = is_seed_char(host[len]) ? host[len] : '-';
    }
    clean[len] = '\0';
    snprintf(out, size, "%s-%" PRId64 "-%04x", len > 0 ? clean : "host", start_ms,
             (unsigned)(random & 0xFFFF));
}

void position_set(struct position *position, const char *seed, int64_t page)
{
    snprintf(position->seed, sizeof(position->seed), "%s", seed);
    position->page = (uint32_t)page;
}

/* Replaces "~n" at the end by "~n+1", or adds "~2". */
static void next_seed(char *seed, size_t size)
{
    char *tilde = strrchr(seed, '~');
    long long number = 1;
    size_t base = tilde ? (size_t)(tilde - seed) : strlen(seed);

    if (tilde && !str_to_int64(str_of(tilde + 1), 2, INT32_MAX, &number)) {
        number = 1;
        base = strlen(seed);
    }
    snprintf(seed + base, size - base, "~%lld", number + 1);
}

void position_next(struct position *position)
{
    if (position->page >= POSITION_PAGE_MAX) {
        next_seed(position->seed, sizeof(position->seed));
        position->page = 1;
    } else {
        position->page++;
    }
}

const char *position_seed_check(const char *value)
{
    static const char rule[] = "letters, digits and \"._~-\", at most 64 of them";
    size_t len = 0;

    for (; value[len]; len++) {
        if (len == POSITION_SEED_MAX || (!is_seed_char(value[len]) && value[len] != '~')) {
            return rule;
        }
    }
    return NULL;
}

size_t position_key(const struct position *position, size_t index, char out[POSITION_KEY_SIZE])
{
    return (size_t)snprintf(out, POSITION_KEY_SIZE, "%s:%" PRIu32 ":%zu", position->seed, position->page,
                            index);
}
