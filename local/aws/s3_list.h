/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of ListObjectsV2: which keys of a sorted list are shown, which are rolled up into common
 * prefixes, and where the next page begins
 * (docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html). Pure.
 */
#ifndef LOCAL_AWS_S3_LIST_H
#define LOCAL_AWS_S3_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"

#include "local/aws/s3_path.h"

struct s3_listing {
    struct str prefix;
    struct str delimiter; /* empty: none */
    struct str after;     /* last entry of the page before, or start-after; empty: from the start */
    int64_t max_keys;
    /* what s3_listing_take keeps */
    int64_t shown;
    bool truncated;
    char last[S3_KEY_CAP + 1]; /* the last entry shown: a key or a common prefix */
};

enum s3_listed {
    S3_LISTED_NOT,    /* not to be shown: go on */
    S3_LISTED_KEY,    /* show the key */
    S3_LISTED_PREFIX, /* show the common prefix, listing->last */
    S3_LISTED_END     /* nothing behind this is on the page */
};

/* The first key that can be on the page. */
struct str s3_listing_from(const struct s3_listing *listing);
/* Looks at the next key; keys come in ascending order of bytes. */
enum s3_listed s3_listing_take(struct s3_listing *listing, struct str key);

#endif
