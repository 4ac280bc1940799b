/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/creds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/creds_provider.h"
#include "lib/random.h"
#include "lib/retry.h"

enum {
    REFRESH_BEFORE_MS = 5 * 60 * 1000, /* as the SDKs for JavaScript and C */
    REFRESH_SOONEST_MS = 10 * 1000,
    VALUE_CAP = 16 * 1024 /* bytes of a key or token; session tokens have some KiB */
};

static const struct retry_policy failure_delay = {.base_ms = 1000, .cap_ms = 60 * 1000};

struct creds_chain {
    struct creds_provider providers[CREDS_PROVIDER_CAP];
    size_t count;
    size_t at; /* the provider asked now, or the one that had the current set */

    struct creds current;
    bool has_current;
    bool refused; /* by the service: a new set is needed */
    int64_t refresh_at_ms;
    int64_t wait_until_ms; /* after a failure: no fetch before */
    int64_t held_until_ms; /* the set was refused and is the newest: not served before */
    unsigned failures;
    uint64_t generation;

    int64_t now_ms; /* of the last get */
    bool fetching;
    bool answered; /* what the providers said waits for the next get */
    bool found;
    struct creds next;
    struct error error; /* of the last fetch */
    struct error absent;
};

static void secret_free(char *text)
{
    if (text) {
        buf_wipe(text, strlen(text));
        free(text);
    }
}

void creds_done(struct creds *creds)
{
    if (creds) {
        secret_free(creds->access_key);
        secret_free(creds->secret_key);
        secret_free(creds->session_token);
        *creds = (struct creds){0};
    }
}

/* Fit for a header and a signature. */
static bool is_printable(const char *text)
{
    size_t len = strnlen(text, VALUE_CAP + 1);

    for (size_t i = 0; i < len; i++) {
        if (text[i] <= ' ' || text[i] > '~') {
            return false;
        }
    }
    return len > 0 && len <= VALUE_CAP;
}

bool creds_make(const char *access_key, const char *secret_key, const char *session_token, int64_t expires_ms,
                struct creds *ret, struct error *err)
{
    bool has_token = session_token && session_token[0] != '\0';
    struct creds creds = {.expires_ms = expires_ms};

    if (!access_key || !secret_key || !is_printable(access_key) || !is_printable(secret_key) ||
        (has_token && !is_printable(session_token))) {
        error_set(
            err, ERROR_AUTH, false,
            "the access key, the secret key or the session token is empty, too long or not printable ASCII");
        return false;
    }
    creds.access_key = strdup(access_key);
    creds.secret_key = strdup(secret_key);
    creds.session_token = has_token ? strdup(session_token) : NULL;
    if (!creds.access_key || !creds.secret_key || (has_token && !creds.session_token)) {
        creds_done(&creds);
        error_set(err, ERROR_MEMORY, true, "no memory for credentials");
        return false;
    }
    *ret = creds;
    return true;
}

static void provider_free(struct creds_provider *provider)
{
    if (provider->free) {
        provider->free(provider->state);
    }
}

struct creds_chain *creds_chain_new_with(const struct creds_provider *providers, size_t count)
{
    struct creds_chain *chain = count <= CREDS_PROVIDER_CAP ? calloc(1, sizeof(*chain)) : NULL;

    for (size_t i = 0; i < count && chain; i++) {
        if (!providers[i].fetch) { /* its maker had no memory */
            free(chain);
            chain = NULL;
        }
    }

    if (!chain) {
        for (size_t i = 0; i < count; i++) {
            struct creds_provider provider = providers[i];
            provider_free(&provider);
        }
        return NULL;
    }
    memcpy(chain->providers, providers, count * sizeof(providers[0]));
    chain->count = count;
    return chain;
}

struct creds_chain *creds_chain_new(const struct creds_context *context)
{
    struct creds_provider providers[] = {
        creds_env_provider(context),     creds_web_identity_provider(context),
        creds_profile_provider(context), creds_container_provider(context),
        creds_imds_provider(context),
    };

    return creds_chain_new_with(providers, ARRAY_LENGTH(providers));
}

void creds_chain_free(struct creds_chain *chain)
{
    if (!chain) {
        return;
    }
    for (size_t i = 0; i < chain->count; i++) {
        provider_free(&chain->providers[i]);
    }
    creds_done(&chain->current);
    creds_done(&chain->next);
    free(chain);
}

/* Adds what an absent provider misses to the message for the case that all are. */
static void note_absent(struct creds_chain *chain, const struct error *err)
{
    struct error *sum = &chain->absent;
    size_t len = strlen(sum->message);

    snprintf(sum->message + len, sizeof(sum->message) - len, "%s%s: %s", len > 0 ? "; " : "",
             chain->providers[chain->at].name, err ? err->message : "not configured");
    sum->retriable = sum->retriable || (err && err->retriable);
}

static void ask(struct creds_chain *chain);

static void chain_answer(void *ctx, enum creds_outcome outcome, struct creds *creds, const struct error *err)
{
    struct creds_chain *chain = ctx;
    const char *name = chain->providers[chain->at].name;

    if (outcome == CREDS_ABSENT) {
        note_absent(chain, err);
        chain->at++;
        ask(chain);
        return;
    }
    chain->fetching = false;
    chain->answered = true;
    chain->found = outcome == CREDS_FOUND;
    if (chain->found) {
        chain->next = *creds;
        chain->next.provider = name;
    } else {
        chain->error = *err;
        error_prefix(&chain->error, "AWS credentials from %s", name);
    }
}

static void ask(struct creds_chain *chain)
{
    if (chain->at < chain->count) {
        struct creds_provider *provider = &chain->providers[chain->at];
        provider->fetch(provider->state, chain->now_ms, chain_answer, chain);
        return;
    }
    chain->at = 0;
    chain->fetching = false;
    chain->answered = true;
    chain->found = false;
    chain->error = chain->absent;
    chain->error.code = ERROR_AUTH;
    error_prefix(&chain->error, "no AWS credentials");
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_set(const struct creds *a, const struct creds *b)
{
    return same_text(a->access_key, b->access_key) && same_text(a->secret_key, b->secret_key) &&
           same_text(a->session_token, b->session_token);
}

/* 0: never. */
static int64_t refresh_time(int64_t expires_ms, int64_t now)
{
    int64_t at = expires_ms - REFRESH_BEFORE_MS;

    if (expires_ms == 0) {
        return 0;
    }
    /* A set that lives shorter than the margin is refreshed at half its life. */
    if (at <= now) {
        at = now + (expires_ms - now) / 2;
    }
    return at < now + REFRESH_SOONEST_MS ? now + REFRESH_SOONEST_MS : at;
}

static void fail(struct creds_chain *chain, int64_t now)
{
    chain->wait_until_ms =
        now + failure_delay.base_ms / 2 + retry_delay_ms(&failure_delay, chain->failures, random_u64());
    chain->failures++;
}

static void adopt_next(struct creds_chain *chain, int64_t now)
{
    const char *name = chain->next.provider;

    if (chain->next.expires_ms != 0 && chain->next.expires_ms <= now) {
        creds_done(&chain->next);
        error_set(&chain->error, ERROR_AUTH, true, "AWS credentials from %s: they have expired already",
                  name);
        fail(chain, now);
        return;
    }
    if (chain->refused && chain->has_current && same_set(&chain->current, &chain->next)) {
        creds_done(&chain->next);
        error_set(&chain->error, ERROR_AUTH, true,
                  "AWS credentials from %s: the service refused them, and there are no newer ones", name);
        fail(chain, now);
        chain->held_until_ms = chain->wait_until_ms;
        chain->refused = false;
        return;
    }
    creds_done(&chain->current);
    chain->current = chain->next;
    chain->next = (struct creds){0};
    chain->current.generation = ++chain->generation;
    chain->has_current = true;
    chain->refused = false;
    chain->failures = 0;
    chain->wait_until_ms = 0;
    chain->held_until_ms = 0;
    chain->refresh_at_ms = refresh_time(chain->current.expires_ms, now);
}

/* Takes over what the providers said since the last call. */
static void adopt(struct creds_chain *chain, int64_t now)
{
    if (!chain->answered) {
        return;
    }
    chain->answered = false;
    if (chain->found) {
        adopt_next(chain, now);
    } else {
        fail(chain, now);
    }
}

static bool fetch_is_due(const struct creds_chain *chain, int64_t now)
{
    if (chain->fetching || now < chain->wait_until_ms) {
        return false;
    }
    return !chain->has_current || chain->refused ||
           (chain->refresh_at_ms != 0 && now >= chain->refresh_at_ms);
}

static bool is_usable(const struct creds_chain *chain, int64_t now)
{
    return chain->has_current && !chain->refused && now >= chain->held_until_ms &&
           (chain->current.expires_ms == 0 || now < chain->current.expires_ms);
}

const struct creds *creds_chain_get(struct creds_chain *chain, int64_t now_wall_ms, struct error *err)
{
    chain->now_ms = now_wall_ms;
    adopt(chain, now_wall_ms);
    if (chain->fetching && chain->providers[chain->at].work) {
        chain->providers[chain->at].work(chain->providers[chain->at].state);
        adopt(chain, now_wall_ms);
    }
    if (fetch_is_due(chain, now_wall_ms)) {
        chain->fetching = true;
        chain->absent = (struct error){0};
        ask(chain);
        adopt(chain, now_wall_ms);
    }
    if (is_usable(chain, now_wall_ms)) {
        return &chain->current;
    }
    if (chain->fetching) {
        error_set(err, ERROR_AUTH, true, "AWS credentials are being fetched from %s",
                  chain->providers[chain->at].name);
    } else if (err) {
        *err = chain->error;
    }
    return NULL;
}

void creds_chain_expire(struct creds_chain *chain)
{
    chain->refused = true;
}
