/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/s3_copy.h"

#include <string.h>

#include "local/aws/s3_conditions.h"
#include "local/aws/s3_headers.h"

static bool refuse(const struct s3_request *request, int status, const char *code, const char *message)
{
    s3_refuse(request, status, code, message);
    return false;
}

/* "/bucket/key" or "bucket/key", encoded as in a URL. */
static bool parse(const struct s3_request *request, struct s3_path *ret)
{
    struct str source = httpd_header(request->http, "x-amz-copy-source");

    if (memchr(source.ptr, '?', source.len)) {
        return refuse(request, 501, "NotImplemented", "local-aws has no versions of objects.");
    }
    return (s3_path_parse(source, ret) == S3_PATH_OK && ret->key[0]) ||
           refuse(request, 400, "InvalidArgument",
                  "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
}

bool s3_copy_find(const struct s3_request *request, struct s3_copy *ret)
{
    struct s3_conditions conditions = s3_headers_conditions(request, true);
    enum s3_result result;

    if (!parse(request, &ret->path)) {
        return false;
    }
    result = s3_store_head(request->local->s3, ret->path.bucket, ret->path.key, &ret->object);
    if (result == S3_OK &&
        s3_conditions_judge(&conditions, ret->object.etag, ret->object.modified_ms) != S3_CONDITION_HOLDS) {
        result = S3_CONDITION;
    }
    if (result != S3_OK) {
        s3_refuse_result(request, result);
    }
    return result == S3_OK;
}

bool s3_copy_range(const struct s3_request *request, const struct s3_copy *copy, int64_t *ret_first,
                   int64_t *ret_len)
{
    struct str range = httpd_header(request->http, "x-amz-copy-source-range");
    const char *dash;
    long long first;
    long long last;

    if (!range.ptr) {
        *ret_first = 0;
        *ret_len = copy->object.size;
        return true;
    }
    dash = str_starts_with(range, STR("bytes=")) ? memchr(range.ptr, '-', range.len) : NULL;
    if (!dash ||
        !str_to_int64((struct str){range.ptr + 6, (size_t)(dash - range.ptr) - 6}, 0, INT64_MAX, &first) ||
        !str_to_int64((struct str){dash + 1, range.len - (size_t)(dash + 1 - range.ptr)}, first, INT64_MAX,
                      &last)) {
        return refuse(
            request, 400, "InvalidArgument",
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and "
            "last are the zero-based offsets of the first and last bytes to copy");
    }
    if (last >= copy->object.size) {
        return refuse(request, 400, "InvalidArgument", "Range specified is not valid for source object");
    }
    *ret_first = first;
    *ret_len = last - first + 1;
    return true;
}
