/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"

/*
 * cJSON's strings end at the first NUL, so an escaped one would cut a text short unseen. An escape counts
 * only behind an even number of backslashes.
 */
static bool has_escaped_nul(const char *text, size_t len)
{
    const char *end = text + len;
    const char *at = text;

    while ((at = memmem(at, (size_t)(end - at), "\\u0000", 6)) != NULL) {
        const char *before = at;
        while (before > text && before[-1] == '\\') {
            before--;
        }
        if ((at - before) % 2 == 0) {
            return true;
        }
        at += 6;
    }
    return false;
}

static bool only_space(const char *text, const char *end)
{
    while (text < end && (*text == ' ' || *text == '\t' || *text == '\n' || *text == '\r')) {
        text++;
    }
    return text == end;
}

static cJSON *parse_copy(const char *copy, size_t len, struct error *err)
{
    const char *end = NULL;
    cJSON *json = cJSON_ParseWithLengthOpts(copy, len + 1, &end, false);

    if (!json) {
        error_set(err, ERROR_SYNTAX, false, "no valid JSON near byte %zu of %zu",
                  end ? (size_t)(end - copy) : (size_t)0, len);
        return NULL;
    }
    if (!only_space(end, copy + len)) {
        error_set(err, ERROR_SYNTAX, false, "something behind the JSON value at byte %zu of %zu",
                  (size_t)(end - copy), len);
        cJSON_Delete(json);
        return NULL;
    }
    return json;
}

static cJSON *parse(const char *text, size_t len, bool secret, struct error *err)
{
    char *copy;
    cJSON *json;

    if (len > 0 && (memchr(text, '\0', len) || has_escaped_nul(text, len))) {
        error_set(err, ERROR_SYNTAX, false, "a NUL character in JSON, which is not supported");
        return NULL;
    }
    /* The NUL behind the text keeps cJSON before 1.7.19 from reading past its end (CVE-2023-53154). */
    copy = malloc(len + 1);
    if (!copy) {
        error_set(err, ERROR_MEMORY, true, "no memory for %zu bytes of JSON", len);
        return NULL;
    }
    if (len > 0) {
        memcpy(copy, text, len);
    }
    copy[len] = '\0';
    json = parse_copy(copy, len, err);
    if (secret) {
        buf_wipe(copy, len);
    }
    free(copy);
    return json;
}

cJSON *json_parse(const char *text, size_t len, struct error *err)
{
    return parse(text, len, false, err);
}

cJSON *json_parse_secret(const char *text, size_t len, struct error *err)
{
    return parse(text, len, true, err);
}

static void wipe_strings(cJSON *json)
{
    for (cJSON *item = json; item; item = item->next) {
        if (item->valuestring) {
            buf_wipe(item->valuestring, strlen(item->valuestring));
        }
        wipe_strings(item->child);
    }
}

void json_delete_secret(cJSON *json)
{
    wipe_strings(json);
    cJSON_Delete(json);
}

const cJSON *json_get(const cJSON *object, const char *name)
{
    return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, name) : NULL;
}

static const cJSON *get_n(const cJSON *object, const char *name, size_t len)
{
    const cJSON *item;

    if (!cJSON_IsObject(object)) {
        return NULL;
    }
    cJSON_ArrayForEach(item, object)
    {
        if (item->string && strncmp(item->string, name, len) == 0 && item->string[len] == '\0') {
            return item;
        }
    }
    return NULL;
}

const cJSON *json_path(const cJSON *object, const char *path)
{
    for (;;) {
        size_t len = strcspn(path, ".");

        object = get_n(object, path, len);
        if (!object || path[len] == '\0') {
            return object;
        }
        path += len + 1;
    }
}

const char *json_string(const cJSON *object, const char *name)
{
    const cJSON *item = json_get(object, name);

    return cJSON_IsString(item) ? item->valuestring : NULL;
}

bool json_int64(const cJSON *object, const char *name, long long min, long long max, long long *ret)
{
    static const double exact = 9007199254740992.0; /* 2^53: doubles beyond it skip whole numbers */
    const cJSON *item = json_get(object, name);
    long long value;

    if (!cJSON_IsNumber(item) || !(fabs(item->valuedouble) <= exact) ||
        item->valuedouble != floor(item->valuedouble)) {
        return false;
    }
    value = (long long)item->valuedouble;
    if (value < min || value > max) {
        return false;
    }
    *ret = value;
    return true;
}

bool json_bool(const cJSON *object, const char *name, bool fallback)
{
    const cJSON *item = json_get(object, name);

    return cJSON_IsBool(item) ? cJSON_IsTrue(item) : fallback;
}
