/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/creds_provider.h"

#include <string.h>
#include <strings.h>

#include <stdio.h>

#include "lib/aws_endpoint.h"
#include "lib/clock.h"
#include "lib/config.h"
#include "lib/file.h"
#include "lib/json.h"

void creds_reply_found(const struct creds_waiter *waiter, struct creds *creds)
{
    waiter->answer(waiter->ctx, CREDS_FOUND, creds, NULL);
}

void creds_reply_error(const struct creds_waiter *waiter, enum creds_outcome outcome, const struct error *err)
{
    waiter->answer(waiter->ctx, outcome, NULL, err);
}

void creds_reply(const struct creds_waiter *waiter, bool found, struct creds *creds, const struct error *err)
{
    if (found) {
        creds_reply_found(waiter, creds);
    } else {
        creds_reply_error(waiter, CREDS_FAILED, err);
    }
}

static void exchange_done(void *ctx, const struct http_response *response)
{
    struct creds_exchange *exchange = ctx;
    struct buf *body = response->body;

    exchange->transfer = NULL;
    exchange->done(exchange->ctx, response);
    if (body && body->data) {
        buf_wipe(body->data, body->len);
    }
}

int creds_exchange_start(struct creds_exchange *exchange, const struct http_request *request,
                         http_done_fn *done, void *ctx, struct error *err)
{
    struct http_request capped = *request;

    if (!exchange->http) {
        return error_set(err, ERROR_CONFIG, false, "there is no HTTP client");
    }
    capped.response_cap = CREDS_ANSWER_CAP;
    exchange->done = done;
    exchange->ctx = ctx;
    exchange->transfer = http_start(exchange->http, &capped, exchange_done, exchange, err);
    return exchange->transfer ? 0 : -ERROR_NETWORK;
}

void creds_exchange_cancel(struct creds_exchange *exchange)
{
    if (exchange->transfer) {
        http_cancel(exchange->transfer);
        exchange->transfer = NULL;
    }
}

const char *creds_region(const struct creds_context *context, const char *fallback)
{
    const char *region = context->region;

    region = region ? region : config_lookup(context->environment, "AWS_REGION");
    region = region ? region : config_lookup(context->environment, "AWS_DEFAULT_REGION");
    return region ? region : fallback;
}

bool creds_switch(const struct creds_context *context, const char *name)
{
    const char *value = config_lookup(context->environment, name);

    return value && (strcasecmp(value, "true") == 0 || strcmp(value, "1") == 0);
}

int creds_endpoint(const struct creds_context *context, const char *suffix, const char *service,
                   const char *region, struct buf *out, struct error *err)
{
    char name[64];
    const char *url;
    size_t len;

    snprintf(name, sizeof(name), "AWS_ENDPOINT_URL_%s", suffix);
    url = config_lookup(context->environment, name);
    url = url ? url : config_lookup(context->environment, "AWS_ENDPOINT_URL");
    if (!url) {
        if (aws_endpoint_default(service, region, creds_switch(context, "AWS_USE_FIPS_ENDPOINT"),
                                 creds_switch(context, "AWS_USE_DUALSTACK_ENDPOINT"), out) < 0) {
            return error_set(err, ERROR_CONFIG, false, "'%.64s' is no region", region);
        }
        return 0;
    }
    len = strlen(url);
    while (len > 0 && url[len - 1] == '/') {
        len--;
    }
    buf_add(out, url, len);
    return buf_error(out) == 0 ? 0 : error_set(err, ERROR_CONFIG, false, "the endpoint URL is too long");
}

static bool read_expiration(const cJSON *json, bool required, int64_t *ret, struct error *err)
{
    const char *text = json_string(json, "Expiration");

    if (!text && !required && !json_get(json, "Expiration")) {
        *ret = 0;
        return true;
    }
    *ret = text ? clock_parse_iso(text) : -1;
    if (*ret < 0) {
        error_set(err, ERROR_SYNTAX, true, "the answer has no usable Expiration");
        return false;
    }
    return true;
}

static bool read_document(const cJSON *json, const char *token_name, bool expires, struct creds *ret,
                          struct error *err)
{
    const char *code = json_string(json, "Code");
    const char *message = json_string(json, "Message");
    int64_t expires_ms = 0;

    if (code && strcmp(code, "Success") != 0) {
        error_set(err, ERROR_REMOTE, true, "%.100s: %.200s", code, message ? message : "no message");
        return false;
    }
    if (!read_expiration(json, expires, &expires_ms, err)) {
        return false;
    }
    if (!creds_make(json_string(json, "AccessKeyId"), json_string(json, "SecretAccessKey"),
                    json_string(json, token_name), expires_ms, ret, err)) {
        error_prefix(err, "the answer is no credentials");
        return false;
    }
    return true;
}

bool creds_from_json(struct str text, const char *token_name, bool expires, struct creds *ret,
                     struct error *err)
{
    cJSON *json = json_parse_secret(text.ptr, text.len, err);
    bool found;

    if (!json) {
        error_prefix(err, "the answer is no credentials");
        if (err) {
            err->retriable = true;
        }
        return false;
    }
    found = read_document(json, token_name, expires, ret, err);
    json_delete_secret(json);
    return found;
}

void creds_json_error(int status, struct str body, struct error *err)
{
    cJSON *json = json_parse_secret(body.ptr, body.len, NULL);
    const char *code = json_string(json, "Code");
    const char *message = json_string(json, "Message");
    bool retriable = status >= 500 || status == 429 || status == 408;

    code = code ? code : json_string(json, "code");
    message = message ? message : json_string(json, "message");
    if (code || message) {
        error_set(err, ERROR_REMOTE, retriable, "HTTP %d %.100s: %.200s", status, code ? code : "",
                  message ? message : "");
    } else {
        error_set(err, ERROR_REMOTE, retriable, "HTTP %d with %zu bytes", status, body.len);
    }
    json_delete_secret(json);
}

int creds_read_token(const char *path, struct buf *out, struct error *err)
{
    size_t before = out->len;
    int r = file_read(path, out, err);

    if (r < 0) {
        return r;
    }
    if (out->len == before) {
        return error_set(err, ERROR_SYNTAX, true, "%s is empty", path);
    }
    for (size_t i = before; i < out->len; i++) {
        if ((unsigned char)out->data[i] < ' ' || out->data[i] == 0x7F) {
            return error_set(err, ERROR_SYNTAX, false, "%s holds a line end or a control character", path);
        }
    }
    return 0;
}
