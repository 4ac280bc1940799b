/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multipart uploads under way (docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html): the upload
 * and its parts are in the state, the parts' bytes in files of their own. All of it survives kill -9.
 */
#ifndef LOCAL_AWS_S3_UPLOADS_H
#define LOCAL_AWS_S3_UPLOADS_H

#include "lib/random.h"

#include "local/aws/s3_checksum.h"
#include "local/aws/s3_path.h"
#include "local/aws/s3_store.h"

enum {
    S3_PARTS_CAP = 10000,
    S3_PART_MIN = 5 * 1024 * 1024 /* bytes of all parts but the last */
};

struct s3_upload {
    char id[RANDOM_UUID_SIZE];
    char bucket[S3_BUCKET_CAP + 1];
    char key[S3_KEY_CAP + 1];
    int64_t created_ms;
    struct s3_object object; /* content_type and metadata of the object to come */
    enum s3_checksum kind;   /* of the parts */
    bool full_object;        /* the object's checksum is over its bytes, not over those of its parts */
};

struct s3_part {
    int number;
    int64_t size;
    int64_t modified_ms;
    char etag[S3_ETAG_SIZE];
    char checksum[S3_CHECKSUM_SIZE]; /* of the upload's kind; "": none */
    char file[RANDOM_UUID_SIZE];
};

/* Begins an upload; its id is filled. */
enum s3_result s3_uploads_create(struct s3_store *store, struct s3_upload *upload) MUST_USE;
enum s3_result s3_uploads_find(struct s3_store *store, const char *id, const char *bucket, const char *key,
                               struct s3_upload *ret) MUST_USE;
/* Calls fn for the uploads of a bucket, by key and id, until it returns false. */
typedef bool s3_upload_fn(void *ctx, const struct s3_upload *upload);
enum s3_result s3_uploads_each(struct s3_store *store, const char *bucket, s3_upload_fn *fn,
                               void *ctx) MUST_USE;

/* Stores a part, in place of one of the same number. `part` brings number, checksum and time. */
enum s3_result s3_uploads_put_part(struct s3_store *store, const struct s3_upload *upload, struct str body,
                                   struct s3_part *part) MUST_USE;
/* The part of a number; its file is empty if there is none. */
enum s3_result s3_uploads_part(struct s3_store *store, const struct s3_upload *upload, int number,
                               struct s3_part *ret) MUST_USE;
/* Calls fn for the parts above number `after`, until it returns false. */
typedef bool s3_part_fn(void *ctx, const struct s3_part *part);
enum s3_result s3_uploads_each_part(struct s3_store *store, const struct s3_upload *upload, int after,
                                    s3_part_fn *fn, void *ctx) MUST_USE;

/*
 * Makes the object of the parts that are named by number, etag and (where not empty) checksum, and ends the
 * upload. *object is what was stored.
 */
enum s3_result s3_uploads_complete(struct s3_store *store, const struct s3_upload *upload,
                                   const struct s3_part *wanted, size_t count, int64_t now_ms,
                                   struct s3_object *object) MUST_USE;
enum s3_result s3_uploads_abort(struct s3_store *store, const struct s3_upload *upload) MUST_USE;

/* Ends all uploads of a bucket. 0 or a negative code. */
int s3_uploads_drop_bucket(struct s3_store *store, const char *bucket) MUST_USE;
/* Removes the files that belong to no part. */
void s3_uploads_clear(struct s3_store *store);

#endif
