/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/quota.h"

enum { QUOTA_USERS_MAX = 1000000000, QUOTA_SECONDS_MAX = 86400 };

bool quota_parse(struct str text, struct quota *ret)
{
    const char *slash = text.len > 0 ? memchr(text.ptr, '/', text.len) : NULL;
    long long users;
    long long seconds;

    if (!slash) {
        return false;
    }
    if (!str_to_int64((struct str){text.ptr, (size_t)(slash - text.ptr)}, 1, QUOTA_USERS_MAX, &users) ||
        !str_to_int64((struct str){slash + 1, text.len - (size_t)(slash - text.ptr) - 1}, 1,
                      QUOTA_SECONDS_MAX, &seconds)) {
        return false;
    }
    *ret = (struct quota){users, seconds};
    return true;
}

const char *quota_check(const char *value)
{
    struct quota ignored;

    return quota_parse(str_of(value), &ignored) ? NULL : "users per seconds, such as 18000/300";
}
