/* SPDX-License-Identifier: Apache-2.0 */
#include "fetcher/progress.h"

#include <stdlib.h>

#include "lib/error.h"

/* A ticket is (slot * TICKET_PAGE + index) + 1. */
enum { TICKET_PAGE = 8192 };
_Static_assert((int)PAGE_USERS_MAX <= (int)TICKET_PAGE, "an index fits into a ticket");

static struct progress_page *page_of(const struct progress *progress, progress_ticket ticket)
{
    return (struct progress_page *)(uintptr_t)&progress->pages[(ticket - 1) / TICKET_PAGE];
}

static size_t index_of(progress_ticket ticket)
{
    return (ticket - 1) % TICKET_PAGE;
}

static void close_oldest(struct progress *progress)
{
    struct progress_page *page = &progress->pages[progress->begin];

    free(page->state);
    *page = (struct progress_page){0};
    progress->begin = (progress->begin + 1) % PROGRESS_PAGES_MAX;
    progress->open--;
}

void progress_done(struct progress *progress)
{
    while (progress->open > 0) {
        close_oldest(progress);
    }
}

bool progress_full(const struct progress *progress)
{
    return progress->open == PROGRESS_PAGES_MAX;
}

int progress_open(struct progress *progress, const struct position *position, size_t first, size_t count)
{
    struct progress_page *page = &progress->pages[(progress->begin + progress->open) % PROGRESS_PAGES_MAX];
    uint8_t *state;

    if (progress_full(progress)) {
        return -ERROR_LIMIT;
    }
    state = calloc(2, count);
    if (!state) {
        return -ERROR_MEMORY;
    }
    *page = (struct progress_page){
        .position = *position, .first = first, .count = count, .state = state, .reasons = state + count};
    progress->open++;
    return 0;
}

progress_ticket progress_send(struct progress *progress, size_t index, enum user_reason reason)
{
    size_t slot = (progress->begin + progress->open - 1) % PROGRESS_PAGES_MAX;

    progress->pages[slot].reasons[index] = (uint8_t)reason;
    return (progress_ticket)(slot * TICKET_PAGE + index + 1);
}

static bool is_complete(const struct progress_page *page)
{
    return page->confirmed == page->count - page->first;
}

enum user_reason progress_confirm(struct progress *progress, progress_ticket ticket)
{
    struct progress_page *page = page_of(progress, ticket);
    size_t index = index_of(ticket);
    enum user_reason reason = (enum user_reason)page->reasons[index];

    page->confirmed += page->state[index] == 0;
    page->state[index] = 1;
    while (progress->open > 0 && is_complete(&progress->pages[progress->begin])) {
        close_oldest(progress);
        progress->completed++;
    }
    return reason;
}

void progress_key(const struct progress *progress, progress_ticket ticket, char out[POSITION_KEY_SIZE])
{
    position_key(&page_of(progress, ticket)->position, index_of(ticket), out);
}

size_t progress_missing(const struct progress *progress)
{
    size_t missing = 0;

    for (size_t i = 0; i < progress->open; i++) {
        const struct progress_page *page = &progress->pages[(progress->begin + i) % PROGRESS_PAGES_MAX];
        missing += page->count - page->first - page->confirmed;
    }
    return missing;
}

bool progress_resume(const struct progress *progress, struct position *ret_position, size_t *ret_index)
{
    const struct progress_page *page = &progress->pages[progress->begin];

    if (progress->open == 0) {
        return false;
    }
    *ret_position = page->position;
    *ret_index = page->first;
    while (*ret_index < page->count && page->state[*ret_index]) {
        (*ret_index)++;
    }
    return true;
}
