/* SPDX-License-Identifier: Apache-2.0 */
/* folders: fetcher local/randomuser */
/*
 * CPU time of a page of 5000 users of the local generator, from the bytes to the checked user in librdkafka's
 * queue, next to cJSON alone on the same bytes in the same run, one user after the other and as one tree.
 * librdkafka has its built-in mock broker behind it, so that partitions are chosen and messages go away; its
 * threads are not in the numbers, which are the fetcher's own thread's. Delivery reports are, apart. One line
 * of JSON.
 */
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "fetcher/page.h"
#include "fetcher/position.h"
#include "fetcher/publisher.h"
#include "fetcher/user.h"
#include "lib/buf.h"
#include "local/randomuser/generate.h"

enum { USERS = 5000, ROUNDS = 40 };

static double cpu_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
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

static void check(const struct page *page, size_t index, struct user_verdict *verdict)
{
    user_check(&page->users[index], verdict);
    if (verdict->reason != USER_OK) {
        fprintf(stderr, "page_bench: user %zu: %s\n", index, verdict->message);
        exit(1);
    }
}

static double time_split_and_check(struct str body)
{
    double begin = cpu_ms();
    struct user_verdict verdict;
    struct page page;

    split(body, &page);
    for (size_t i = 0; i < page.count; i++) {
        check(&page, i, &verdict);
    }
    page_done(&page);
    return cpu_ms() - begin;
}

/* ---- with Kafka ---- */

static struct publisher *publisher;
static size_t confirmed;
static double reports_ms = 1e9; /* of a page, the least so far */

static void on_done(void *ctx, uintptr_t ticket, const struct error *err)
{
    (void)ctx;
    (void)ticket;
    confirmed += err == NULL;
}

static void open_publisher(void)
{
    static char mock[] = "KAFKA_TEST_MOCK_NUM_BROKERS=1";
    static char *environment[] = {mock, NULL};
    static const struct fetcher_config config = {.kafka_servers = "mock", .kafka_topic = "users"};
    const struct publisher_options options = {.config = &config, .environment = environment, .done = on_done};
    struct error err = {0};

    publisher = publisher_new(&options, &err);
    if (!publisher) {
        fprintf(stderr, "page_bench: %s\n", err.message);
        exit(1);
    }
}

/* Until the mock broker has confirmed the page. */
static void take_reports(void)
{
    double spent = 0;

    while (publisher_in_flight(publisher) > 0) {
        struct pollfd fd = {.fd = publisher_fd(publisher), .events = POLLIN};
        double begin;

        poll(&fd, 1, 1000);
        begin = cpu_ms();
        publisher_run(publisher);
        spent += cpu_ms() - begin;
    }
    reports_ms = spent < reports_ms ? spent : reports_ms;
}

static double time_hand_over(struct str body)
{
    double begin = cpu_ms();
    struct fetched_page page = {.position = {.seed = "bench", .page = 1},
                                .source = STR("bench"),
                                .fetched_at = "2026-01-02T03:04:05.678Z"};
    struct user_verdict verdict;
    struct error err = {0};
    double spent;

    split(body, &page.page);
    for (size_t i = 0; i < page.page.count; i++) {
        check(&page.page, i, &verdict);
        if (publisher_send(publisher, &page, i, &verdict, i + 1, &err)) {
            fprintf(stderr, "page_bench: %s\n", err.message);
            exit(1);
        }
    }
    fetched_page_done(&page);
    spent = cpu_ms() - begin;
    take_reports();
    return spent;
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
    double handed;

    make_body(&body);
    open_publisher();
    handed = best(time_hand_over, buf_str(&body));
    if (confirmed != (size_t)USERS * ROUNDS) {
        fprintf(stderr, "page_bench: %zu users confirmed\n", confirmed);
        return 1;
    }
    printf("{\"bench\":\"page\",\"users\":%d,\"bytes\":%zu,\"split_ms\":%.2f,\"split_and_check_ms\":%.2f,"
           "\"handed_to_kafka_ms\":%.2f,\"delivery_reports_ms\":%.2f,\"cjson_by_user_ms\":%.2f,"
           "\"cjson_tree_ms\":%.2f,\"users_per_second\":%.0f}\n",
           USERS, body.len, best(time_split, buf_str(&body)), best(time_split_and_check, buf_str(&body)),
           handed, reports_ms, best(time_cjson_by_user, buf_str(&body)),
           best(time_cjson_tree, buf_str(&body)), USERS / (handed + reports_ms) * 1e3);
    publisher_free(publisher);
    buf_done(&body);
    return 0;
}
