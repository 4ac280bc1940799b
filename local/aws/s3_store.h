/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Buckets and objects: an object is the plain file <dir>/<bucket>/<key>, written under another name and
 * renamed into place; its entry with size, etag and metadata is in the state. A file that lies there without
 * one is no object, and is replaced by one of that key. What the entry is going to be is in the state before
 * the renaming, so that after kill -9 file and entry are both of the old object or both of the new one.
 */
#ifndef LOCAL_AWS_S3_STORE_H
#define LOCAL_AWS_S3_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"
#include "lib/str.h"

#include "local/aws/state.h"

enum {
    S3_ETAG_SIZE = 40, /* 32 digits, "-10000" of a multipart upload, NUL */
    S3_TYPE_CAP = 128,
    S3_METADATA_CAP = 4096,
    S3_OBJECT_CAP = 128 * 1024 * 1024 /* the largest buffer of Firehose */
};

enum s3_result {
    S3_OK,
    S3_NO_BUCKET,
    S3_NO_KEY,
    S3_BAD_KEY,    /* cannot be the name of a file */
    S3_KEY_IN_USE, /* other objects have this key as their folder, or its folder is an object */
    S3_NOT_EMPTY,  /* the bucket has objects */
    S3_NO_UPLOAD,
    S3_BAD_PART,   /* no such part, or of another etag or checksum */
    S3_PART_ORDER, /* part numbers do not ascend */
    S3_PART_SMALL, /* a part but the last is below 5 MiB */
    S3_TOO_LARGE,
    S3_CONDITION, /* a condition of the request does not hold */
    S3_BAD_XML,
    S3_FAILED /* the file system or the state refused; it was logged */
};

struct s3_object {
    int64_t size;
    int64_t modified_ms;
    char etag[S3_ETAG_SIZE]; /* hex MD5 of the body; of a multipart upload that of its parts', and their count
                              */
    char content_type[S3_TYPE_CAP + 1];
    char metadata[S3_METADATA_CAP + 1]; /* a JSON object: s3_headers.c */
};

struct s3_store;
struct s3_files;

/* Makes `dir` and what is missing above it. `state` is borrowed. NULL with err filled on failure. */
struct s3_store *s3_store_open(struct state *state, const char *dir, struct error *err);
void s3_store_free(struct s3_store *store);
/* For s3_uploads.c. */
struct state *s3_store_state(struct s3_store *store);
struct s3_files *s3_store_files(struct s3_store *store);

/* Also S3_OK when the bucket is there already. */
enum s3_result s3_store_create_bucket(struct s3_store *store, const char *bucket, int64_t now_ms) MUST_USE;
enum s3_result s3_store_delete_bucket(struct s3_store *store, const char *bucket) MUST_USE;
bool s3_store_has_bucket(struct s3_store *store, const char *bucket);
/* Calls fn for every bucket by name. */
enum s3_result s3_store_each_bucket(struct s3_store *store,
                                    void (*fn)(void *ctx, struct str name, int64_t created_ms),
                                    void *ctx) MUST_USE;

/*
 * Stores an object. `object` brings content_type and metadata; its size, etag and time are filled. When the
 * caller has begun a transaction the entry is part of it.
 */
enum s3_result s3_store_put(struct s3_store *store, const char *bucket, const char *key, struct str body,
                            struct s3_object *object, int64_t now_ms) MUST_USE;
/*
 * Makes an object of a file in S3_STAGING, whatever comes of it the file is gone from there; size and etag
 * are the caller's.
 */
enum s3_result s3_store_place(struct s3_store *store, const char *bucket, const char *key, const char *file,
                              const struct s3_object *object) MUST_USE;
enum s3_result s3_store_head(struct s3_store *store, const char *bucket, const char *key,
                             struct s3_object *ret) MUST_USE;
/* Appends `len` bytes from `offset` on to `out`. */
enum s3_result s3_store_read(struct s3_store *store, const char *bucket, const char *key, int64_t offset,
                             int64_t len, struct buf *out) MUST_USE;
/* Also S3_OK when there is no such object, as in S3. */
enum s3_result s3_store_delete(struct s3_store *store, const char *bucket, const char *key) MUST_USE;

/* Calls fn for the objects whose keys are at or after `from`, by key, until it returns false. */
typedef bool s3_each_fn(void *ctx, struct str key, const struct s3_object *object);
enum s3_result s3_store_each(struct s3_store *store, const char *bucket, struct str from, s3_each_fn *fn,
                             void *ctx) MUST_USE;
int64_t s3_store_count(struct s3_store *store);

#endif
