/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/s3_path.h"

#include <ctype.h>
#include <string.h>

#include "lib/url.h"

static bool is_bucket_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

static bool is_bucket_edge(char c)
{
    return is_bucket_char(c) && c != '-' && c != '.';
}

bool s3_is_bucket_name(struct str name)
{
    if (name.len < 3 || name.len > S3_BUCKET_CAP || !is_bucket_edge(name.ptr[0]) ||
        !is_bucket_edge(name.ptr[name.len - 1])) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        if (!is_bucket_char(name.ptr[i]) || (name.ptr[i] == '.' && name.ptr[i + 1] == '.')) {
            return false;
        }
    }
    return true;
}

static const char *part_problem(struct str part)
{
    if (part.len == 0) {
        return "a part between slashes is empty";
    }
    if (part.len > S3_PART_CAP) {
        return "a part between slashes is longer than 255 bytes";
    }
    if (str_eq(part, STR(".")) || str_eq(part, STR(".."))) {
        return "a part between slashes is . or ..";
    }
    return NULL;
}

const char *s3_key_problem(struct str key)
{
    const char *problem = NULL;

    if (key.len == 0) {
        return "it is empty";
    }
    if (memchr(key.ptr, '\0', key.len)) {
        return "it holds a NUL";
    }
    while (!problem) {
        const char *slash = memchr(key.ptr, '/', key.len);
        size_t len = slash ? (size_t)(slash - key.ptr) : key.len;
        problem = part_problem((struct str){key.ptr, len});
        if (!slash) {
            break;
        }
        key.ptr += len + 1;
        key.len -= len + 1;
    }
    return problem;
}

enum s3_path_result s3_path_parse(struct str path, struct s3_path *ret)
{
    const char *slash;
    struct str bucket;
    size_t len;

    ret->bucket[0] = '\0';
    ret->key[0] = '\0';
    if (path.len > 0 && path.ptr[0] == '/') {
        path.ptr++;
        path.len--;
    }
    if (path.len == 0) {
        return S3_PATH_OK;
    }
    slash = memchr(path.ptr, '/', path.len);
    bucket = (struct str){path.ptr, slash ? (size_t)(slash - path.ptr) : path.len};
    if (!s3_is_bucket_name(bucket)) {
        return S3_PATH_BAD_BUCKET;
    }
    memcpy(ret->bucket, bucket.ptr, bucket.len);
    ret->bucket[bucket.len] = '\0';
    if (!slash) {
        return S3_PATH_OK;
    }
    path.ptr += bucket.len + 1;
    path.len -= bucket.len + 1;
    if (path.len > 3 * (size_t)S3_KEY_CAP) {
        return S3_PATH_LONG_KEY;
    }
    if (!url_decode(path, false, ret->key, sizeof(ret->key), &len)) {
        ret->key[0] = '\0';
        return path.len > S3_KEY_CAP ? S3_PATH_LONG_KEY : S3_PATH_BAD_ESCAPE;
    }
    return S3_PATH_OK;
}
