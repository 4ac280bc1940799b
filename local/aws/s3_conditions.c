/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/s3_conditions.h"

#include <stdio.h>

#include "lib/clock.h"

static struct str trim(struct str text)
{
    while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '"')) {
        text.ptr++;
        text.len--;
    }
    while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '"')) {
        text.len--;
    }
    return text;
}

bool s3_conditions_lists(struct str tags, const char *etag)
{
    while (tags.len > 0) {
        const char *comma = memchr(tags.ptr, ',', tags.len);
        struct str tag = {tags.ptr, comma ? (size_t)(comma - tags.ptr) : tags.len};

        tags.ptr += tag.len + (comma != NULL);
        tags.len -= tag.len + (comma != NULL);
        tag = trim(tag);
        if (str_eq(tag, STR("*")) || str_eq(tag, str_of(etag))) {
            return true;
        }
    }
    return false;
}

/* Seconds since 1970, as dates in headers have them; -1 if it is none. */
static int64_t seconds(struct str date)
{
    char text[64];
    int64_t wall_ms;

    if (!date.ptr || date.len >= sizeof(text)) {
        return -1;
    }
    snprintf(text, sizeof(text), "%.*s", STR_ARG(date));
    wall_ms = clock_parse_http_date(text);
    return wall_ms < 0 ? -1 : wall_ms / 1000;
}

enum s3_condition s3_conditions_judge(const struct s3_conditions *conditions, const char *etag,
                                      int64_t modified_ms)
{
    int64_t modified = modified_ms / 1000;
    int64_t limit = seconds(conditions->unmodified_since);

    if (conditions->match.ptr ? !s3_conditions_lists(conditions->match, etag)
                              : limit >= 0 && modified > limit) {
        return S3_CONDITION_FAILED;
    }
    limit = seconds(conditions->modified_since);
    if (conditions->none_match.ptr ? s3_conditions_lists(conditions->none_match, etag)
                                   : limit >= 0 && modified <= limit) {
        return S3_CONDITION_NOT_MODIFIED;
    }
    return S3_CONDITION_HOLDS;
}
