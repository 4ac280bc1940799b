/* SPDX-License-Identifier: Apache-2.0 */
#include "local/kafka/config.h"

#include <string.h>

enum { TOPIC_NAME_CAP = 250 /* Kafka's limit is 249 characters */ };

bool topics_each(const char *topics, bool (*each)(void *ctx, const char *name, int partitions), void *ctx)
{
    while (*topics) {
        size_t len = strcspn(topics, ",");
        const char *colon = memchr(topics, ':', len);
        char name[TOPIC_NAME_CAP];
        long long partitions;
        size_t name_len;

        if (!colon) {
            return false;
        }
        name_len = (size_t)(colon - topics);
        if (name_len == 0 || name_len >= sizeof(name) ||
            !str_to_int64((struct str){colon + 1, len - name_len - 1}, 1, TOPIC_PARTITIONS_MAX,
                          &partitions)) {
            return false;
        }
        memcpy(name, topics, name_len);
        name[name_len] = '\0';
        if (!each(ctx, name, (int)partitions)) {
            return false;
        }
        topics += len + (topics[len] == ',');
    }
    return true;
}

static bool accept_any(void *ctx, const char *name, int partitions)
{
    (void)ctx;
    (void)name;
    (void)partitions;
    return true;
}

static const char *check_topics(const char *value)
{
    return topics_each(value, accept_any, NULL) ? NULL
                                                : "a list of name:partitions with 1 to 128 partitions, "
                                                  "such as users:8,users.dlq:1";
}

static const struct config_option options[] = {
    SERVICE_OPTIONS("9093"),
    {.name = "LOCAL_KAFKA_TOPICS",
     .type = CONFIG_TEXT,
     .default_value = "users:8,users.dlq:1",
     .max = 4096,
     .check = check_topics,
     .offset = offsetof(struct kafka_config, topics),
     .help = "Topics that are made at start, as name:partitions, separated by commas."},
};

const struct config_table kafka_config_table = {.options = options, .count = ARRAY_LENGTH(options)};
