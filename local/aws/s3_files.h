/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files behind S3 objects: <dir>/<bucket>/<key>. Bucket names and keys have passed s3_is_bucket_name and
 * s3_key_problem, so that no path leads out of the folder. All results are 0 or a negative errno.
 */
#ifndef LOCAL_AWS_S3_FILES_H
#define LOCAL_AWS_S3_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"
#include "lib/random.h"
#include "lib/str.h"

struct s3_files;

/* Makes the folder and those above it. NULL with err filled on failure. */
struct s3_files *s3_files_open(const char *dir, struct error *err);
void s3_files_close(struct s3_files *files);

int s3_files_make_bucket(struct s3_files *files, const char *bucket) MUST_USE;
/* Removes the bucket's folder if it is empty. */
void s3_files_remove_bucket(struct s3_files *files, const char *bucket);

/* Places for files that are no objects yet: what is being written, and the parts of multipart uploads. */
enum s3_folder { S3_STAGING, S3_PARTS };

/* Writes a file of a name of its own, which is returned: there whole or not at all. */
int s3_files_stage(struct s3_files *files, enum s3_folder folder, struct str body,
                   char ret_name[RANDOM_UUID_SIZE]) MUST_USE;
/* The same from parts, one behind the other; fn sees all that passes. */
typedef void s3_block_fn(void *ctx, const void *data, size_t len);
int s3_files_join(struct s3_files *files, const char (*parts)[RANDOM_UUID_SIZE], size_t count,
                  s3_block_fn *fn, void *ctx, char ret_name[RANDOM_UUID_SIZE]) MUST_USE;
bool s3_files_is_staged(const struct s3_files *files, enum s3_folder folder, const char *name);
void s3_files_unstage(struct s3_files *files, enum s3_folder folder, const char *name);
/* Removes all that `keeps` does not want: what a kill left behind. */
void s3_files_clear(struct s3_files *files, enum s3_folder folder, bool (*keeps)(void *ctx, const char *name),
                    void *ctx);

/*
 * Renames a file out of S3_STAGING into place. -ENOTDIR: a folder in the key is a file; -EISDIR: the key is a
 * folder with files.
 */
int s3_files_place(struct s3_files *files, const char *name, const char *bucket, const char *key) MUST_USE;
/* Appends `len` bytes from `offset` on; -EIO if the file is shorter. */
int s3_files_read(struct s3_files *files, const char *bucket, const char *key, int64_t offset, int64_t len,
                  struct buf *out) MUST_USE;
/* Removes a file and the folders of its key that are empty then. */
void s3_files_remove(struct s3_files *files, const char *bucket, const char *key);

/* As mkdir -p. */
int s3_files_make_path(const char *path) MUST_USE;

#endif
