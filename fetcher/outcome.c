/* SPDX-License-Identifier: Apache-2.0 */
#include "fetcher/outcome.h"

#include <stdio.h>

#include "lib/clock.h"

enum { RETRY_AFTER_MAX_MS = 3600 * 1000 };

const char *const outcome_names[OUTCOME_COUNT + 1] = {
    [OUTCOME_OK] = "ok",
    [OUTCOME_THROTTLED] = "throttled",
    [OUTCOME_FORBIDDEN] = "forbidden",
    [OUTCOME_SERVER_ERROR] = "server_error",
    [OUTCOME_HTTP_STATUS] = "http_status",
    [OUTCOME_CONTENT_TYPE] = "content_type",
    [OUTCOME_EMPTY] = "empty",
    [OUTCOME_ERROR_KEY] = "error_key",
    [OUTCOME_TRUNCATED] = "truncated",
    [OUTCOME_SYNTAX] = "syntax",
    [OUTCOME_TOO_LARGE] = "too_large",
    [OUTCOME_TIMEOUT] = "timeout",
    [OUTCOME_DNS] = "dns",
    [OUTCOME_CONNECTION] = "connection",
    [OUTCOME_TLS] = "tls",
    [OUTCOME_OTHER] = "other",
};

static enum outcome outcome_of_failure(enum http_failure failure)
{
    switch (failure) {
    case HTTP_FAILURE_DNS:
        return OUTCOME_DNS;
    case HTTP_FAILURE_CONNECT:
    case HTTP_FAILURE_BROKEN:
        return OUTCOME_CONNECTION;
    case HTTP_FAILURE_TLS:
        return OUTCOME_TLS;
    case HTTP_FAILURE_TIMEOUT:
        return OUTCOME_TIMEOUT;
    case HTTP_FAILURE_CUT_SHORT:
        return OUTCOME_TRUNCATED;
    case HTTP_FAILURE_TOO_LONG:
        return OUTCOME_TOO_LARGE;
    case HTTP_FAILURE_NONE:
    case HTTP_FAILURE_OTHER:
        break;
    }
    return OUTCOME_OTHER;
}

/* "application/json", with or without parameters. */
static bool is_json(struct str type)
{
    static const char json[] = "application/json";
    size_t len = sizeof(json) - 1;

    if (type.len < len || !str_eq_nocase((struct str){type.ptr, len}, STR("application/json"))) {
        return false;
    }
    return type.len == len || type.ptr[len] == ';' || type.ptr[len] == ' ';
}

enum outcome outcome_of_response(enum http_failure failure, int status, struct str content_type)
{
    if (failure != HTTP_FAILURE_NONE) {
        return outcome_of_failure(failure);
    }
    if (status == 429) {
        return OUTCOME_THROTTLED;
    }
    if (status == 403) {
        return OUTCOME_FORBIDDEN;
    }
    if (status >= 500) {
        return OUTCOME_SERVER_ERROR;
    }
    if (status != 200) {
        return OUTCOME_HTTP_STATUS;
    }
    return is_json(content_type) ? OUTCOME_OK : OUTCOME_CONTENT_TYPE;
}

enum outcome outcome_of_page(enum page_result result)
{
    switch (result) {
    case PAGE_OK:
        return OUTCOME_OK;
    case PAGE_EMPTY:
        return OUTCOME_EMPTY;
    case PAGE_ERROR_KEY:
        return OUTCOME_ERROR_KEY;
    case PAGE_TRUNCATED:
        return OUTCOME_TRUNCATED;
    case PAGE_BROKEN:
        break;
    }
    return OUTCOME_SYNTAX;
}

int64_t outcome_retry_after_ms(struct str value, int64_t wall_ms)
{
    char text[64];
    long long seconds;
    int64_t wait_ms;

    if (str_to_int64(value, 0, INT32_MAX, &seconds)) {
        wait_ms = seconds * 1000;
    } else {
        snprintf(text, sizeof(text), "%.*s", STR_ARG(value));
        wait_ms = clock_parse_http_date(text) - wall_ms; /* -1 for what is no date: long past */
    }
    if (wait_ms < 0) {
        return 0;
    }
    return wait_ms < RETRY_AFTER_MAX_MS ? wait_ms : RETRY_AFTER_MAX_MS;
}
