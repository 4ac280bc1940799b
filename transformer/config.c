/* SPDX-License-Identifier: Apache-2.0 */
#include "transformer/config.h"

static const struct config_option options[] = {
    SERVICE_OPTIONS("8080"),
    {.name = "TRANSFORM_IF_MISSING",
     .type = CONFIG_BOOL,
     .default_value = "false",
     .offset = offsetof(struct transformer_config, if_missing),
     .help = "Leave data alone that ends in a newline already, instead of adding one to all."},
    {.name = "TRANSFORM_CONNECTIONS",
     .type = CONFIG_INT,
     .default_value = "256",
     .min = 1,
     .max = 10000,
     .offset = offsetof(struct transformer_config, connections),
     .help = "HTTP connections at once; each may hold an event of up to 6 MB."},
    {.name = "TRANSFORM_CLIENT_TIMEOUT_S",
     .type = CONFIG_INT,
     .default_value = "30",
     .min = 1,
     .max = 3600,
     .offset = offsetof(struct transformer_config, client_timeout_s),
     .help = "Seconds without a byte after which an idle or slow HTTP client is cut off."},
    {.name = "AWS_LAMBDA_RUNTIME_API",
     .type = CONFIG_TEXT,
     .max = 255,
     .offset = offsetof(struct transformer_config, runtime_api),
     .help = "Set by Lambda: host and port of its Runtime API. The transformer then takes its events from "
             "there, and has no HTTP endpoints."},
};

const struct config_table transformer_table = {.options = options, .count = ARRAY_LENGTH(options)};
