/* SPDX-License-Identifier: Apache-2.0 */
/* folders: fetcher */
/*
 * A page that is accepted is JSON for cJSON too, with the same users in the same order; no user that is
 * passed on and no dead letter holds a login; a user that is passed on has the needed fields.
 */
#include "fetcher/page.h"

#include "fetcher/user.h"
#include "lib/jscan.h"
#include "lib/json.h"
#include "tests/fuzz/fuzz.h"

enum { OUT_CAP = 1 << 20 };

static cJSON *parse(struct str text)
{
    return cJSON_ParseWithLength(text.ptr, text.len);
}

static void check_good(const struct page_user *user)
{
    cJSON *tree = parse(user->text);

    require(tree != NULL && str_is_utf8(user->text));
    require(json_get(tree, "login") == NULL);
    require(json_string(json_get(tree, "name"), "first") != NULL);
    require(cJSON_IsNumber(json_path(tree, "dob.age")));
    require(cJSON_IsString(json_path(tree, "location.coordinates.longitude")));
    cJSON_Delete(tree);
}

static void check_refused(const struct page_user *user, enum user_reason reason)
{
    struct buf out;

    buf_init(&out, OUT_CAP);
    if (user_dead_letter(user, reason, &out)) {
        cJSON *tree = parse(buf_str(&out));
        require(json_get(tree, "login") == NULL);
        cJSON_Delete(tree);
    }
    buf_done(&out);
}

static void check_user(const struct page_user *user, const char *from, const char *to)
{
    struct user_verdict verdict;
    struct jscan scan = jscan_start(user->text);

    require(user->text.ptr >= from && user->text.len > 0 && user->text.ptr + user->text.len <= to);
    scan.any_bytes = true;
    scan.depth_max = SIZE_MAX;
    jscan_skip(&scan);
    require(jscan_end(&scan) && scan.deepest == user->depth && scan.nul_escape == user->nul_escape);
    user_check(user, &verdict);
    if (verdict.reason == USER_OK) {
        check_good(user);
    } else {
        require(verdict.message[0] != '\0');
        check_refused(user, verdict.reason);
    }
}

/* By what they print, since cJSON_Compare looks at the first of duplicate keys alone. */
static void require_same(const cJSON *one, const cJSON *other)
{
    char *first = cJSON_PrintUnformatted(one);
    char *second = cJSON_PrintUnformatted(other);

    require(first != NULL && second != NULL && strcmp(first, second) == 0);
    cJSON_free(first);
    cJSON_free(second);
}

/* cJSON refuses depth and half surrogate pairs, so it may fail where the scanner does not. */
static void compare(const struct page *page, struct str body)
{
    cJSON *tree = parse(body);
    const cJSON *results = json_get(tree, "results");

    if (tree && results) {
        const cJSON *item = results->child;
        for (size_t i = 0; i < page->count; i++, item = item->next) {
            cJSON *user = parse(page->users[i].text);
            require(item != NULL && user != NULL);
            require_same(user, item);
            cJSON_Delete(user);
        }
        require(item == NULL);
    }
    cJSON_Delete(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *exact = malloc(size ? size : 1);
    struct str body = {exact, size};
    char problem[128] = "";
    struct page page;

    if (size > 0) {
        memcpy(exact, data, size);
    }
    if (page_split(body, &page, problem, sizeof(problem)) == PAGE_OK) {
        const char *from = exact;
        require(page.count > 0 && page.count <= PAGE_USERS_MAX);
        for (size_t i = 0; i < page.count; i++) {
            check_user(&page.users[i], from, exact + size);
            from = page.users[i].text.ptr + page.users[i].text.len;
        }
        compare(&page, body);
    } else {
        require(page.count == 0 && problem[0] != '\0');
    }
    page_done(&page);
    free(exact);
    return 0;
}
