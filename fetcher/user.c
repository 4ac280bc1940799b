/* SPDX-License-Identifier: Apache-2.0 */
#include "fetcher/user.h"

#include <stdarg.h>
#include <stdio.h>

#include "fetcher/tree.h"
#include "lib/json.h"

const char *const user_reason_names[USER_REASON_COUNT + 1] = {
    [USER_OK] = "ok",
    [USER_TOO_LARGE] = "too_large",
    [USER_NESTING] = "nesting",
    [USER_SYNTAX] = "syntax",
    [USER_INVALID_UTF8] = "invalid_utf8",
    [USER_NOT_OBJECT] = "not_object",
    [USER_DUPLICATE_KEY] = "duplicate_key",
    [USER_LOGIN] = "login",
    [USER_MISSING_FIELD] = "missing_field",
    [USER_WRONG_TYPE] = "wrong_type",
};

enum { AGE_MAX = 150 };

static bool refuse(struct user_verdict *verdict, enum user_reason reason, const char *format, ...)
    PRINTF_LIKE(3, 4);

static bool refuse(struct user_verdict *verdict, enum user_reason reason, const char *format, ...)
{
    va_list args;

    verdict->reason = reason;
    va_start(args, format);
    vsnprintf(verdict->message, sizeof(verdict->message), format, args);
    va_end(args);
    return false;
}

/* What can be said without parsing. */
static bool check_text(const struct page_user *user, struct user_verdict *verdict)
{
    if (user->text.len > USER_BYTES_MAX) {
        return refuse(verdict, USER_TOO_LARGE, "%zu bytes, more than %d", user->text.len, USER_BYTES_MAX);
    }
    if (user->depth > USER_DEPTH_MAX) {
        return refuse(verdict, USER_NESTING, "%zu levels deep, more than %d", user->depth, USER_DEPTH_MAX);
    }
    if (user->nul_escape) {
        return refuse(verdict, USER_SYNTAX, "\\u0000 in a string");
    }
    return true;
}

static cJSON *parse(struct str text)
{
    const char *end = NULL;
    cJSON *tree = cJSON_ParseWithLengthOpts(text.ptr, text.len, &end, false);

    if (tree && end != text.ptr + text.len) {
        cJSON_Delete(tree);
        return NULL;
    }
    return tree;
}

static bool check_members(const cJSON *object, struct user_verdict *verdict)
{
    unsigned count = 0;

    for (const cJSON *member = object->child; member; member = member->next) {
        if (++count > USER_MEMBERS_MAX) {
            return refuse(verdict, USER_TOO_LARGE, "an object with more than %d members", USER_MEMBERS_MAX);
        }
        for (const cJSON *earlier = object->child; earlier != member; earlier = earlier->next) {
            /* The first bytes alone tell nearly all apart, and this is the innermost loop of the fetcher. */
            if (earlier->string[0] == member->string[0] && strcmp(earlier->string, member->string) == 0) {
                return refuse(verdict, USER_DUPLICATE_KEY, "a key occurs twice in one object");
            }
        }
    }
    return true;
}

/* Recursive, but check_text has bounded the depth. */
static bool check_keys(const cJSON *value, struct user_verdict *verdict)
{
    if (cJSON_IsObject(value) && !check_members(value, verdict)) {
        return false;
    }
    for (const cJSON *child = value->child; child; child = child->next) {
        if (child->child && !check_keys(child, verdict)) {
            return false;
        }
    }
    return true;
}

/* A member that has to be there; `path` is its full name, for the message. NULL if it is not. */
static const cJSON *need(const cJSON *object, const char *name, const char *path,
                         struct user_verdict *verdict)
{
    const cJSON *value = json_get(object, name);

    if (!value || cJSON_IsNull(value)) {
        refuse(verdict, USER_MISSING_FIELD, "%s is missing", path);
        return NULL;
    }
    return value;
}

static bool need_text(const cJSON *object, const char *name, const char *path, struct user_verdict *verdict)
{
    const cJSON *value = need(object, name, path, verdict);

    if (!value) {
        return false;
    }
    if (!cJSON_IsString(value) || value->valuestring[0] == '\0') {
        return refuse(verdict, USER_WRONG_TYPE, "%s is no text", path);
    }
    return true;
}

static bool need_age(const cJSON *user, struct user_verdict *verdict)
{
    const cJSON *dob = json_get(user, "dob");
    long long age;

    if (!need(dob, "age", "dob.age", verdict)) {
        return false;
    }
    if (!json_int64(dob, "age", 0, AGE_MAX, &age)) {
        return refuse(verdict, USER_WRONG_TYPE, "dob.age is no whole number from 0 to %d", AGE_MAX);
    }
    return true;
}

/* "-12.3456": digits, at most three of them before the point, and not beyond +-limit. */
static bool is_degrees(const char *text, int limit)
{
    int whole = 0;
    size_t digits = 0;
    bool fraction = false;

    text += *text == '-';
    for (; *text >= '0' && *text <= '9' && digits < 3; text++, digits++) {
        whole = whole * 10 + (*text - '0');
    }
    if (digits == 0 || (*text == '.' && (text[1] < '0' || text[1] > '9'))) {
        return false;
    }
    if (*text == '.') {
        for (text++; *text >= '0' && *text <= '9'; text++) {
            fraction = fraction || *text != '0';
        }
    }
    return *text == '\0' && (whole < limit || (whole == limit && !fraction));
}

static bool need_degrees(const cJSON *coordinates, const char *name, const char *path, int limit,
                         struct user_verdict *verdict)
{
    const cJSON *value = need(coordinates, name, path, verdict);

    if (!value) {
        return false;
    }
    if (!cJSON_IsString(value) || !is_degrees(value->valuestring, limit)) {
        return refuse(verdict, USER_WRONG_TYPE, "%s is no decimal string from -%d to %d", path, limit, limit);
    }
    return true;
}

static bool check_fields(const cJSON *user, struct user_verdict *verdict)
{
    const cJSON *name = json_get(user, "name");
    const cJSON *coordinates = json_get(json_get(user, "location"), "coordinates");

    return need_text(name, "first", "name.first", verdict) && need_text(name, "last", "name.last", verdict) &&
           need_text(user, "gender", "gender", verdict) && need_age(user, verdict) &&
           need_degrees(coordinates, "latitude", "location.coordinates.latitude", 90, verdict) &&
           need_degrees(coordinates, "longitude", "location.coordinates.longitude", 180, verdict);
}

static bool check_tree(const cJSON *user, struct str text, struct user_verdict *verdict)
{
    if (!str_is_utf8(text)) {
        return refuse(verdict, USER_INVALID_UTF8, "not UTF-8");
    }
    if (!cJSON_IsObject(user)) {
        return refuse(verdict, USER_NOT_OBJECT, "no JSON object");
    }
    if (!check_keys(user, verdict)) {
        return false;
    }
    if (json_get(user, "login")) {
        return refuse(verdict, USER_LOGIN, "login was sent although exc=login was asked for");
    }
    return check_fields(user, verdict);
}

void user_check(const struct page_user *user, struct user_verdict *ret)
{
    const cJSON *tree;

    *ret = (struct user_verdict){.reason = USER_OK};
    if (!check_text(user, ret)) {
        return;
    }
    tree = tree_parse(user->text);
    if (tree) {
        check_tree(tree, user->text, ret);
    } else {
        refuse(ret, USER_SYNTAX, "not readable as JSON");
    }
    tree_done();
}

static bool remove_login(cJSON *tree)
{
    bool found = false;

    while (cJSON_IsObject(tree) && cJSON_GetObjectItemCaseSensitive(tree, "login")) {
        cJSON_DeleteItemFromObjectCaseSensitive(tree, "login");
        found = true;
    }
    return found;
}

static bool add_tree(const cJSON *tree, struct buf *out)
{
    char *text = cJSON_PrintUnformatted(tree);

    if (!text) {
        return false;
    }
    buf_add_str(out, text);
    cJSON_free(text);
    return true;
}

bool user_dead_letter(const struct page_user *user, enum user_reason reason, struct buf *out)
{
    cJSON *tree;
    bool done = true;

    if (user->text.len > USER_BYTES_MAX || reason == USER_NESTING || reason == USER_SYNTAX) {
        return false;
    }
    tree = parse(user->text);
    if (!tree) {
        return false;
    }
    if (remove_login(tree)) {
        done = add_tree(tree, out);
    } else {
        buf_add(out, user->text.ptr, user->text.len);
    }
    cJSON_Delete(tree);
    return done && !buf_error(out);
}
