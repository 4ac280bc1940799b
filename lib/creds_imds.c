/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html and
 * .../sdkref/latest/guide/feature-imds-credentials.html
 */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "lib/clock.h"
#include "lib/config.h"
#include "lib/creds_provider.h"
#include "lib/random.h"

enum {
    URL_CAP = 1024,
    TIMEOUT_MS = 1000,
    TOKEN_LIFE_S = 21600, /* the longest that the service gives */
    TOKEN_SPARE_MS = 60 * 1000,
    ROLE_CAP = 128,
    /* When the service has nothing new, the old set goes on being used for 10 to 15 minutes at a time. */
    STABILITY_MS = 10 * 60 * 1000,
    STABILITY_JITTER_MS = 5 * 60 * 1000
};

#define ROLES_PATH "/latest/meta-data/iam/security-credentials/"

struct imds {
    struct creds_context context;
    struct creds_exchange exchange;
    struct creds_waiter waiter;
    int64_t now_wall_ms;
    struct buf token;
    int64_t token_until_ms; /* monotonic */
    bool token_renewed;     /* during this fetch */
    char role[ROLE_CAP];
    struct creds last;
};

static void ask_token(struct imds *imds);
static void ask_role(struct imds *imds);

/* Static stability: what is known is better than nothing; EC2 accepts it past its expiry while it has
 * trouble. */
static bool reply_last(struct imds *imds)
{
    struct creds creds = {0};
    int64_t until_ms = clock_wall_ms() + STABILITY_MS + (int64_t)(random_u64() % STABILITY_JITTER_MS);

    if (!imds->last.access_key || !creds_make(imds->last.access_key, imds->last.secret_key,
                                              imds->last.session_token, until_ms, &creds, NULL)) {
        return false;
    }
    creds_reply_found(&imds->waiter, &creds);
    return true;
}

static void give_up(struct imds *imds, enum creds_outcome outcome, const struct error *err)
{
    if (!reply_last(imds)) {
        creds_reply_error(&imds->waiter, outcome, err);
    }
}

static int endpoint(const struct imds *imds, struct buf *out, struct error *err)
{
    char *const *environment = imds->context.environment;
    const char *url = config_lookup(environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
    const char *mode = config_lookup(environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
    size_t len;

    if (!url && mode && strcasecmp(mode, "IPv4") != 0 && strcasecmp(mode, "IPv6") != 0) {
        return error_set(err, ERROR_CONFIG, false,
                         "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=%.32s: IPv4 or IPv6", mode);
    }
    if (!url) {
        url = mode && strcasecmp(mode, "IPv6") == 0 ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
    }
    len = strlen(url);
    while (len > 0 && url[len - 1] == '/') {
        len--;
    }
    buf_add(out, url, len);
    return buf_error(out) == 0
               ? 0
               : error_set(err, ERROR_CONFIG, false, "AWS_EC2_METADATA_SERVICE_ENDPOINT is too long");
}

static void ask(struct imds *imds, const char *method, const char *path, const char *last,
                const struct http_header *header, http_done_fn *done)
{
    struct http_request request = {
        .method = method, .headers = header, .header_count = 1, .timeout_ms = TIMEOUT_MS, .no_proxy = true};
    struct error err = {0};
    struct buf url;
    int r;

    buf_init(&url, URL_CAP);
    r = endpoint(imds, &url, &err);
    if (r == 0) {
        buf_addf(&url, "%s%s", path, last);
        request.url = url.data;
        r = creds_exchange_start(&imds->exchange, &request, done, imds, &err);
    }
    buf_done(&url);
    if (r < 0) {
        give_up(imds, CREDS_FAILED, &err);
    }
}

/* A new token, if the old one was refused for the first time in this fetch. */
static bool renew_token(struct imds *imds, const struct http_response *response)
{
    if (response->status != 401 || imds->token_renewed) {
        return false;
    }
    buf_done_secret(&imds->token);
    ask_token(imds);
    return true;
}

static void give_up_status(struct imds *imds, const struct http_response *response, const char *what)
{
    struct error err = {0};

    if (response->error.code != ERROR_NONE) {
        err = response->error;
        err.retriable = true;
    } else {
        creds_json_error(response->status, buf_str(response->body), &err);
    }
    error_prefix(&err, "%s", what);
    give_up(imds, CREDS_FAILED, &err);
}

/* --- 3: the credentials of the role ------------------------------------------------------------------------
 */

static void keep_last(struct imds *imds, const struct creds *creds)
{
    struct creds copy = {0};

    if (creds_make(creds->access_key, creds->secret_key, creds->session_token, creds->expires_ms, &copy,
                   NULL)) {
        creds_done(&imds->last);
        imds->last = copy;
    }
}

static void credentials_done(void *ctx, const struct http_response *response)
{
    struct imds *imds = ctx;
    struct creds creds = {0};
    struct error err = {0};

    if (response->error.code != ERROR_NONE || response->status != 200) {
        if (!renew_token(imds, response)) {
            give_up_status(imds, response, "credentials");
        }
        return;
    }
    if (!creds_from_json(buf_str(response->body), "Token", true, &creds, &err)) {
        give_up(imds, CREDS_FAILED, &err);
        return;
    }
    keep_last(imds, &creds);
    if (creds.expires_ms <= imds->now_wall_ms && reply_last(imds)) {
        creds_done(&creds);
        return;
    }
    creds_reply_found(&imds->waiter, &creds);
}

static void ask_credentials(struct imds *imds)
{
    struct http_header header = {"X-aws-ec2-metadata-token", imds->token.data};

    ask(imds, "GET", ROLES_PATH, imds->role, &header, credentials_done);
}

/* --- 2: the name of the role
 * --------------------------------------------------------------------------------- */

/* The first line, of characters that IAM allows. */
static bool read_role(struct imds *imds, struct str body)
{
    size_t len = 0;

    while (len < body.len && body.ptr[len] != '\n' && body.ptr[len] != '\r') {
        len++;
    }
    if (len == 0 || len >= sizeof(imds->role)) {
        return false;
    }
    memcpy(imds->role, body.ptr, len);
    imds->role[len] = '\0';
    return strspn(imds->role, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+=,.@_-") == len;
}

static void role_done(void *ctx, const struct http_response *response)
{
    struct imds *imds = ctx;
    struct error err = {0};

    if (response->error.code == ERROR_NONE && response->status == 404) {
        error_set(&err, ERROR_AUTH, false, "the instance has no role");
        give_up(imds, CREDS_ABSENT, &err);
    } else if (response->error.code != ERROR_NONE || response->status != 200) {
        if (!renew_token(imds, response)) {
            give_up_status(imds, response, "role");
        }
    } else if (!read_role(imds, buf_str(response->body))) {
        error_set(&err, ERROR_SYNTAX, true, "the answer is no role's name");
        give_up(imds, CREDS_FAILED, &err);
    } else {
        ask_credentials(imds);
    }
}

static void ask_role(struct imds *imds)
{
    struct http_header header = {"X-aws-ec2-metadata-token", imds->token.data};

    ask(imds, "GET", ROLES_PATH, "", &header, role_done);
}

/* --- 1: the session token
 * -------------------------------------------------------------------------------------- */

/* What a missing metadata service looks like: nobody there, or no version 2. */
static bool is_absent(const struct http_response *response)
{
    return response->error.code != ERROR_NONE || response->status == 403 || response->status == 404 ||
           response->status == 405;
}

static void token_done(void *ctx, const struct http_response *response)
{
    struct imds *imds = ctx;
    struct str token = buf_str(response->body);
    struct error err = {0};

    if (is_absent(response)) {
        if (response->error.code != ERROR_NONE) {
            err = response->error;
            err.retriable = false;
        } else {
            error_set(&err, ERROR_AUTH, false, "HTTP %d for a session token", response->status);
        }
        give_up(imds, CREDS_ABSENT, &err);
        return;
    }
    buf_add(&imds->token, token.ptr, token.len);
    if (response->status != 200 || token.len == 0 || buf_error(&imds->token) < 0 ||
        memchr(token.ptr, '\n', token.len) || memchr(token.ptr, '\r', token.len)) {
        buf_done_secret(&imds->token);
        give_up_status(imds, response, "session token");
        return;
    }
    imds->token_until_ms = clock_monotonic_ms() + TOKEN_LIFE_S * 1000LL - TOKEN_SPARE_MS;
    ask_role(imds);
}

static void ask_token(struct imds *imds)
{
    static const struct http_header header = {"X-aws-ec2-metadata-token-ttl-seconds", "21600"};

    imds->token_renewed = true;
    ask(imds, "PUT", "/latest/api/token", "", &header, token_done);
}

static void fetch(void *state, int64_t now_wall_ms, creds_answer_fn *answer, void *answer_ctx)
{
    struct imds *imds = state;
    struct error err = {0};

    imds->waiter = (struct creds_waiter){answer, answer_ctx};
    imds->now_wall_ms = now_wall_ms;
    imds->token_renewed = false;
    if (!imds->exchange.http || creds_switch(&imds->context, "AWS_EC2_METADATA_DISABLED")) {
        error_set(&err, ERROR_AUTH, false, "%s",
                  imds->exchange.http ? "AWS_EC2_METADATA_DISABLED is set" : "there is no HTTP client");
        creds_reply_error(&imds->waiter, CREDS_ABSENT, &err);
    } else if (imds->token.len > 0 && clock_monotonic_ms() < imds->token_until_ms) {
        ask_role(imds);
    } else {
        buf_done_secret(&imds->token);
        ask_token(imds);
    }
}

static void imds_free(void *state)
{
    struct imds *imds = state;

    if (imds) {
        creds_exchange_cancel(&imds->exchange);
        buf_done_secret(&imds->token);
        creds_done(&imds->last);
        free(imds);
    }
}

struct creds_provider creds_imds_provider(const struct creds_context *context)
{
    struct imds *imds = calloc(1, sizeof(*imds));

    if (!imds) {
        return (struct creds_provider){.name = "instance metadata"};
    }
    imds->context = *context;
    imds->exchange.http = context->http;
    buf_init(&imds->token, 4096);
    return (
        struct creds_provider){.name = "instance metadata", .state = imds, .fetch = fetch, .free = imds_free};
}
