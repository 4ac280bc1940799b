/* SPDX-License-Identifier: Apache-2.0 */
/* docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html (IRSA on Kubernetes) */
#include <stdlib.h>

#include "lib/config.h"
#include "lib/creds_sts.h"

struct web_identity {
    struct creds_context context;
    struct sts_call call;
    /* Copies of a profile's settings; role_arn NULL: the environment's are used. */
    char *role_arn;
    char *session_name;
    char *token_file;
};

/* The role and the token file; found, absent or failed. */
static enum creds_outcome settings(const struct web_identity *identity, struct sts_role *role,
                                   const char **token_file, struct error *err)
{
    char *const *environment = identity->context.environment;

    if (identity->role_arn) {
        role->arn = identity->role_arn;
        role->session_name = identity->session_name;
        *token_file = identity->token_file;
        return CREDS_FOUND;
    }
    role->arn = config_lookup(environment, "AWS_ROLE_ARN");
    role->session_name = config_lookup(environment, "AWS_ROLE_SESSION_NAME");
    *token_file = config_lookup(environment, "AWS_WEB_IDENTITY_TOKEN_FILE");
    if (!*token_file) {
        error_set(err, ERROR_AUTH, false, "AWS_WEB_IDENTITY_TOKEN_FILE is not set");
        return CREDS_ABSENT;
    }
    if (!role->arn) {
        error_set(err, ERROR_CONFIG, false, "AWS_WEB_IDENTITY_TOKEN_FILE is set without AWS_ROLE_ARN");
        return CREDS_FAILED;
    }
    return CREDS_FOUND;
}

/* The file is read every time: Kubernetes rotates it. */
static int start(struct web_identity *identity, const struct sts_role *role, const char *token_file,
                 int64_t now_wall_ms, struct error *err)
{
    struct buf token;
    int r;

    buf_init(&token, CREDS_TOKEN_CAP);
    buf_init(&identity->call.body, 3 * CREDS_TOKEN_CAP + 16384); /* every byte of the token as an escape */
    r = creds_read_token(token_file, &token, err);
    if (r == 0) {
        r = sts_web_identity_body(role, buf_str(&token), now_wall_ms, &identity->call.body);
        if (r < 0) {
            error_set(err, ERROR_LIMIT, false, "the request is too long");
        }
    }
    if (r == 0) {
        r = sts_start(&identity->call, creds_region(&identity->context, NULL), NULL, err);
    }
    buf_done_secret(&token);
    if (r < 0) {
        buf_done_secret(&identity->call.body);
    }
    return r;
}

static void fetch(void *state, int64_t now_wall_ms, creds_answer_fn *answer, void *answer_ctx)
{
    struct web_identity *identity = state;
    struct sts_role role = {0};
    struct error err = {0};
    const char *token_file = NULL;
    enum creds_outcome outcome;

    identity->call.waiter = (struct creds_waiter){answer, answer_ctx};
    outcome = settings(identity, &role, &token_file, &err);
    if (outcome == CREDS_FOUND && start(identity, &role, token_file, now_wall_ms, &err) < 0) {
        outcome = CREDS_FAILED;
    }
    if (outcome != CREDS_FOUND) {
        creds_reply_error(&identity->call.waiter, outcome, &err);
    }
}

static void identity_free(void *state)
{
    struct web_identity *identity = state;

    if (identity) {
        sts_done(&identity->call);
        free(identity->role_arn);
        free(identity->session_name);
        free(identity->token_file);
        free(identity);
    }
}

struct creds_provider creds_web_identity_provider(const struct creds_context *context)
{
    struct web_identity *identity = calloc(1, sizeof(*identity));

    if (!identity) {
        return (struct creds_provider){.name = "web identity"};
    }
    identity->context = *context;
    identity->call.context = &identity->context;
    identity->call.exchange.http = context->http;
    return (struct creds_provider){
        .name = "web identity", .state = identity, .fetch = fetch, .free = identity_free};
}

struct creds_provider creds_web_identity_provider_of(const struct creds_context *context,
                                                     const char *role_arn, const char *session_name,
                                                     const char *token_file)
{
    struct creds_provider provider = creds_web_identity_provider(context);
    struct web_identity *identity = provider.state;

    if (!identity) {
        return provider;
    }
    identity->role_arn = strdup(role_arn);
    identity->session_name = session_name ? strdup(session_name) : NULL;
    identity->token_file = strdup(token_file);
    if (!identity->role_arn || !identity->token_file || (session_name && !identity->session_name)) {
        identity_free(identity);
        return (struct creds_provider){.name = provider.name};
    }
    return provider;
}
