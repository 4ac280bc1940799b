/* SPDX-License-Identifier: Apache-2.0 */
/* The options of local-aws. */
#ifndef LOCAL_AWS_CONFIG_H
#define LOCAL_AWS_CONFIG_H

#include "lib/config.h"
#include "lib/service.h"

struct local_config {
    struct service_config service;
    const char *region;
    const char *access_key;
    const char *secret_key;
    const char *dir;
    const char *s3_dir; /* NULL: s3/ in dir */
    const char *streams;
    const char *delivery_streams;
    const char *lambda_url; /* NULL: delivery streams may not name a function */
    int64_t lambda_timeout_ms;
    int64_t buffer_bytes;
    int64_t buffer_interval_ms;
    bool enforce_limits;
    bool faults;
};

extern const struct config_table local_config_table;

#endif
