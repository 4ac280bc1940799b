/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditional requests (RFC 9110 section 13; docs.aws.amazon.com/AmazonS3/latest/userguide/
 * conditional-requests.html). Pure.
 */
#ifndef LOCAL_AWS_S3_CONDITIONS_H
#define LOCAL_AWS_S3_CONDITIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/str.h"

/* The headers as they came; ptr NULL where one is absent. */
struct s3_conditions {
    struct str match, none_match; /* entity tags, with or without quotes, or "*" */
    struct str modified_since, unmodified_since;
};

enum s3_condition { S3_CONDITION_HOLDS, S3_CONDITION_NOT_MODIFIED, S3_CONDITION_FAILED };

/* Judges an object that is there; etag without quotes. Dates that cannot be read do not count. */
enum s3_condition s3_conditions_judge(const struct s3_conditions *conditions, const char *etag,
                                      int64_t modified_ms);
/* Whether a list of entity tags holds this one. */
bool s3_conditions_lists(struct str tags, const char *etag);

#endif
