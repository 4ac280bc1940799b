/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether one user of a page may go on: a JSON object that every parser reads the same way, with the
 * fields that the pipeline needs and without `login`, which holds a password and its hashes. Pure.
 */
#ifndef FETCHER_USER_H
#define FETCHER_USER_H

#include "fetcher/page.h"
#include "lib/buf.h"

enum {
    USER_BYTES_MAX = 256 * 1024, /* far above any user, below Kafka's default limit of 1 MiB */
    USER_DEPTH_MAX = 32,
    USER_MEMBERS_MAX = 64, /* of one object; bounds the search for duplicate keys */
};

/* The label of the metric and the header error-reason. */
enum user_reason {
    USER_OK,
    USER_TOO_LARGE,     /* bytes, or members of one object */
    USER_NESTING,       /* deeper than USER_DEPTH_MAX */
    USER_SYNTAX,        /* JSON that cJSON refuses, such as half a surrogate pair, or \u0000 */
    USER_INVALID_UTF8,  /* RFC 3629 */
    USER_NOT_OBJECT,    /* a number or the like among the users */
    USER_DUPLICATE_KEY, /* parsers disagree about which one counts */
    USER_LOGIN,         /* `login` came although it was not asked for */
    USER_MISSING_FIELD,
    USER_WRONG_TYPE, /* a needed field of another type or out of its range */
    USER_REASON_COUNT
};

extern const char *const user_reason_names[USER_REASON_COUNT + 1]; /* ends with NULL */

struct user_verdict {
    enum user_reason reason;
    char message[160]; /* for a person; names fields, never their values */
};

void user_check(const struct page_user *user, struct user_verdict *ret);

/*
 * What of a refused user goes to the dead-letter topic: its exact bytes, or without `login` and then
 * written anew. Returns false where it cannot be told whether login is in it (unreadable or too large):
 * then the record goes without a value; seed, page and index say where the user is to be found.
 */
bool user_dead_letter(const struct page_user *user, enum user_reason reason, struct buf *out) MUST_USE;

#endif
