/* SPDX-License-Identifier: Apache-2.0 */
#include "local/randomuser/config.h"

#include "lib/quota.h"

static const struct config_option options[] = {
    SERVICE_OPTIONS("8090"),
    {.name = "LOCAL_RANDOMUSER_QUOTA",
     .type = CONFIG_TEXT,
     .max = 32,
     .check = quota_check,
     .offset = offsetof(struct randomuser_config, quota),
     .help = "Users per seconds that are handed out before the API's answer 429 comes, such as 20000/300 for "
             "what randomuser.me does; unset: no quota. All clients count as one."},
};

const struct config_table randomuser_table = {.options = options, .count = ARRAY_LENGTH(options)};
