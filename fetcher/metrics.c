/* SPDX-License-Identifier: Apache-2.0 */
#include "fetcher/metrics.h"

#include "fetcher/outcome.h"
#include "fetcher/user.h"

static const double seconds[] = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};

const struct metric_def fetcher_metrics[FETCHER_METRIC_COUNT] = {
    [METRIC_USERS_FETCHED] = {.name = "fetcher_users_fetched_total",
                              .kind = METRIC_COUNTER,
                              .help = "Users seen in the pages that were taken up."},
    [METRIC_USERS_PUBLISHED] = {.name = "fetcher_users_published_total",
                                .kind = METRIC_COUNTER,
                                .help = "Users that Kafka has confirmed."},
    [METRIC_USERS_DEAD_LETTERED] = {.name = "fetcher_users_dead_lettered_total",
                                    .kind = METRIC_COUNTER,
                                    .label = "reason",
                                    .label_values = user_reason_names + 1,
                                    .help = "Users that the API sent wrong, confirmed on the dead-letter "
                                            "topic, by reason."},
    [METRIC_USERS_WAITING] = {.name = "fetcher_users_waiting",
                              .kind = METRIC_GAUGE,
                              .help = "Users fetched and not yet handed to Kafka's client."},
    [METRIC_KAFKA_IN_FLIGHT] = {.name = "fetcher_kafka_in_flight",
                                .kind = METRIC_GAUGE,
                                .help = "Users handed to Kafka's client and not yet confirmed."},
    [METRIC_DELIVERY_FAILURES] = {.name = "fetcher_delivery_failures_total",
                                  .kind = METRIC_COUNTER,
                                  .help = "Users that Kafka refused; the fetcher then stops."},
    [METRIC_QUEUE_FULL] = {.name = "fetcher_kafka_queue_full_total",
                           .kind = METRIC_COUNTER,
                           .help =
                               "Times that the local queue of Kafka's client was full and held the sending."},
    [METRIC_PAGES_COMPLETED] = {.name = "fetcher_pages_completed_total",
                                .kind = METRIC_COUNTER,
                                .help = "Pages of which Kafka has confirmed every user."},
    [METRIC_PAGE] = {.name = "fetcher_page", .kind = METRIC_GAUGE, .help = "Page that is asked for next."},
    [METRIC_REQUESTS] = {.name = "fetcher_requests_total",
                         .kind = METRIC_COUNTER,
                         .label = "result",
                         .label_values = outcome_names,
                         .help = "Requests to the API by what became of them."},
    [METRIC_REQUEST_SECONDS] = {.name = "fetcher_request_seconds",
                                .kind = METRIC_HISTOGRAM,
                                .buckets = seconds,
                                .bucket_count = ARRAY_LENGTH(seconds),
                                .help = "Duration of the requests for pages."},
    [METRIC_RESPONSE_BYTES] = {.name = "fetcher_response_bytes_total",
                               .kind = METRIC_COUNTER,
                               .help = "Bytes of the pages received."},
    [METRIC_SOURCE_FAILING] = {.name = "fetcher_source_failing",
                               .kind = METRIC_GAUGE,
                               .help = "1 while the last request to FETCHER_URL failed."},
    [METRIC_FALLBACK_PAGES] = {.name = "fetcher_fallback_pages_total",
                               .kind = METRIC_COUNTER,
                               .help = "Pages that came from FETCHER_FALLBACK_URL."},
    [METRIC_QUOTA_WAIT] = {.name = "fetcher_quota_wait_seconds",
                           .kind = METRIC_GAUGE,
                           .help = "Time until FETCHER_QUOTA lets the next request go."},
    [METRIC_RATE] = {.name = "fetcher_rate_limit",
                     .kind = METRIC_GAUGE,
                     .help = "FETCHER_RATE: users per second, 0 without limit."},
};
