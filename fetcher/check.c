/* SPDX-License-Identifier: Apache-2.0 */
#include "fetcher/check.h"

#include <stdio.h>

#include "fetcher/config.h"
#include "fetcher/outcome.h"
#include "fetcher/publisher.h"
#include "fetcher/request.h"
#include "fetcher/user.h"

enum { KAFKA_ANSWER_MS = 5000 };

static void ignore_done(void *ctx, uintptr_t ticket, const struct error *err)
{
    (void)ctx;
    (void)ticket;
    (void)err;
}

static bool check_kafka(struct http_client *http, const struct service *service)
{
    const struct fetcher_config *config = service->config;
    struct publisher_options options = {
        .config = config, .environment = service->environment, .http = http, .done = ignore_done};
    struct error err = {0};
    struct publisher *publisher = publisher_new(&options, &err);
    bool right = publisher && publisher_check(publisher, KAFKA_ANSWER_MS, &err) == 0;

    printf("Kafka at %s: %s\n", config->kafka_servers, right ? "both topics are there" : err.message);
    publisher_free(publisher);
    return right;
}

/* What is wrong with an answer that should hold one user, or NULL. */
static const char *judge(int status, struct str body, char *out, size_t size)
{
    struct user_verdict verdict;
    struct page page;

    if (status != 200) {
        snprintf(out, size, "HTTP status %d", status);
        return out;
    }
    if (page_split(body, &page, out, size) != PAGE_OK) {
        return out;
    }
    user_check(&page.users[0], &verdict);
    page_done(&page);
    snprintf(out, size, "%s", verdict.message);
    return verdict.reason == USER_OK ? NULL : out;
}

static bool check_source(struct http_client *http, const struct fetcher_config *config, const char *url)
{
    struct position position = {.seed = "check", .page = 1};
    struct http_request request = {.method = "GET",
                                   .timeout_ms = config->timeout_ms,
                                   .response_cap = PAGE_BYTES_AROUND + PAGE_BYTES_PER_USER};
    struct error err = {0};
    struct buf text;
    struct buf body;
    char detail[512];
    const char *problem = "the URL is too long";
    int status = 0;

    buf_init(&text, REQUEST_URL_CAP);
    buf_init(&body, request.response_cap);
    if (request_url(str_of(url), &position, 1, &text) == 0) {
        request.url = text.data;
        problem = http_perform(http, &request, &status, &body, &err)
                      ? err.message
                      : judge(status, buf_str(&body), detail, sizeof(detail));
    }
    printf("API at %.*s: %s\n", STR_ARG(request_source(str_of(url))), problem ? problem : "it sent a user");
    buf_done(&body);
    buf_done(&text);
    return !problem;
}

int check_run(const struct service *service)
{
    const struct fetcher_config *config = service->config;
    struct http_options options = {.user_agent = "userstream-fetcher", .ca_bundle = config->ca_bundle};
    struct error err = {0};
    struct http_client *http = http_client_new(&options, &err);
    bool right;

    if (!http) {
        printf("HTTP client: %s\n", err.message);
        return 1;
    }
    right = check_kafka(http, service);
    right = check_source(http, config, config->url) && right;
    if (config->fallback_url) {
        right = check_source(http, config, config->fallback_url) && right;
    }
    http_client_free(http);
    return right ? 0 : 1;
}
