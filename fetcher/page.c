/* SPDX-License-Identifier: Apache-2.0 */
#include "fetcher/page.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/attr.h"
#include "lib/jscan.h"

/* A user nested deeper than it may be is to be told from a page that is broken, so nearly all depths are
 * followed. */
enum { DEPTH_MAX = 1024 * 1024 };

struct splitter {
    struct jscan scan;
    struct page *page;
    bool has_results;
    bool has_error;
};

void page_done(struct page *page)
{
    free(page->users);
    *page = (struct page){0};
}

static void add_user(struct splitter *s, struct str text)
{
    struct page *page = s->page;

    if (page->count == PAGE_USERS_MAX) {
        jscan_fail(&s->scan, "the end of the users is expected, the API never sends so many,");
        return;
    }
    if (page->count == page->size) {
        size_t size = page->size ? page->size * 2 : 64;
        struct page_user *users = realloc(page->users, size * sizeof(*users));
        if (!users) {
            jscan_fail(&s->scan, "memory for the users is expected");
            return;
        }
        page->users = users;
        page->size = size;
    }
    page->users[page->count++] =
        (struct page_user){.text = text, .depth = s->scan.deepest, .nul_escape = s->scan.nul_escape};
}

static void split_results(struct splitter *s)
{
    struct jscan *scan = &s->scan;

    if (s->has_results) {
        jscan_fail(scan, "no second \"results\" is expected");
    }
    s->has_results = true;
    jscan_array(scan);
    while (jscan_element(scan)) {
        const char *from;

        jscan_first(scan);
        from = scan->at;
        scan->nul_escape = false;
        jscan_skip(scan);
        if (!scan->problem) {
            add_user(s, (struct str){from, (size_t)(scan->at - from)});
        }
    }
}

static void split_object(struct splitter *s)
{
    struct str key;

    jscan_object(&s->scan);
    while (jscan_member(&s->scan, &key)) {
        if (str_eq(key, STR("results"))) {
            split_results(s);
        } else {
            s->has_error = s->has_error || str_eq(key, STR("error"));
            jscan_skip(&s->scan);
        }
    }
}

/* Whether the mistake is that the text ends, perhaps within a word or an escape. */
static bool ends_too_early(const struct jscan *scan)
{
    static const struct str words[] = {STR("true"), STR("false"), STR("null"), STR("\\u0000")};
    struct str rest = {scan->at, (size_t)(scan->end - scan->at)};

    if (rest.len == 0 || str_eq(rest, STR("\\"))) {
        return true;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        if (rest.len < words[i].len && memcmp(rest.ptr, words[i].ptr, rest.len < 2 ? rest.len : 2) == 0) {
            return true;
        }
    }
    return false;
}

static enum page_result judge(struct splitter *s, bool whole, char *problem, size_t size)
{
    if (!whole) {
        snprintf(problem, size, "%s at byte %zu of %zu", s->scan.problem, jscan_offset(&s->scan),
                 (size_t)(s->scan.end - s->scan.start));
        return ends_too_early(&s->scan) ? PAGE_TRUNCATED : PAGE_BROKEN;
    }
    if (s->has_error) {
        snprintf(problem, size, "the API answered with an error");
        return PAGE_ERROR_KEY;
    }
    if (!s->has_results) {
        snprintf(problem, size, "no \"results\" in the answer");
        return PAGE_BROKEN;
    }
    if (s->page->count == 0) {
        snprintf(problem, size, "\"results\" is empty");
        return PAGE_EMPTY;
    }
    return PAGE_OK;
}

enum page_result page_split(struct str body, struct page *page, char *problem, size_t problem_size)
{
    struct splitter s = {.scan = jscan_start(body), .page = page};
    enum page_result result;

    *page = (struct page){0};
    s.scan.any_bytes = true; /* a user that is not UTF-8 is that user's fault alone */
    s.scan.depth_max = DEPTH_MAX;
    split_object(&s);
    result = judge(&s, jscan_end(&s.scan), problem, problem_size);
    if (result != PAGE_OK) {
        page_done(page);
    }
    return result;
}
