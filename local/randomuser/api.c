/* SPDX-License-Identifier: Apache-2.0 */
#include "local/randomuser/api.h"

#include <inttypes.h>
#include <stdio.h>

#include "lib/attr.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/random.h"
#include "local/randomuser/generate.h"
#include "local/randomuser/metrics.h"
#include "local/randomuser/pretty.h"
#include "local/randomuser/query.h"

enum { PARAMETER_CAP = 1024 };

static void read_query(struct httpd_request *request, struct query *query)
{
    static const char *const names[] = {"results", "page", "seed",   "gender", "nat",
                                        "inc",     "exc",  "format", "noinfo"};
    char value[PARAMETER_CAP];

    query_init(query);
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (httpd_query_value(request, names[i], value, sizeof(value))) {
            query_set(query, str_of(names[i]), str_of(value));
        }
    }
    if (query->seed[0] == '\0') {
        snprintf(query->seed, sizeof(query->seed), "%016" PRIx64, random_u64());
    } else {
        query->gender = QUERY_ANY_GENDER;
    }
}

static void refuse(struct api *api, struct httpd_request *request, int status, const char *label,
                   const char *text)
{
    metrics_add_label(api->metrics, METRIC_REQUESTS, label, 1);
    httpd_reply_text(request, status, text);
}

static void reply_too_many(struct api *api, struct httpd_request *request, int64_t wait_s)
{
    static const char body[] = "{\"error\":\"Whoa, too many users from this address. Please slow down.\"}";
    char seconds[32];

    LOG_WARN("request refused, the quota is used up", LOG_INT("retry_after_s", wait_s));
    metrics_add_label(api->metrics, METRIC_REQUESTS, "429", 1);
    snprintf(seconds, sizeof(seconds), "%" PRId64, wait_s);
    httpd_reply_header(request, "Retry-After", seconds);
    httpd_reply(request, 429, "application/json; charset=utf-8", body, sizeof(body) - 1);
}

/* The page as asked for, compact or pretty, in `body`. */
static void build_page(const struct query *query, struct buf *body)
{
    struct buf compact;

    if (!query->pretty) {
        generate_page(query, body);
        return;
    }
    buf_init(&compact, GENERATE_BODY_CAP);
    generate_page(query, &compact);
    pretty_print(buf_str(&compact), body);
    buf_done(&compact);
}

static void reply_page(struct api *api, struct httpd_request *request, const struct query *query)
{
    int64_t begin_us = clock_monotonic_us();
    struct buf body;

    buf_init(&body, GENERATE_BODY_CAP);
    build_page(query, &body);
    if (buf_error(&body)) {
        refuse(api, request, 500, "500", "the page does not fit into memory\n");
    } else {
        LOG_DEBUG("page made", LOG_STR("seed", query->seed), LOG_UINT("page", query->page),
                  LOG_UINT("users", query->results), LOG_UINT("bytes", body.len),
                  LOG_INT("us", clock_monotonic_us() - begin_us));
        metrics_add_label(api->metrics, METRIC_REQUESTS, "200", 1);
        metrics_add(api->metrics, METRIC_USERS, query->results);
        metrics_add(api->metrics, METRIC_BYTES, body.len);
        httpd_reply(request, 200, "application/json; charset=utf-8", body.data, body.len);
    }
    buf_done(&body);
}

static bool is_api_path(struct str path)
{
    return str_eq(path, STR("/api/1.4/")) || str_eq(path, STR("/api/1.4")) || str_eq(path, STR("/api/")) ||
           str_eq(path, STR("/api"));
}

void api_handle(void *ctx, struct httpd_request *request)
{
    struct api *api = ctx;
    struct str method = httpd_method(request);
    struct query query;
    int64_t wait_s = 0;

    if (!is_api_path(httpd_path(request))) {
        refuse(api, request, 404, "404", "unknown path or version; there are /api/ and /api/1.4/\n");
        return;
    }
    if (!str_eq(method, STR("GET")) && !str_eq(method, STR("HEAD"))) {
        refuse(api, request, 405, "405", "only GET\n");
        return;
    }
    read_query(request, &query);
    if (!window_take(&api->window, clock_monotonic_ms(), query.results, &wait_s)) {
        reply_too_many(api, request, wait_s);
        return;
    }
    reply_page(api, request, &query);
}
