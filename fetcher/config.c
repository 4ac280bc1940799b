/* SPDX-License-Identifier: Apache-2.0 */
#include "fetcher/config.h"

#include "fetcher/page.h"
#include "fetcher/position.h"
#include "lib/quota.h"

#define FIELD(name) offsetof(struct fetcher_config, name)

#define KAFKA_SERVERS(is_required)                                                                           \
    {                                                                                                        \
        .name = "KAFKA_BOOTSTRAP_SERVERS", .type = CONFIG_TEXT, .required = (is_required),                   \
        .offset = FIELD(kafka_servers),                                                                      \
        .help = "Kafka brokers to start from, such as broker-1:9092,broker-2:9092."                          \
    }

#define OPTIONS(kafka)                                                                                       \
    SERVICE_OPTIONS("8080"), KAFKA_SERVERS(kafka),                                                           \
        {.name = "KAFKA_TOPIC",                                                                              \
         .type = CONFIG_TEXT,                                                                                \
         .default_value = "users",                                                                           \
         .max = 249,                                                                                         \
         .offset = FIELD(kafka_topic),                                                                       \
         .help = "Topic that the users go to. It must exist."},                                              \
        {.name = "KAFKA_DLQ_TOPIC",                                                                          \
         .type = CONFIG_TEXT,                                                                                \
         .max = 249,                                                                                         \
         .offset = FIELD(kafka_dlq_topic),                                                                   \
         .help = "Topic for users that the API sent wrong; <topic>.dlq if unset. It must exist."},           \
        {.name = "FETCHER_TOPIC_TIMEOUT_MS",                                                                 \
         .type = CONFIG_INT,                                                                                 \
         .default_value = "15000",                                                                           \
         .min = 0,                                                                                           \
         .max = 3600000,                                                                                     \
         .offset = FIELD(topic_timeout_ms),                                                                  \
         .help = "At the start: how long a topic may be missing, with Kafka answering, before the fetcher "  \
                 "gives up with exit code 1, in milliseconds."},                                             \
        {.name = "FETCHER_URL",                                                                              \
         .type = CONFIG_URL,                                                                                 \
         .default_value = "https://randomuser.me/api/1.4/",                                                  \
         .max = 4096,                                                                                        \
         .offset = FIELD(url),                                                                               \
         .help = "The API. Query parameters in it are kept (nat=nl,de); exc=login, results, seed and page "  \
                 "are added."},                                                                              \
        {.name = "FETCHER_FALLBACK_URL",                                                                     \
         .type = CONFIG_URL,                                                                                 \
         .max = 4096,                                                                                        \
         .offset = FIELD(fallback_url),                                                                      \
         .help = "A second source for the time that the first one is out of order, such as the local "       \
                 "generator."},                                                                              \
        {.name = "FETCHER_RESULTS",                                                                          \
         .type = CONFIG_INT,                                                                                 \
         .default_value = "500",                                                                             \
         .min = 1,                                                                                           \
         .max = PAGE_USERS_MAX,                                                                              \
         .offset = FIELD(results),                                                                           \
         .help = "Users per request."},                                                                      \
        {.name = "FETCHER_RATE",                                                                             \
         .type = CONFIG_NUMBER,                                                                              \
         .default_value = "10",                                                                              \
         .min = 0,                                                                                           \
         .max = 1000000,                                                                                     \
         .offset = FIELD(rate),                                                                              \
         .help = "Users per second passed on to Kafka, decimals allowed; 0: as fast as Kafka takes them."},  \
        {.name = "FETCHER_LIMIT",                                                                            \
         .type = CONFIG_INT,                                                                                 \
         .default_value = "0",                                                                               \
         .min = 0,                                                                                           \
         .max = INT64_MAX,                                                                                   \
         .offset = FIELD(limit),                                                                             \
         .help = "Stop after this many users, dead-lettered ones included; 0: never."},                      \
        {.name = "FETCHER_SEED",                                                                             \
         .type = CONFIG_TEXT,                                                                                \
         .check = position_seed_check,                                                                       \
         .offset = FIELD(seed),                                                                              \
         .help = "Seed of the API's generator: the same seed gives the same users. Unset: made of the "      \
                 "host's name and the start time, so that no two runs fetch the same users."},               \
        {.name = "FETCHER_PAGE",                                                                             \
         .type = CONFIG_INT,                                                                                 \
         .default_value = "1",                                                                               \
         .min = 1,                                                                                           \
         .max = POSITION_PAGE_MAX,                                                                           \
         .offset = FIELD(page),                                                                              \
         .help = "First page; the last log line of a stop says where to go on."},                            \
        {.name = "FETCHER_INDEX",                                                                            \
         .type = CONFIG_INT,                                                                                 \
         .default_value = "0",                                                                               \
         .min = 0,                                                                                           \
         .max = PAGE_USERS_MAX - 1,                                                                          \
         .offset = FIELD(index),                                                                             \
         .help = "First user of that page, counted from 0; what lies before it is skipped."},                \
        {.name = "FETCHER_QUOTA",                                                                            \
         .type = CONFIG_TEXT,                                                                                \
         .default_value = "18000/300",                                                                       \
         .check = quota_check,                                                                               \
         .offset = FIELD(quota),                                                                             \
         .help = "Ceiling asked of the API, users per seconds, kept in any span of that many seconds. "      \
                 "randomuser.me allows 20000/300 per address: replicas share it."},                          \
        {.name = "FETCHER_TIMEOUT_MS",                                                                       \
         .type = CONFIG_INT,                                                                                 \
         .default_value = "30000",                                                                           \
         .min = 100,                                                                                         \
         .max = 600000,                                                                                      \
         .offset = FIELD(timeout_ms),                                                                        \
         .help = "Longest wait for a whole page, in milliseconds."},                                         \
        {.name = "FETCHER_RETRY_BASE_MS",                                                                    \
         .type = CONFIG_INT,                                                                                 \
         .default_value = "1000",                                                                            \
         .min = 1,                                                                                           \
         .max = 600000,                                                                                      \
         .offset = FIELD(retry_base_ms),                                                                     \
         .help = "After a failure the wait is a random time up to this, doubled with each further failure, " \
                 "in milliseconds."},                                                                        \
        {.name = "FETCHER_RETRY_CAP_MS",                                                                     \
         .type = CONFIG_INT,                                                                                 \
         .default_value = "60000",                                                                           \
         .min = 1,                                                                                           \
         .max = 3600000,                                                                                     \
         .offset = FIELD(retry_cap_ms),                                                                      \
         .help = "... and at most up to this, in milliseconds. Retry-After goes before it."},                \
    {                                                                                                        \
        .name = "FETCHER_CA_BUNDLE", .type = CONFIG_TEXT, .offset = FIELD(ca_bundle),                        \
        .help = "PEM file with the certificate authorities to trust instead of the system's."                \
    }

static const struct config_option with_kafka[] = {OPTIONS(true)};
static const struct config_option without_kafka[] = {OPTIONS(false)};

static const struct config_passthrough passthrough[] = {
    {"KAFKA_<PROPERTY>",
     "Any other librdkafka property with dots as underscores, such as "
     "KAFKA_SECURITY_PROTOCOL for security.protocol; KAFKA_SASL_MECHANISMS may also be "
     "AWS_MSK_IAM, which signs with the AWS credentials of the environment. With _FILE behind "
     "the name the value comes from a file: KAFKA_SASL_PASSWORD_FILE."},
    {NULL, NULL},
};

struct config_table fetcher_table(bool kafka)
{
    return (struct config_table){.options = kafka ? with_kafka : without_kafka,
                                 .count = ARRAY_LENGTH(with_kafka),
                                 .passthrough = passthrough};
}
