/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/creds_plan.h"

#include <stdlib.h>
#include <strings.h>

static void take_keys(const struct creds_files *files, const char *profile, struct creds_plan *plan)
{
    plan->base = CREDS_BASE_KEYS;
    plan->access_key = creds_files_dup(files, profile, "aws_access_key_id");
    plan->secret_key = creds_files_dup(files, profile, "aws_secret_access_key");
    plan->session_token = creds_files_dup(files, profile, "aws_session_token");
}

static bool has(const struct creds_files *files, const char *profile, const char *key)
{
    char *value = creds_files_dup(files, profile, key);
    bool found = value != NULL;

    if (value) {
        buf_wipe(value, strlen(value));
    }
    free(value);
    return found;
}

static int plan_keys(const struct creds_files *files, const char *profile, struct creds_plan *plan,
                     struct error *err)
{
    take_keys(files, profile, plan);
    if (!plan->access_key || !plan->secret_key) {
        return error_set(err, ERROR_CONFIG, false,
                         "profile %.64s: aws_access_key_id and aws_secret_access_key are needed together",
                         profile);
    }
    return 0;
}

/* A setting of the profile, or of the sso-session that it names. */
static char *sso_setting(const struct creds_files *files, const char *profile, const char *session,
                         const char *key)
{
    char *value = session ? creds_files_dup_session(files, session, key) : NULL;

    return value ? value : creds_files_dup(files, profile, key);
}

static int plan_sso(const struct creds_files *files, const char *profile, struct creds_plan *plan,
                    struct error *err)
{
    plan->base = CREDS_BASE_SSO;
    plan->sso_session = creds_files_dup(files, profile, "sso_session");
    plan->sso_start_url = sso_setting(files, profile, plan->sso_session, "sso_start_url");
    plan->sso_region = sso_setting(files, profile, plan->sso_session, "sso_region");
    plan->sso_account_id = creds_files_dup(files, profile, "sso_account_id");
    plan->sso_role_name = creds_files_dup(files, profile, "sso_role_name");
    if (!plan->sso_start_url || !plan->sso_region || !plan->sso_account_id || !plan->sso_role_name) {
        return error_set(
            err, ERROR_CONFIG, false,
            "profile %.64s: sso_start_url, sso_region, sso_account_id and sso_role_name are needed", profile);
    }
    return 0;
}

/* The keys of a profile that assumes no role. */
static int plan_base(const struct creds_files *files, const char *profile, struct creds_plan *plan,
                     struct error *err)
{
    if (has(files, profile, "sso_account_id") || has(files, profile, "sso_role_name")) {
        return plan_sso(files, profile, plan, err);
    }
    if (has(files, profile, "aws_access_key_id") || has(files, profile, "aws_secret_access_key")) {
        return plan_keys(files, profile, plan, err);
    }
    plan->command = creds_files_dup(files, profile, "credential_process");
    plan->base = plan->command ? CREDS_BASE_PROCESS : CREDS_BASE_NONE;
    return 0;
}

static int take_role(const struct creds_files *files, const char *profile, struct creds_plan_role *role,
                     struct error *err)
{
    char *duration = creds_files_dup(files, profile, "duration_seconds");
    long long seconds = 0;
    bool right = !duration || str_to_int64(str_of(duration), 900, 43200, &seconds);

    free(duration);
    if (!right) {
        return error_set(err, ERROR_CONFIG, false, "profile %.64s: duration_seconds: 900 to 43200", profile);
    }
    role->arn = creds_files_dup(files, profile, "role_arn");
    role->session_name = creds_files_dup(files, profile, "role_session_name");
    role->external_id = creds_files_dup(files, profile, "external_id");
    role->duration_s = seconds;
    return role->arn ? 0 : error_set(err, ERROR_MEMORY, true, "no memory for a profile");
}

static int plan_source(const char *source, const char *profile, struct creds_plan *plan, struct error *err)
{
    static const struct {
        const char *name;
        enum creds_base base;
    } sources[] = {{"Environment", CREDS_BASE_ENVIRONMENT},
                   {"EcsContainer", CREDS_BASE_CONTAINER},
                   {"Ec2InstanceMetadata", CREDS_BASE_INSTANCE}};

    for (size_t i = 0; i < ARRAY_LENGTH(sources); i++) {
        if (strcasecmp(sources[i].name, source) == 0) {
            plan->base = sources[i].base;
            return 0;
        }
    }
    return error_set(err, ERROR_CONFIG, false,
                     "profile %.64s: credential_source: Environment, EcsContainer or Ec2InstanceMetadata",
                     profile);
}

static int plan_web_identity(const struct creds_files *files, const char *profile, struct creds_plan *plan,
                             struct error *err)
{
    plan->base = CREDS_BASE_WEB_IDENTITY;
    plan->token_file = creds_files_dup(files, profile, "web_identity_token_file");
    return take_role(files, profile, &plan->web_identity_role, err);
}

/*
 * One profile that assumes a role. Where its keys come from is planned here, or, if another profile has
 * them, that profile's name goes to *next.
 */
static int plan_role(const struct creds_files *files, const char *profile, struct creds_plan *plan,
                     char **next, struct error *err)
{
    char *source = creds_files_dup(files, profile, "source_profile");
    char *credential_source = creds_files_dup(files, profile, "credential_source");
    int r = 0;

    if (has(files, profile, "mfa_serial")) {
        r = error_set(err, ERROR_CONFIG, false, "profile %.64s: mfa_serial needs a person to type the code",
                      profile);
    } else if (!source == !credential_source) {
        r = error_set(err, ERROR_CONFIG, false,
                      "profile %.64s: role_arn needs either source_profile or credential_source", profile);
    } else if (plan->role_count == CREDS_PLAN_ROLES) {
        r = error_set(err, ERROR_CONFIG, false,
                      "profile %.64s: more than %d roles, or a loop of source_profile", profile,
                      CREDS_PLAN_ROLES);
    } else {
        r = take_role(files, profile, &plan->roles[plan->role_count++], err);
    }
    if (r == 0 && credential_source) {
        r = plan_source(credential_source, profile, plan, err);
    } else if (r == 0 && source && strcmp(source, profile) == 0) {
        r = plan_keys(files, profile, plan, err);
    } else if (r == 0) {
        *next = source;
        source = NULL;
    }
    free(source);
    free(credential_source);
    return r;
}

/* A source profile with keys of its own gives these, even if it could assume a role (as botocore). */
static bool ends_here(const struct creds_files *files, const char *profile, const struct creds_plan *plan)
{
    return !has(files, profile, "role_arn") ||
           (plan->role_count > 0 && has(files, profile, "aws_access_key_id"));
}

static int plan_one(const struct creds_files *files, const char *profile, struct creds_plan *plan,
                    char **next, struct error *err)
{
    if (!creds_files_has(files, profile)) {
        return error_set(err, ERROR_CONFIG, false, "there is no profile %.64s", profile);
    }
    if (ends_here(files, profile, plan)) {
        int r = plan_base(files, profile, plan, err);
        if (r == 0 && plan->base == CREDS_BASE_NONE && plan->role_count > 0) {
            r = error_set(err, ERROR_CONFIG, false, "source_profile %.64s has no credentials", profile);
        }
        return r;
    }
    if (has(files, profile, "web_identity_token_file")) {
        return plan_web_identity(files, profile, plan, err);
    }
    return plan_role(files, profile, plan, next, err);
}

int creds_plan_make(const struct creds_files *files, const char *profile, struct creds_plan *ret,
                    struct error *err)
{
    char *name = strdup(profile);
    int r = 0;

    *ret = (struct creds_plan){0};
    ret->region = creds_files_dup(files, profile, "region");
    while (r == 0 && name) {
        char *next = NULL;

        r = plan_one(files, name, ret, &next, err);
        free(name);
        name = next;
    }
    free(name);
    return r;
}

static void secret_free(char *text)
{
    if (text) {
        buf_wipe(text, strlen(text));
        free(text);
    }
}

static void role_done(struct creds_plan_role *role)
{
    free(role->arn);
    free(role->session_name);
    secret_free(role->external_id);
}

void creds_plan_done(struct creds_plan *plan)
{
    secret_free(plan->access_key);
    secret_free(plan->secret_key);
    secret_free(plan->session_token);
    free(plan->command);
    free(plan->token_file);
    role_done(&plan->web_identity_role);
    free(plan->sso_session);
    free(plan->sso_start_url);
    free(plan->sso_region);
    free(plan->sso_account_id);
    free(plan->sso_role_name);
    free(plan->region);
    for (size_t i = 0; i < plan->role_count; i++) {
        role_done(&plan->roles[i]);
    }
    *plan = (struct creds_plan){0};
}
