/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration of the forwarder; the table in config.c is the reference. */
#ifndef FORWARDER_CONFIG_H
#define FORWARDER_CONFIG_H

#include "forwarder/key.h"
#include "lib/aws.h"
#include "lib/service.h"

enum forwarder_order { ORDER_KEY, ORDER_NONE };
enum forwarder_poison { POISON_DLQ, POISON_STOP, POISON_DROP };
enum forwarder_null_value { NULL_VALUE_EMPTY, NULL_VALUE_DLQ, NULL_VALUE_DROP };

struct forwarder_config {
    struct service_config service;
    struct aws_config aws;
    const char *bootstrap_servers;
    const char *topic;
    const char *dlq_topic; /* NULL: <topic>.dlq */
    const char *group_id;
    const char *stream; /* name or ARN */
    int order;          /* enum forwarder_order */
    int poison;         /* enum forwarder_poison */
    int null_value;     /* enum forwarder_null_value */
    int64_t in_flight;  /* requests at once */
    int64_t linger_ms;
    int64_t aggregate_bytes; /* 0: records are not aggregated */
    int64_t buffer_bytes;
    int64_t request_timeout_ms;
    const char *partition_key;
    const char *hash_key_header; /* NULL: none */
};

extern const struct config_table forwarder_config_table;

#endif
