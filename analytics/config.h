/* SPDX-License-Identifier: Apache-2.0 */
/* Options of analytics. */
#ifndef ANALYTICS_CONFIG_H
#define ANALYTICS_CONFIG_H

#include "lib/aws.h"
#include "lib/config.h"
#include "lib/service.h"

struct analytics_config {
    struct service_config service;
    struct aws_config aws;
    const char *stream;
    const char *destinations; /* FIREHOSE_STREAM, see destinations.h */
    const char *sql;
    const char *schema;
    const char *checkpoint;
    int start; /* enum shards_start */
    const char *start_timestamp;
    int64_t poll_ms;
    int64_t buffer_bytes;
    int64_t dedup_window;
    int64_t replicas;
    const char *replica; /* NULL: by the host's name, see replica.h */
};

extern const struct config_table analytics_table;

/* ANALYTICS_START_TIMESTAMP as milliseconds since 1970; 0 if it is unset. */
int64_t analytics_start_ms(const struct analytics_config *config);

#endif
