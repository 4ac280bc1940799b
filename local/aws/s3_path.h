/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names in S3: buckets, keys, and the place of an object among the files. An object is the file
 * <bucket>/<key>, so keys must be usable as paths: no empty part, no "." or "..", no part over 255 bytes.
 * Pure.
 */
#ifndef LOCAL_AWS_S3_PATH_H
#define LOCAL_AWS_S3_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/str.h"

enum { S3_BUCKET_CAP = 63, S3_KEY_CAP = 1024, S3_PART_CAP = 255 };

struct s3_path {
    char bucket[S3_BUCKET_CAP + 1]; /* empty: the service itself */
    char key[S3_KEY_CAP + 1];       /* empty: the bucket itself */
};

/* 3 to 63 of a-z 0-9 . -, beginning and ending with a letter or digit, no "..". */
bool s3_is_bucket_name(struct str name);

/* NULL if the key can be stored as a file, else why not. */
const char *s3_key_problem(struct str key);

enum s3_path_result { S3_PATH_OK, S3_PATH_BAD_BUCKET, S3_PATH_LONG_KEY, S3_PATH_BAD_ESCAPE };

/* Takes "/bucket/some%20key" apart. The key's own rules are not looked at. */
enum s3_path_result s3_path_parse(struct str path, struct s3_path *ret) MUST_USE;

#endif
