/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration of local-kafka. */
#ifndef LOCAL_KAFKA_CONFIG_H
#define LOCAL_KAFKA_CONFIG_H

#include "lib/service.h"

enum { TOPIC_PARTITIONS_MAX = 128 };

struct kafka_config {
    struct service_config service;
    const char *topics; /* "users:8,users.dlq:1" */
};

extern const struct config_table kafka_config_table;

/*
 * Calls `each` for every "name:partitions" of the list. Returns false at the first entry that is none, or
 * for which `each` returns false.
 */
bool topics_each(const char *topics, bool (*each)(void *ctx, const char *name, int partitions), void *ctx);

#endif
