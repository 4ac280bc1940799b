/* SPDX-License-Identifier: Apache-2.0 */
/* folders: fetcher local/randomuser */
/*
 * CPU time of a page of 5000 users of the local generator, from the bytes to the checked user and the key,
 * next to cJSON alone on the same bytes in the same run, one user after the other and as one tree. One
 * line of JSON.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "fetcher/page.h"
#include "fetcher/position.h"
#include "fetcher/user.h"
#include "lib/buf.h"
#include "local/randomuser/generate.h"

enum { USERS = 5000, ROUNDS = 40 };

static double cpu_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void make_body(struct buf *body)
{
    struct query query;

    query_init(&query);
    query_set(&query, STR("seed"), STR("bench"));
    query_set(&query, STR("results"), STR("5000"));
    query_set(&query, STR("exc"), STR("login"));
    buf_init(body, GENERATE_BODY_CAP);
    generate_page(&query, body);
}

static void split(struct str body, struct page *page)
{
    char problem[256];

    if (page_split(body, page, problem, sizeof(problem)) != PAGE_OK || page->count != USERS) {
        fprintf(stderr, "page_bench: %s\n", problem);
        exit(1);
    }
}

static double time_split(struct str body)
{
    double begin = cpu_ms();
    struct page page;

    split(body, &page);
    page_done(&page);
    return cpu_ms() - begin;
}

static double time_split_and_check(struct str body)
{
    struct position position = {.seed = "bench", .page = 1};
    double begin = cpu_ms();
    struct user_verdict verdict;
    char key[POSITION_KEY_SIZE];
    struct page page;

    split(body, &page);
    for (size_t i = 0; i < page.count; i++) {
        user_check(&page.users[i], &verdict);
        position_key(&position, i, key);
        if (verdict.reason != USER_OK) {
            fprintf(stderr, "page_bench: user %zu: %s\n", i, verdict.message);
            exit(1);
        }
    }
    page_done(&page);
    return cpu_ms() - begin;
}

static double time_cjson_by_user(struct str body)
{
    struct page page;
    double begin;
    double spent;

    split(body, &page);
    begin = cpu_ms();
    for (size_t i = 0; i < page.count; i++) {
        cJSON_Delete(cJSON_ParseWithLength(page.users[i].text.ptr, page.users[i].text.len));
    }
    spent = cpu_ms() - begin;
    page_done(&page);
    return spent;
}

static double time_cjson_tree(struct str body)
{
    double begin = cpu_ms();

    cJSON_Delete(cJSON_ParseWithLength(body.ptr, body.len));
    return cpu_ms() - begin;
}

/* The best of several rounds: what the machine can do when nothing else is in the way. */
static double best(double (*measure)(struct str body), struct str body)
{
    double least = measure(body);

    for (int i = 1; i < ROUNDS; i++) {
        double now = measure(body);
        least = now < least ? now : least;
    }
    return least;
}

int main(void)
{
    struct buf body;
    double whole;

    make_body(&body);
    whole = best(time_split_and_check, buf_str(&body));
    printf("{\"bench\":\"page\",\"users\":%d,\"bytes\":%zu,\"split_ms\":%.2f,\"split_and_check_ms\":%.2f,"
           "\"cjson_by_user_ms\":%.2f,\"cjson_tree_ms\":%.2f,\"users_per_second\":%.0f}\n",
           USERS, body.len, best(time_split, buf_str(&body)), whole, best(time_cjson_by_user, buf_str(&body)),
           best(time_cjson_tree, buf_str(&body)), USERS / whole * 1e3);
    buf_done(&body);
    return 0;
}
