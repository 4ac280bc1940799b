/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "lib/config.h"
#include "lib/creds_plan.h"
#include "lib/creds_sts.h"

enum { BODY_CAP = 16384 };

struct profile {
    struct creds_context context;
    struct creds_waiter waiter;
    int64_t now_wall_ms;
    struct creds_plan plan;
    struct creds_provider base; /* who has the first keys; of base_kind, fetch NULL if there is none */
    enum creds_base base_kind;
    struct creds source; /* signs the next AssumeRole */
    struct sts_call call;
    size_t roles_left;
};

static void assume_next(struct profile *profile);

/* The plan and the keys on the way are needed no more. */
static void clear(struct profile *profile)
{
    creds_done(&profile->source);
    creds_plan_done(&profile->plan);
}

static void reply(struct profile *profile, bool found, struct creds *creds, const struct error *err)
{
    clear(profile);
    creds_reply(&profile->waiter, found, creds, err);
}

/* Takes over what a step has given, and goes on with the next one. */
static void step_done(struct profile *profile, enum creds_outcome outcome, struct creds *creds,
                      const struct error *err)
{
    if (outcome != CREDS_FOUND) {
        reply(profile, false, NULL, err); /* an absent source is a failure of the profile that names it */
        return;
    }
    creds_done(&profile->source);
    if (profile->roles_left == 0) {
        reply(profile, true, creds, NULL);
        return;
    }
    profile->source = *creds;
    assume_next(profile);
}

static void role_assumed(void *ctx, enum creds_outcome outcome, struct creds *creds, const struct error *err)
{
    step_done(ctx, outcome, creds, err);
}

static void base_answered(void *ctx, enum creds_outcome outcome, struct creds *creds, const struct error *err)
{
    step_done(ctx, outcome, creds, err);
}

static void assume_next(struct profile *profile)
{
    const struct creds_plan_role *planned = &profile->plan.roles[--profile->roles_left];
    struct sts_role role = {.arn = planned->arn,
                            .session_name = planned->session_name,
                            .external_id = planned->external_id,
                            .duration_s = planned->duration_s};
    struct error err = {0};
    int r;

    buf_init(&profile->call.body, BODY_CAP);
    profile->call.waiter = (struct creds_waiter){role_assumed, profile};
    r = sts_assume_role_body(&role, profile->now_wall_ms, &profile->call.body);
    if (r < 0) {
        error_set(&err, ERROR_LIMIT, false, "the AssumeRole request is too long");
    } else {
        r = sts_start(&profile->call, creds_region(&profile->context, profile->plan.region), &profile->source,
                      &err);
    }
    if (r < 0) {
        reply(profile, false, NULL, &err);
    }
}

static struct creds_provider make_base(const struct profile *profile)
{
    const struct creds_plan *plan = &profile->plan;
    struct creds_sso sso = {plan->sso_session, plan->sso_start_url, plan->sso_region, plan->sso_account_id,
                            plan->sso_role_name};

    switch (plan->base) {
    case CREDS_BASE_ENVIRONMENT:
        return creds_env_provider(&profile->context);
    case CREDS_BASE_CONTAINER:
        return creds_container_provider(&profile->context);
    case CREDS_BASE_INSTANCE:
        return creds_imds_provider(&profile->context);
    case CREDS_BASE_PROCESS:
        return creds_process_provider(&profile->context, plan->command);
    case CREDS_BASE_WEB_IDENTITY:
        return creds_web_identity_provider_of(&profile->context, plan->web_identity_role.arn,
                                              plan->web_identity_role.session_name, plan->token_file);
    case CREDS_BASE_SSO:
        return creds_sso_provider(&profile->context, &sso);
    default:
        return (struct creds_provider){0};
    }
}

/* Those without settings of the profile are kept, with what they remember. */
static bool may_keep_base(const struct profile *profile)
{
    return profile->base.fetch && profile->base_kind == profile->plan.base &&
           (profile->base_kind == CREDS_BASE_ENVIRONMENT || profile->base_kind == CREDS_BASE_CONTAINER ||
            profile->base_kind == CREDS_BASE_INSTANCE);
}

static void drop_base(struct profile *profile)
{
    if (profile->base.free) {
        profile->base.free(profile->base.state);
    }
    profile->base = (struct creds_provider){0};
}

static void run_keys(struct profile *profile)
{
    const struct creds_plan *plan = &profile->plan;
    struct creds creds = {0};
    struct error err = {0};
    bool found = creds_make(plan->access_key, plan->secret_key, plan->session_token, 0, &creds, &err);

    step_done(profile, found ? CREDS_FOUND : CREDS_FAILED, &creds, &err);
}

static void run(struct profile *profile)
{
    struct error err = {0};

    profile->roles_left = profile->plan.role_count;
    if (profile->plan.base == CREDS_BASE_KEYS) {
        run_keys(profile);
        return;
    }
    if (!may_keep_base(profile)) {
        drop_base(profile);
        profile->base = make_base(profile);
        profile->base_kind = profile->plan.base;
    }
    if (!profile->base.fetch) {
        error_set(&err, ERROR_MEMORY, true, "no memory for a provider");
        reply(profile, false, NULL, &err);
        return;
    }
    profile->base.fetch(profile->base.state, profile->now_wall_ms, base_answered, profile);
}

/* The plan of AWS_PROFILE, or of "default", which may be absent. */
static enum creds_outcome plan_from(struct profile *profile, const struct creds_files *files,
                                    struct error *err)
{
    const char *chosen = config_lookup(profile->context.environment, "AWS_PROFILE");
    const char *name = chosen ? chosen : "default";

    if (!chosen && !creds_files_has(files, name)) {
        error_set(err, ERROR_AUTH, false, "AWS_PROFILE is not set and there is no profile default");
        return CREDS_ABSENT;
    }
    if (creds_plan_make(files, name, &profile->plan, err) < 0) {
        return CREDS_FAILED;
    }
    if (profile->plan.base == CREDS_BASE_NONE) {
        error_set(err, ERROR_AUTH, false, "profile %.64s has no credentials", name);
        return CREDS_ABSENT;
    }
    return CREDS_FOUND;
}

static enum creds_outcome make_plan(struct profile *profile, struct error *err)
{
    enum creds_outcome outcome = CREDS_FAILED;
    struct creds_files files;

    if (creds_files_read(profile->context.environment, &files, err) == 0) {
        outcome = plan_from(profile, &files, err);
    }
    creds_files_done(&files);
    return outcome;
}

static void fetch(void *state, int64_t now_wall_ms, creds_answer_fn *answer, void *answer_ctx)
{
    struct profile *profile = state;
    struct error err = {0};
    enum creds_outcome outcome;

    profile->waiter = (struct creds_waiter){answer, answer_ctx};
    profile->now_wall_ms = now_wall_ms;
    outcome = make_plan(profile, &err);
    if (outcome == CREDS_FOUND) {
        run(profile);
    } else {
        clear(profile);
        creds_reply_error(&profile->waiter, outcome, &err);
    }
}

static void work(void *state)
{
    struct profile *profile = state;

    if (profile->base.work) {
        profile->base.work(profile->base.state);
    }
}

static void profile_free(void *state)
{
    struct profile *profile = state;

    if (profile) {
        sts_done(&profile->call);
        drop_base(profile);
        clear(profile);
        free(profile);
    }
}

struct creds_provider creds_profile_provider(const struct creds_context *context)
{
    struct profile *profile = calloc(1, sizeof(*profile));

    if (!profile) {
        return (struct creds_provider){.name = "profile"};
    }
    profile->context = *context;
    profile->call.context = &profile->context;
    profile->call.exchange.http = context->http;
    return (struct creds_provider){
        .name = "profile", .state = profile, .fetch = fetch, .work = work, .free = profile_free};
}
