/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The providers of the credentials chain, one per file, and what they share. For lib/creds*.c and their
 * tests; everybody else uses lib/creds.h. A maker without memory returns a provider whose fetch is NULL.
 */
#ifndef LIB_CREDS_PROVIDER_H
#define LIB_CREDS_PROVIDER_H

#include "lib/creds.h"

enum {
    CREDS_ANSWER_CAP = 64 * 1024, /* bytes of a metadata, STS or SSO answer; real ones have 1 to 4 KiB */
    CREDS_TOKEN_CAP = 20000       /* bytes of a web identity or container token; STS takes no more */
};

/* AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN. */
struct creds_provider creds_env_provider(const struct creds_context *context);
/* AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME, by STS AssumeRoleWithWebIdentity. */
struct creds_provider creds_web_identity_provider(const struct creds_context *context);
/* AWS_PROFILE in AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, which are read again for every fetch. */
struct creds_provider creds_profile_provider(const struct creds_context *context);
/* AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI (ECS, EKS Pod Identity). */
struct creds_provider creds_container_provider(const struct creds_context *context);
/* The instance metadata service, version 2 alone. */
struct creds_provider creds_imds_provider(const struct creds_context *context);

/* The same with the settings of a profile, which are copied. session_name may be NULL. */
struct creds_provider creds_web_identity_provider_of(const struct creds_context *context,
                                                     const char *role_arn, const char *session_name,
                                                     const char *token_file);
/* credential_process: a command line, run without a shell. */
struct creds_provider creds_process_provider(const struct creds_context *context, const char *command);

/* An SSO login of the AWS command line, found in its token cache. */
struct creds_sso {
    const char *session; /* name of the [sso-session], NULL for the older form */
    const char *start_url;
    const char *region;
    const char *account_id;
    const char *role_name;
};
struct creds_provider creds_sso_provider(const struct creds_context *context, const struct creds_sso *sso);

/* --- what they share --------------------------------------------------------------------------------------
 */

/* Who waits for a provider's answer. */
struct creds_waiter {
    creds_answer_fn *answer;
    void *ctx;
};
void creds_reply_found(const struct creds_waiter *waiter, struct creds *creds);
void creds_reply_error(const struct creds_waiter *waiter, enum creds_outcome outcome,
                       const struct error *err);
/* Found with *creds if `found`, else failed with *err. */
void creds_reply(const struct creds_waiter *waiter, bool found, struct creds *creds, const struct error *err);

/* One HTTP request under way. The response's body is overwritten after `done`. */
struct creds_exchange {
    struct http_client *http;
    struct http_transfer *transfer;
    http_done_fn *done;
    void *ctx;
};
/* 0, or a negative code with err filled; without an HTTP client too. */
int creds_exchange_start(struct creds_exchange *exchange, const struct http_request *request,
                         http_done_fn *done, void *ctx, struct error *err) MUST_USE;
void creds_exchange_cancel(struct creds_exchange *exchange);

/* The region: of the context, AWS_REGION, AWS_DEFAULT_REGION, or `fallback`. */
const char *creds_region(const struct creds_context *context, const char *fallback);
/* A true value ("true", "1", without case) of a variable that switches something. */
bool creds_switch(const struct creds_context *context, const char *name);
/* AWS_ENDPOINT_URL_<suffix> or AWS_ENDPOINT_URL without '/' at its end, else AWS's own, for STS and SSO. */
int creds_endpoint(const struct creds_context *context, const char *suffix, const char *service,
                   const char *region, struct buf *out, struct error *err) MUST_USE;

/*
 * Reads {"AccessKeyId", "SecretAccessKey", <token_name>, "Expiration"}, the answer of containers, instance
 * metadata and credential processes. A "Code" other than "Success" is a failure with its "Message". An
 * absent Expiration is an error if `expires` says that there has to be one.
 */
bool creds_from_json(struct str text, const char *token_name, bool expires, struct creds *ret,
                     struct error *err) MUST_USE;
/* Code and message of an error answer such as {"Code": .., "Message": ..}, for people; else its length. */
void creds_json_error(int status, struct str body, struct error *err);

/* A token file's text. Control characters, CR and LF among them, are refused; it has to hold something. */
int creds_read_token(const char *path, struct buf *out, struct error *err) MUST_USE;

/* The URL of the container endpoint: found (appended), absent, or failed with err filled. */
enum creds_outcome creds_container_url(char *const *environment, struct buf *url, struct error *err);

#endif
