/* SPDX-License-Identifier: Apache-2.0 */
#include "fetcher/page.h"

#include <stdio.h>
#include <stdlib.h>

#include "fetcher/scan.h"

struct splitter {
    struct scan scan;
    struct page *page;
    const char *problem; /* of the shape; the scanner has its own */
    bool has_results;
    bool has_error;
};

void page_done(struct page *page)
{
    free(page->users);
    *page = (struct page){0};
}

static bool fail(struct splitter *s, const char *problem)
{
    s->problem = problem;
    return false;
}

static bool add_user(struct splitter *s, struct str text)
{
    struct page *page = s->page;

    if (page->count == PAGE_USERS_MAX) {
        return fail(s, "more users than the API ever sends");
    }
    if (page->count == page->size) {
        size_t size = page->size ? page->size * 2 : 64;
        struct page_user *users = realloc(page->users, size * sizeof(*users));
        if (!users) {
            return fail(s, "no memory for the users");
        }
        page->users = users;
        page->size = size;
    }
    page->users[page->count++] =
        (struct page_user){.text = text, .depth = s->scan.depth, .nul_escape = s->scan.nul_escape};
    return true;
}

static bool split_results(struct splitter *s)
{
    struct str text;

    if (s->has_results) {
        return fail(s, "\"results\" twice");
    }
    s->has_results = true;
    scan_space(&s->scan);
    if (!scan_expect(&s->scan, '[')) {
        return false;
    }
    scan_space(&s->scan);
    if (scan_peek(&s->scan) == ']') {
        return scan_expect(&s->scan, ']');
    }
    for (;;) {
        if (!scan_value(&s->scan, &text) || !add_user(s, text)) {
            return false;
        }
        scan_space(&s->scan);
        if (scan_peek(&s->scan) != ',') {
            return scan_expect(&s->scan, ']');
        }
        s->scan.at++;
    }
}

static bool split_member(struct splitter *s)
{
    struct str key;
    struct str ignored;

    scan_space(&s->scan);
    if (!scan_string(&s->scan, &key)) {
        return false;
    }
    scan_space(&s->scan);
    if (!scan_expect(&s->scan, ':')) {
        return false;
    }
    if (str_eq(key, STR("results"))) {
        return split_results(s);
    }
    s->has_error = s->has_error || str_eq(key, STR("error"));
    return scan_value(&s->scan, &ignored);
}

static bool split_members(struct splitter *s)
{
    scan_space(&s->scan);
    if (scan_peek(&s->scan) == '}') {
        return true;
    }
    for (;;) {
        if (!split_member(s)) {
            return false;
        }
        scan_space(&s->scan);
        if (scan_peek(&s->scan) != ',') {
            return true;
        }
        s->scan.at++;
    }
}

static bool split_object(struct splitter *s)
{
    scan_space(&s->scan);
    if (!scan_expect(&s->scan, '{') || !split_members(s) || !scan_expect(&s->scan, '}')) {
        return false;
    }
    scan_space(&s->scan);
    return scan_at_end(&s->scan) || fail(s, "something behind the JSON object");
}

static enum page_result judge(struct splitter *s, bool whole, char *problem, size_t size)
{
    if (!whole) {
        snprintf(problem, size, "%s at byte %zu of %zu", s->problem ? s->problem : s->scan.problem,
                 s->scan.at, s->scan.text.len);
        return !s->problem && scan_at_end(&s->scan) ? PAGE_TRUNCATED : PAGE_BROKEN;
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
    struct splitter s = {.page = page};
    enum page_result result;

    *page = (struct page){0};
    scan_init(&s.scan, body);
    result = judge(&s, split_object(&s), problem, problem_size);
    scan_done(&s.scan);
    if (result != PAGE_OK) {
        page_done(page);
    }
    return result;
}
