/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/call.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void call_describe(struct call *call, int status, const char *code, const char *format, ...)
{
    va_list args;

    call->status = status;
    call->code = code;
    va_start(args, format);
    vsnprintf(call->message, sizeof(call->message), format, args);
    va_end(args);
}

void call_describe_invalid(struct call *call, const char *member, const char *rule)
{
    call_describe(call, 400, "ValidationException",
                  "1 validation error detected: Value at '%s' failed to satisfy constraint: Member must %s",
                  member, rule);
}

void call_describe_broken(struct call *call)
{
    call_describe(call, 500, "InternalFailure", "The state could not be read or written: %s",
                  state_error(call->local->state));
}

int call_int(struct call *call, const char *member, int64_t min, int64_t max, int64_t fallback, int64_t *ret)
{
    const cJSON *value = json_get(call->input, member);
    long long number;

    if (!value || cJSON_IsNull(value)) {
        *ret = fallback;
        return 0;
    }
    if (!json_int64(call->input, member, min, max, &number)) {
        char rule[96];
        snprintf(rule, sizeof(rule), "be a whole number from %" PRId64 " to %" PRId64, min, max);
        return call_invalid(call, member, rule);
    }
    *ret = number;
    return 0;
}

int call_text(struct call *call, const char *member, bool required, size_t max, const char **ret)
{
    const cJSON *value = json_get(call->input, member);
    const char *text = json_string(call->input, member);

    if (!value || cJSON_IsNull(value)) {
        *ret = NULL;
        return required ? call_invalid(call, member, "not be null") : 0;
    }
    if (!text || text[0] == '\0' || str_utf8_length(str_of(text)) > max) {
        char rule[64];
        snprintf(rule, sizeof(rule), "be a string of 1 to %zu characters", max);
        return call_invalid(call, member, rule);
    }
    *ret = text;
    return 0;
}

const char *call_arn_name(const struct call *call, const char *arn, const char *service, const char *type)
{
    char middle[160];
    const char *rest;

    if (strncmp(arn, "arn:aws", 7) != 0 || !(rest = strchr(arn + 4, ':'))) {
        return NULL;
    }
    snprintf(middle, sizeof(middle), ":%s:%s:", service, call->local->config->region);
    if (strncmp(rest, middle, strlen(middle)) != 0) {
        return NULL;
    }
    rest = strchr(rest + strlen(middle), ':');
    snprintf(middle, sizeof(middle), ":%s/", type);
    if (!rest || strncmp(rest, middle, strlen(middle)) != 0) {
        return NULL;
    }
    rest += strlen(middle);
    return call_is_name(rest) ? rest : NULL;
}

void call_add_time(struct buf *out, int64_t wall_ms)
{
    buf_addf(out, "%" PRId64 ".%03d", wall_ms / 1000, (int)(wall_ms % 1000));
}

bool call_is_name(const char *text)
{
    return text[0] != '\0' &&
           text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")] == '\0';
}
