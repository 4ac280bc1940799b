/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html. The login itself is for people and
 * their browser (aws sso login); here its token is read, and exchanged by GetRoleCredentials.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/clock.h"
#include "lib/config.h"
#include "lib/creds_provider.h"
#include "lib/file.h"
#include "lib/hash.h"
#include "lib/json.h"
#include "lib/url.h"

enum { PATH_CAP = 4096, URL_CAP = 2048, TIMEOUT_MS = 10000 };

struct sso {
    struct creds_context context;
    struct creds_exchange exchange;
    struct creds_waiter waiter;
    char *cache_key; /* the session's name, or the start URL */
    char *region;
    char *account_id;
    char *role_name;
};

/* ~/.aws/sso/cache/<SHA-1 of the key>.json */
static int cache_path(const struct sso *sso, struct buf *out, struct error *err)
{
    const char *home = config_lookup(sso->context.environment, "HOME");
    unsigned char sha1[HASH_SHA1_SIZE];
    char hex[2 * HASH_SHA1_SIZE + 1];

    if (!home) {
        return error_set(err, ERROR_CONFIG, false, "HOME is not set");
    }
    hash_sha1(sso->cache_key, strlen(sso->cache_key), sha1);
    hash_hex(sha1, sizeof(sha1), hex);
    buf_addf(out, "%s/.aws/sso/cache/%s.json", home, hex);
    return buf_error(out) == 0 ? 0 : error_set(err, ERROR_LIMIT, false, "HOME is too long");
}

static int take_token(const cJSON *json, int64_t now_wall_ms, struct buf *out, struct error *err)
{
    const char *token = json_string(json, "accessToken");
    const char *expires = json_string(json, "expiresAt");
    int64_t expires_ms = expires ? clock_parse_iso(expires) : -1;

    if (!token || expires_ms < 0 || strpbrk(token, "\r\n")) {
        return error_set(err, ERROR_SYNTAX, false, "the SSO token cache has no usable token: aws sso login");
    }
    if (expires_ms <= now_wall_ms) {
        return error_set(err, ERROR_AUTH, false, "the SSO login has expired: aws sso login");
    }
    buf_add_str(out, token);
    return buf_error(out) == 0 ? 0 : error_set(err, ERROR_LIMIT, false, "the SSO token is too long");
}

static int read_token(const struct sso *sso, int64_t now_wall_ms, struct buf *out, struct error *err)
{
    struct buf path;
    struct buf text;
    cJSON *json = NULL;
    int r;

    buf_init(&path, PATH_CAP);
    buf_init(&text, CREDS_ANSWER_CAP);
    r = cache_path(sso, &path, err);
    if (r == 0) {
        r = file_read(path.data, &text, err);
        if (r < 0) {
            error_prefix(err, "there is no SSO login (aws sso login)");
        }
    }
    if (r == 0) {
        json = json_parse_secret(text.data ? text.data : "", text.len, NULL);
        r = take_token(json, now_wall_ms, out, err);
    }
    json_delete_secret(json);
    buf_done_secret(&text);
    buf_done(&path);
    return r;
}

/* {"roleCredentials": {"accessKeyId", "secretAccessKey", "sessionToken", "expiration": milliseconds}} */
static bool read_answer(struct str body, struct creds *creds, struct error *err)
{
    cJSON *json = json_parse_secret(body.ptr, body.len, NULL);
    const cJSON *role = json_get(json, "roleCredentials");
    long long expires_ms = 0;
    bool found = false;

    if (!json_int64(role, "expiration", 1, INT64_MAX, &expires_ms)) {
        error_set(err, ERROR_SYNTAX, true, "SSO: the answer is no credentials");
    } else {
        found = creds_make(json_string(role, "accessKeyId"), json_string(role, "secretAccessKey"),
                           json_string(role, "sessionToken"), expires_ms, creds, err);
    }
    json_delete_secret(json);
    return found;
}

static void done(void *ctx, const struct http_response *response)
{
    struct sso *sso = ctx;
    struct creds creds = {0};
    struct error err = response->error;
    bool found = false;

    if (err.code != ERROR_NONE) {
        err.retriable = true;
    } else if (response->status == 200) {
        found = read_answer(buf_str(response->body), &creds, &err);
    } else {
        creds_json_error(response->status, buf_str(response->body), &err);
        error_prefix(&err, "SSO");
    }
    creds_reply(&sso->waiter, found, &creds, &err);
}

static int start(struct sso *sso, int64_t now_wall_ms, struct error *err)
{
    struct http_header headers[] = {{"x-amz-sso_bearer_token", NULL}};
    struct http_request request = {
        .method = "GET", .headers = headers, .header_count = 1, .timeout_ms = TIMEOUT_MS};
    struct buf token;
    struct buf url;
    int r;

    buf_init(&token, CREDS_TOKEN_CAP);
    buf_init(&url, URL_CAP);
    r = read_token(sso, now_wall_ms, &token, err);
    if (r == 0) {
        r = creds_endpoint(&sso->context, "SSO", "portal.sso", sso->region, &url, err);
    }
    if (r == 0) {
        buf_add_str(&url, "/federation/credentials?role_name=");
        url_encode(&url, str_of(sso->role_name), false);
        buf_add_str(&url, "&account_id=");
        url_encode(&url, str_of(sso->account_id), false);
        headers[0].value = token.data;
        request.url = url.data;
        r = buf_error(&url) == 0 ? creds_exchange_start(&sso->exchange, &request, done, sso, err)
                                 : error_set(err, ERROR_LIMIT, false, "the URL of SSO is too long");
    }
    buf_done_secret(&token);
    buf_done(&url);
    return r;
}

static void fetch(void *state, int64_t now_wall_ms, creds_answer_fn *answer, void *answer_ctx)
{
    struct sso *sso = state;
    struct error err = {0};

    sso->waiter = (struct creds_waiter){answer, answer_ctx};
    if (start(sso, now_wall_ms, &err) < 0) {
        creds_reply_error(&sso->waiter, CREDS_FAILED, &err);
    }
}

static void sso_free(void *state)
{
    struct sso *sso = state;

    if (sso) {
        creds_exchange_cancel(&sso->exchange);
        free(sso->cache_key);
        free(sso->region);
        free(sso->account_id);
        free(sso->role_name);
        free(sso);
    }
}

struct creds_provider creds_sso_provider(const struct creds_context *context, const struct creds_sso *sso)
{
    struct sso *state = calloc(1, sizeof(*state));

    if (!state) {
        return (struct creds_provider){.name = "sso"};
    }
    state->context = *context;
    state->exchange.http = context->http;
    state->cache_key = strdup(sso->session ? sso->session : sso->start_url);
    state->region = strdup(sso->region);
    state->account_id = strdup(sso->account_id);
    state->role_name = strdup(sso->role_name);
    if (!state->cache_key || !state->region || !state->account_id || !state->role_name) {
        sso_free(state);
        return (struct creds_provider){.name = "sso"};
    }
    return (struct creds_provider){.name = "sso", .state = state, .fetch = fetch, .free = sso_free};
}
