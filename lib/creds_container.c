/* SPDX-License-Identifier: Apache-2.0 */
/* docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/config.h"
#include "lib/creds_provider.h"
#include "lib/url.h"

enum { URL_CAP = 4096, TIMEOUT_MS = 2000 };

struct container {
    struct creds_context context;
    struct creds_exchange exchange;
    struct creds_waiter waiter;
};

/* Plain HTTP goes to this machine and to the two addresses of ECS and EKS alone. */
static bool is_allowed_plain_host(struct str host)
{
    char text[64];
    struct in_addr v4;
    struct in6_addr v6;
    struct in6_addr eks;

    if (host.len >= sizeof(text)) {
        return false;
    }
    snprintf(text, sizeof(text), "%.*s", STR_ARG(host));
    if (inet_pton(AF_INET, text, &v4) == 1) {
        uint32_t address = ntohl(v4.s_addr);
        return address >> 24 == 127 || address == 0xA9FEAA02 ||
               address == 0xA9FEAA17; /* 169.254.170.2, .23 */
    }
    if (inet_pton(AF_INET6, text, &v6) == 1) {
        inet_pton(AF_INET6, "fd00:ec2::23", &eks);
        return IN6_IS_ADDR_LOOPBACK(&v6) || memcmp(&v6, &eks, sizeof(v6)) == 0;
    }
    return str_eq_nocase(host, STR("localhost"));
}

static enum creds_outcome full_url(const char *text, struct buf *url, struct error *err)
{
    struct url parts;

    if (!url_split(str_of(text), &parts) || parts.user.len > 0) {
        error_set(err, ERROR_CONFIG, false, "AWS_CONTAINER_CREDENTIALS_FULL_URI is no URL");
        return CREDS_FAILED;
    }
    if (!str_eq_nocase(parts.scheme, STR("https")) && !is_allowed_plain_host(parts.host)) {
        error_set(err, ERROR_CONFIG, false,
                  "AWS_CONTAINER_CREDENTIALS_FULL_URI: plain HTTP is for loopback addresses, 169.254.170.2, "
                  "169.254.170.23 and [fd00:ec2::23], not for %.*s",
                  parts.host.len < 100 ? (int)parts.host.len : 100, parts.host.ptr);
        return CREDS_FAILED;
    }
    buf_add_str(url, text);
    return CREDS_FOUND;
}

enum creds_outcome creds_container_url(char *const *environment, struct buf *url, struct error *err)
{
    const char *relative = config_lookup(environment, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *full = config_lookup(environment, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    struct url parts;

    if (!relative && !full) {
        error_set(err, ERROR_AUTH, false, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set");
        return CREDS_ABSENT;
    }
    if (!relative) {
        return full_url(full, url, err);
    }
    buf_addf(url, "http://169.254.170.2%s", relative);
    if (relative[0] != '/' || buf_error(url) < 0 || !url_split(buf_str(url), &parts)) {
        error_set(err, ERROR_CONFIG, false, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is no path");
        return CREDS_FAILED;
    }
    return CREDS_FOUND;
}

/* The file is read every time, since Kubernetes rotates it. */
static int authorization(const struct container *container, struct buf *out, struct error *err)
{
    char *const *environment = container->context.environment;
    const char *file = config_lookup(environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    const char *token = config_lookup(environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN");

    if (file) {
        return creds_read_token(file, out, err);
    }
    if (token && strpbrk(token, "\r\n")) {
        return error_set(err, ERROR_CONFIG, false, "AWS_CONTAINER_AUTHORIZATION_TOKEN holds a line end");
    }
    if (token) {
        buf_add_str(out, token);
    }
    return buf_error(out) == 0 ? 0 : error_set(err, ERROR_LIMIT, false, "the container token is too long");
}

static void done(void *ctx, const struct http_response *response)
{
    struct container *container = ctx;
    struct creds creds = {0};
    struct error err = response->error;
    bool found = false;

    if (err.code != ERROR_NONE) {
        err.retriable = true;
    } else if (response->status == 200) {
        found = creds_from_json(buf_str(response->body), "Token", true, &creds, &err);
    } else {
        creds_json_error(response->status, buf_str(response->body), &err);
    }
    creds_reply(&container->waiter, found, &creds, &err);
}

static int start(struct container *container, const char *url, struct error *err)
{
    struct http_header headers[2] = {{"Accept", "application/json"}};
    struct http_request request = {.method = "GET",
                                   .url = url,
                                   .headers = headers,
                                   .header_count = 1,
                                   .timeout_ms = TIMEOUT_MS,
                                   .no_proxy = true};
    struct buf token;
    int r;

    buf_init(&token, CREDS_TOKEN_CAP);
    r = authorization(container, &token, err);
    if (r == 0) {
        if (token.len > 0) {
            headers[request.header_count++] = (struct http_header){"Authorization", token.data};
        }
        r = creds_exchange_start(&container->exchange, &request, done, container, err);
    }
    buf_done_secret(&token);
    return r;
}

static void fetch(void *state, int64_t now_wall_ms, creds_answer_fn *answer, void *answer_ctx)
{
    struct container *container = state;
    struct error err = {0};
    struct buf url;
    enum creds_outcome outcome;

    (void)now_wall_ms;
    container->waiter = (struct creds_waiter){answer, answer_ctx};
    buf_init(&url, URL_CAP);
    outcome = creds_container_url(container->context.environment, &url, &err);
    if (outcome == CREDS_FOUND && start(container, url.data, &err) < 0) {
        outcome = CREDS_FAILED;
    }
    buf_done(&url);
    if (outcome != CREDS_FOUND) {
        creds_reply_error(&container->waiter, outcome, &err);
    }
}

static void container_free(void *state)
{
    struct container *container = state;

    if (container) {
        creds_exchange_cancel(&container->exchange);
        free(container);
    }
}

struct creds_provider creds_container_provider(const struct creds_context *context)
{
    struct container *container = calloc(1, sizeof(*container));

    if (!container) {
        return (struct creds_provider){.name = "container"};
    }
    container->context = *context;
    container->exchange.http = context->http;
    return (struct creds_provider){
        .name = "container", .state = container, .fetch = fetch, .free = container_free};
}
