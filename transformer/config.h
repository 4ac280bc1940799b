/* SPDX-License-Identifier: Apache-2.0 */
/* The transformer's configuration. */
#ifndef TRANSFORMER_CONFIG_H
#define TRANSFORMER_CONFIG_H

#include "lib/service.h"

struct transformer_config {
    struct service_config service;
    bool if_missing;
    int64_t connections;
    int64_t client_timeout_s;
    const char *runtime_api; /* host:port of the Lambda Runtime API; NULL: not in Lambda */
};

extern const struct config_table transformer_table;

#endif
