/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a profile of the shared files asks for: where the first keys come from, and the roles to assume with
 * them one after the other (docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html).
 * Pure.
 */
#ifndef LIB_CREDS_PLAN_H
#define LIB_CREDS_PLAN_H

#include <stdint.h>

#include "lib/creds_files.h"

enum { CREDS_PLAN_ROLES = 8 };

enum creds_base {
    CREDS_BASE_NONE, /* the profile is there, and says nothing of credentials */
    CREDS_BASE_KEYS,
    CREDS_BASE_ENVIRONMENT,
    CREDS_BASE_CONTAINER,
    CREDS_BASE_INSTANCE,
    CREDS_BASE_PROCESS,
    CREDS_BASE_WEB_IDENTITY,
    CREDS_BASE_SSO
};

struct creds_plan_role {
    char *arn;
    char *session_name;
    char *external_id;
    int64_t duration_s; /* 0: the service's default */
};

/* All strings are owned, NULL when absent. */
struct creds_plan {
    enum creds_base base;
    char *access_key;
    char *secret_key;
    char *session_token;
    char *command;
    char *token_file; /* web identity, with web_identity_role */
    struct creds_plan_role web_identity_role;
    char *sso_session;
    char *sso_start_url;
    char *sso_region;
    char *sso_account_id;
    char *sso_role_name;
    char *region;                                   /* of the profile itself */
    struct creds_plan_role roles[CREDS_PLAN_ROLES]; /* roles[count - 1] is assumed first */
    size_t role_count;
};

/* Returns 0, or a negative code with err filled; creds_plan_done() is due in any case. */
int creds_plan_make(const struct creds_files *files, const char *profile, struct creds_plan *ret,
                    struct error *err) MUST_USE;
/* Wipes and frees. */
void creds_plan_done(struct creds_plan *plan);

#endif
