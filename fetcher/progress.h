/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which users of which pages Kafka has confirmed. A page is open from its first user handed over until the
 * last is confirmed; pages are closed in order, so that the oldest open one says where to go on. Pure.
 */
#ifndef FETCHER_PROGRESS_H
#define FETCHER_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fetcher/position.h"
#include "fetcher/user.h"
#include "lib/attr.h"

enum { PROGRESS_PAGES_MAX = 64 /* open at once */ };

struct progress_page {
    struct position position;
    size_t first; /* index of the first user that counts */
    size_t count; /* users, those before `first` included */
    size_t confirmed;
    uint8_t *state;   /* per user: 0 not confirmed, 1 confirmed */
    uint8_t *reasons; /* per user: enum user_reason it was sent under */
};

struct progress {
    struct progress_page pages[PROGRESS_PAGES_MAX]; /* a ring */
    size_t begin;
    size_t open;
    uint64_t completed;
};

/* A user on its way: fits into a pointer, and is never NULL. */
typedef uintptr_t progress_ticket;

void progress_done(struct progress *progress);
bool progress_full(const struct progress *progress);
/* Opens a page. -ERROR_LIMIT if there are too many, -ERROR_MEMORY. first < count. */
int progress_open(struct progress *progress, const struct position *position, size_t first,
                  size_t count) MUST_USE;
/* A ticket for a user of the page opened last. */
progress_ticket progress_send(struct progress *progress, size_t index, enum user_reason reason);
/* Kafka has it. Returns the reason given at the send. */
enum user_reason progress_confirm(struct progress *progress, progress_ticket ticket);
/* The key of a ticket's user, for the log. */
void progress_key(const struct progress *progress, progress_ticket ticket, char out[POSITION_KEY_SIZE]);

/* Users of open pages that are not confirmed, whether sent or not. */
size_t progress_missing(const struct progress *progress);
/* Where a later run has to go on: the first user not confirmed. False if no page is open. */
bool progress_resume(const struct progress *progress, struct position *ret_position, size_t *ret_index);

#endif
