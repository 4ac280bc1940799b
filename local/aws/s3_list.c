/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/s3_list.h"

#include <string.h>

static int compare(struct str a, struct str b)
{
    int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);

    return order != 0 ? order : a.len < b.len ? -1 : a.len > b.len;
}

struct str s3_listing_from(const struct s3_listing *listing)
{
    return compare(listing->after, listing->prefix) > 0 ? listing->after : listing->prefix;
}

/* The key up to and with the first delimiter behind the prefix; empty if there is none. */
static struct str common_prefix(const struct s3_listing *listing, struct str key)
{
    const char *rest = key.ptr + listing->prefix.len;
    const char *found;

    if (listing->delimiter.len == 0) {
        return STR("");
    }
    found = memmem(rest, key.len - listing->prefix.len, listing->delimiter.ptr, listing->delimiter.len);
    if (!found) {
        return STR("");
    }
    return (struct str){key.ptr, (size_t)(found - key.ptr) + listing->delimiter.len};
}

enum s3_listed s3_listing_take(struct s3_listing *listing, struct str key)
{
    struct str last = {listing->last, strlen(listing->last)};
    struct str group;

    if (!str_starts_with(key, listing->prefix)) {
        return compare(key, listing->prefix) > 0 ? S3_LISTED_END : S3_LISTED_NOT;
    }
    if (listing->after.len > 0 && compare(key, listing->after) <= 0) {
        return S3_LISTED_NOT;
    }
    group = common_prefix(listing, key);
    if (group.len > 0 && (str_eq(group, last) || (listing->after.len > 0 && str_eq(group, listing->after)))) {
        return S3_LISTED_NOT; /* rolled up into an entry already shown */
    }
    if (listing->shown == listing->max_keys) {
        listing->truncated = listing->max_keys > 0;
        return S3_LISTED_END;
    }
    listing->shown++;
    last = group.len > 0 ? group : key;
    memcpy(listing->last, last.ptr, last.len);
    listing->last[last.len] = '\0';
    return group.len > 0 ? S3_LISTED_PREFIX : S3_LISTED_KEY;
}
