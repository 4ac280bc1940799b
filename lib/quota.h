/* SPDX-License-Identifier: Apache-2.0 */
/* An amount per time, written "18000/300": so many users in so many seconds. */
#ifndef LIB_QUOTA_H
#define LIB_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"

struct quota {
    int64_t users;
    int64_t seconds;
};

/* False, with *ret untouched, unless both are whole numbers: users 1..10^9, seconds 1..86400. */
bool quota_parse(struct str text, struct quota *ret);
/* For a table of options: NULL if the value is right, else the rule. */
const char *quota_check(const char *value);

#endif
