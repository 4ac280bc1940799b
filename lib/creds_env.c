/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/config.h"
#include "lib/creds_provider.h"

static void fetch(void *state, int64_t now_wall_ms, creds_answer_fn *answer, void *answer_ctx)
{
    char *const *variables = state;
    const char *access_key = config_lookup(variables, "AWS_ACCESS_KEY_ID");
    const char *secret_key = config_lookup(variables, "AWS_SECRET_ACCESS_KEY");
    struct creds creds = {0};
    struct error err = {0};

    (void)now_wall_ms;
    if (!access_key && !secret_key) {
        error_set(&err, ERROR_AUTH, false, "AWS_ACCESS_KEY_ID is not set");
        answer(answer_ctx, CREDS_ABSENT, NULL, &err);
    } else if (!access_key || !secret_key) {
        error_set(&err, ERROR_CONFIG, false, "%s is set without %s",
                  access_key ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                  access_key ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
        answer(answer_ctx, CREDS_FAILED, NULL, &err);
    } else if (!creds_make(access_key, secret_key, config_lookup(variables, "AWS_SESSION_TOKEN"), 0, &creds,
                           &err)) {
        answer(answer_ctx, CREDS_FAILED, NULL, &err);
    } else {
        answer(answer_ctx, CREDS_FOUND, &creds, NULL);
    }
}

struct creds_provider creds_env_provider(const struct creds_context *context)
{
    /* The environment itself is the state; it is only read. */
    union {
        char *const *variables;
        void *state;
    } environment = {.variables = context->environment};

    return (struct creds_provider){.name = "environment", .state = environment.state, .fetch = fetch};
}
