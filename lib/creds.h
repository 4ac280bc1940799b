/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AWS credentials: a chain of providers, asked in the order of the AWS SDKs until one has them. Providers
 * that need the network work through the process's HTTP client without blocking; the chain refreshes before
 * expiry, one refresh at a time, and keeps serving the old set while it is valid. A signature takes key,
 * secret and token from one snapshot.
 */
#ifndef LIB_CREDS_H
#define LIB_CREDS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"
#include "lib/http.h"

/* One set; the strings are owned and wiped by creds_done(). */
struct creds {
    char *access_key;
    char *secret_key;
    char *session_token;  /* NULL: long-lived keys */
    int64_t expires_ms;   /* wall clock; 0: never */
    const char *provider; /* who had them, for logs; static text */
    uint64_t generation;  /* given by the chain: another number is another set */
};

void creds_done(struct creds *creds);

/*
 * Fills *ret with copies. Returns false, with err filled and *ret untouched, for keys or tokens that could
 * not stand in a header (empty, or with anything but printable ASCII), and without memory. session_token may
 * be NULL or empty.
 */
bool creds_make(const char *access_key, const char *secret_key, const char *session_token, int64_t expires_ms,
                struct creds *ret, struct error *err) MUST_USE;

/*
 * A provider's answer to the chain: found (the chain takes ownership of the strings), absent (this provider
 * is not configured: ask the next; err says what is missing) or failed (configured, but it failed: stop
 * here; err says why).
 */
enum creds_outcome { CREDS_FOUND, CREDS_ABSENT, CREDS_FAILED };
typedef void creds_answer_fn(void *ctx, enum creds_outcome outcome, struct creds *creds,
                             const struct error *err);

struct creds_provider {
    const char *name;
    void *state;
    /* Starts a fetch; `answer` is called once, before or after fetch returns. */
    void (*fetch)(void *state, int64_t now_wall_ms, creds_answer_fn *answer, void *answer_ctx);
    /* Called on every get while a fetch is under way: for what http_poll() does not wait for. May be NULL. */
    void (*work)(void *state);
    void (*free)(void *state);
};

/* What providers are made from. The strings and the client are borrowed for the chain's life. */
struct creds_context {
    char *const *environment;
    struct http_client *http; /* NULL: only the providers that need no network */
    const char *region;       /* NULL: AWS_REGION, AWS_DEFAULT_REGION or the profile's */
};

enum { CREDS_PROVIDER_CAP = 8 };

struct creds_chain;

/*
 * The default chain: environment, web identity, shared files (AWS_PROFILE), container, instance metadata; the
 * order of the SDK for Java. All of it works inside http_poll() of context->http and inside the gets. NULL
 * without memory.
 */
struct creds_chain *creds_chain_new(const struct creds_context *context);
/* A chain of these providers, which it takes over (also on failure). NULL without memory. */
struct creds_chain *creds_chain_new_with(const struct creds_provider *providers, size_t count);
void creds_chain_free(struct creds_chain *chain);

/*
 * The current snapshot, or NULL if there is none that is valid now: then *err says why, with
 * err->retriable true while a fetch is under way or will be tried again. Starts a refresh when one is due.
 * Borrowed until the next call.
 */
const struct creds *creds_chain_get(struct creds_chain *chain, int64_t now_wall_ms, struct error *err);
/*
 * The service refused the current set: the next get fetches anew. A provider that has no other one makes
 * the chain wait longer and longer before it serves the same set again.
 */
void creds_chain_expire(struct creds_chain *chain);

#endif
