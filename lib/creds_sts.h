/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two calls of the Security Token Service that give credentials
 * (docs.aws.amazon.com/STS/latest/APIReference): AssumeRole, signed, and AssumeRoleWithWebIdentity, unsigned.
 */
#ifndef LIB_CREDS_STS_H
#define LIB_CREDS_STS_H

#include "lib/creds_provider.h"

struct sts_role {
    const char *arn;
    const char *session_name; /* NULL: "userstream-<milliseconds>" */
    const char *external_id;  /* NULL: none */
    int64_t duration_s;       /* 0: the service's default, an hour */
};

/* The form bodies. Pure; milliseconds make the default session name. */
int sts_assume_role_body(const struct sts_role *role, int64_t now_wall_ms, struct buf *out) MUST_USE;
int sts_web_identity_body(const struct sts_role *role, struct str token, int64_t now_wall_ms,
                          struct buf *out) MUST_USE;
/* Reads either call's answer. False with err filled, retriable for what passes by itself. Pure. */
bool sts_read_answer(int status, struct str xml, struct creds *ret, struct error *err) MUST_USE;

/* A call under way; zeroed at first. The context is borrowed. */
struct sts_call {
    const struct creds_context *context;
    struct creds_exchange exchange;
    struct creds_waiter waiter;
    struct buf body;
};
/*
 * POSTs the body in call->body, signed by `source` unless it is NULL. `region` NULL: us-east-1.
 * Returns 0 and calls call->waiter later, or a negative code with err filled.
 */
int sts_start(struct sts_call *call, const char *region, const struct creds *source,
              struct error *err) MUST_USE;
void sts_done(struct sts_call *call);

#endif
