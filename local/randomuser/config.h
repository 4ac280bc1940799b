/* SPDX-License-Identifier: Apache-2.0 */
/* The options of local-randomuser. */
#ifndef LOCAL_RANDOMUSER_CONFIG_H
#define LOCAL_RANDOMUSER_CONFIG_H

#include "lib/service.h"

struct randomuser_config {
    struct service_config service;
    const char *quota; /* "20000/300"; NULL: no quota */
};

extern const struct config_table randomuser_table;

#endif
