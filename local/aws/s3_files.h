/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files behind S3 objects: <dir>/<bucket>/<key>. Bucket names and keys have passed s3_is_bucket_name and
 * s3_key_problem, so that no path leads out of the folder. All results are 0 or a negative errno.
 */
#ifndef LOCAL_AWS_S3_FILES_H
#define LOCAL_AWS_S3_FILES_H

#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"
#include "lib/str.h"

struct s3_files;

/* Makes the folder and those above it. NULL with err filled on failure. */
struct s3_files *s3_files_open(const char *dir, struct error *err);
void s3_files_close(struct s3_files *files);

int s3_files_make_bucket(struct s3_files *files, const char *bucket) MUST_USE;
/* Removes the bucket's folder if it is empty. */
void s3_files_remove_bucket(struct s3_files *files, const char *bucket);

/*
 * Writes a file under a temporary name and renames it into place: it is there whole or not at all.
 * -ENOTDIR: a folder in the key is a file; -EISDIR: the key is a folder with files.
 */
int s3_files_write(struct s3_files *files, const char *bucket, const char *key, struct str body) MUST_USE;
/* Appends `len` bytes from `offset` on; -EIO if the file is shorter. */
int s3_files_read(struct s3_files *files, const char *bucket, const char *key, int64_t offset, int64_t len,
                  struct buf *out) MUST_USE;
/* Removes a file and the folders of its key that are empty then. */
void s3_files_remove(struct s3_files *files, const char *bucket, const char *key);

/* As mkdir -p. */
int s3_files_make_path(const char *path) MUST_USE;

#endif
