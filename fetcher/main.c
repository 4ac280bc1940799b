/* SPDX-License-Identifier: Apache-2.0 */
/* fetcher: asks the randomuser.me API for users and passes them on to Kafka one by one. */
#include <malloc.h>
#include <string.h>

#include "fetcher/check.h"
#include "fetcher/config.h"
#include "fetcher/metrics.h"
#include "fetcher/run.h"
#include "lib/stop.h"

enum { LARGE_BLOCK = 256 * 1024 };

/*
 * Pages and Kafka's batches are megabytes: given back whole when they are done with, they leave no holes in
 * the heap. By itself glibc stops doing so after the first one.
 */
static void give_back_large_blocks(void)
{
    mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
}

static int run(const struct service *service)
{
    return run_fetcher(service, (struct run_mode){0});
}

static bool has_argument(int argc, char **argv, const char *name)
{
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* --once, --print, or both. */
static int command(const struct service *service, int argc, char **argv, bool *handled)
{
    struct run_mode mode = {.once = has_argument(argc, argv, "--once"),
                            .print = has_argument(argc, argv, "--print")};
    struct error err = {0};

    *handled = argc == mode.once + mode.print;
    if (!*handled || stop_init(&err)) {
        return 1;
    }
    return run_fetcher(service, mode);
}

int main(int argc, char **argv)
{
    struct fetcher_config config = {0};
    struct service service = {
        .name = "fetcher",
        .summary = "asks the randomuser.me API for users and passes them on to Kafka",
        .details =
            "Fetches pages of many users, checks each user and sends them one by one at FETCHER_RATE to\n"
            "KAFKA_TOPIC, keyed <seed>:<page>:<index>. Users that the API sent wrong go to "
            "KAFKA_DLQ_TOPIC.\n\n"
            "Further commands:\n"
            "  --once    fetch and publish one page of FETCHER_RESULTS users, then exit\n"
            "  --print   write the users to standard output as JSON lines, without Kafka; also with "
            "--once\n\n"
            "Example: FETCHER_RESULTS=3 fetcher --once --print",
        .table = fetcher_table(!has_argument(argc, argv, "--print")),
        .config = &config,
        .metrics = fetcher_metrics,
        .metric_count = FETCHER_METRIC_COUNT,
        .run = run,
        .check = check_run,
        .command = command,
    };

    give_back_large_blocks();
    return service_main(&service, argc, argv);
}
