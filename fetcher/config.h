/* SPDX-License-Identifier: Apache-2.0 */
/* The options of the fetcher. */
#ifndef FETCHER_CONFIG_H
#define FETCHER_CONFIG_H

#include "lib/service.h"

struct fetcher_config {
    struct service_config service;
    const char *kafka_servers;
    const char *kafka_topic;
    const char *kafka_dlq_topic; /* NULL: <topic>.dlq */
    int64_t topic_timeout_ms;
    const char *url;
    const char *fallback_url; /* NULL: none */
    int64_t results;
    double rate;   /* users per second, 0: no limit */
    int64_t limit; /* users, 0: no limit */
    const char *seed;
    int64_t page;
    int64_t index;
    const char *quota; /* text for quota_parse() */
    int64_t timeout_ms;
    int64_t retry_base_ms;
    int64_t retry_cap_ms;
    const char *ca_bundle;
};

/* With `kafka` false, for --print, no variable of Kafka is required. */
struct config_table fetcher_table(bool kafka);

#endif
