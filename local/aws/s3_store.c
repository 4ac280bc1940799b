/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/s3_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/log.h"

#include "local/aws/s3_files.h"
#include "local/aws/s3_path.h"
#include "local/aws/s3_uploads.h"

struct s3_store {
    struct state *state;
    struct s3_files *files;
};

/* --- what a kill left half done --------------------------------------------------------------------------
 */

static int drop_pending(struct s3_store *store, const char *file)
{
    sqlite3_stmt *s = state_prepare(store->state, "DELETE FROM s3_pending WHERE file=?");

    state_bind_text(s, 1, str_of(file));
    return state_run(store->state, s);
}

/* The file of one object that waits for its entry. 1, 0 for none, negative on failure. */
static int next_pending(struct s3_store *store, char ret_file[RANDOM_UUID_SIZE])
{
    sqlite3_stmt *s = state_prepare(store->state, "SELECT file FROM s3_pending LIMIT 1");
    int row = state_row(store->state, s);

    if (row == 1) {
        snprintf(ret_file, RANDOM_UUID_SIZE, "%.*s", STR_ARG(state_column(s, 0)));
        sqlite3_reset(s);
    }
    return row;
}

/* A file that was renamed gets its entry; one that was not goes. */
static int settle_pending(struct s3_store *store, const char *file)
{
    sqlite3_stmt *s =
        state_prepare(store->state,
                      "INSERT OR REPLACE INTO s3_objects(bucket, key, size, etag, modified_ms, content_type,"
                      " metadata) SELECT bucket, key, size, etag, modified_ms, content_type, metadata"
                      " FROM s3_pending WHERE file=?");

    state_bind_text(s, 1, str_of(file));
    if (!s3_files_is_staged(store->files, S3_STAGING, file) && state_run(store->state, s)) {
        return -ERROR_IO;
    }
    return drop_pending(store, file);
}

static bool keeps_nothing(void *ctx, const char *name)
{
    (void)ctx;
    (void)name;
    return false;
}

static int recover(struct s3_store *store)
{
    char file[RANDOM_UUID_SIZE];
    int row;

    while ((row = next_pending(store, file)) == 1) {
        if (settle_pending(store, file)) {
            return -ERROR_IO;
        }
    }
    if (row < 0) {
        return row;
    }
    s3_files_clear(store->files, S3_STAGING, keeps_nothing, NULL);
    s3_uploads_clear(store);
    return 0;
}

/* --- the store -------------------------------------------------------------------------------------------
 */

struct s3_store *s3_store_open(struct state *state, const char *dir, struct error *err)
{
    struct s3_store *store = calloc(1, sizeof(*store));

    if (!store) {
        error_set(err, ERROR_MEMORY, false, "out of memory");
        return NULL;
    }
    store->state = state;
    store->files = s3_files_open(dir, err);
    if (store->files && recover(store)) {
        error_set(err, ERROR_STATE, false, "the objects of S3 cannot be read from the state");
        s3_files_close(store->files);
        store->files = NULL;
    }
    if (!store->files) {
        free(store);
        return NULL;
    }
    return store;
}

struct state *s3_store_state(struct s3_store *store)
{
    return store->state;
}

struct s3_files *s3_store_files(struct s3_store *store)
{
    return store->files;
}

void s3_store_free(struct s3_store *store)
{
    if (store) {
        s3_files_close(store->files);
        free(store);
    }
}

/* --- buckets ---------------------------------------------------------------------------------------------
 */

bool s3_store_has_bucket(struct s3_store *store, const char *bucket)
{
    sqlite3_stmt *s = state_prepare(store->state, "SELECT 1 FROM s3_buckets WHERE name=?");
    bool found;

    state_bind_text(s, 1, str_of(bucket));
    found = state_row(store->state, s) == 1;
    sqlite3_reset(s);
    return found;
}

enum s3_result s3_store_create_bucket(struct s3_store *store, const char *bucket, int64_t now_ms)
{
    sqlite3_stmt *s;

    if (s3_files_make_bucket(store->files, bucket)) {
        return S3_FAILED;
    }
    s = state_prepare(store->state, "INSERT OR IGNORE INTO s3_buckets(name, created_ms) VALUES(?,?)");
    state_bind_text(s, 1, str_of(bucket));
    sqlite3_bind_int64(s, 2, now_ms);
    return state_run(store->state, s) ? S3_FAILED : S3_OK;
}

static bool stop_at_first(void *ctx, struct str key, const struct s3_object *object)
{
    (void)key;
    (void)object;
    *(bool *)ctx = true;
    return false;
}

enum s3_result s3_store_delete_bucket(struct s3_store *store, const char *bucket)
{
    bool any = false;
    enum s3_result result = s3_store_each(store, bucket, STR(""), stop_at_first, &any);
    sqlite3_stmt *s;

    if (result != S3_OK || any) {
        return any ? S3_NOT_EMPTY : result;
    }
    s = state_prepare(store->state, "DELETE FROM s3_buckets WHERE name=?");
    state_bind_text(s, 1, str_of(bucket));
    if (state_run(store->state, s) || s3_uploads_drop_bucket(store, bucket)) {
        return S3_FAILED;
    }
    s3_files_remove_bucket(store->files, bucket);
    return S3_OK;
}

enum s3_result s3_store_each_bucket(struct s3_store *store,
                                    void (*fn)(void *ctx, struct str name, int64_t created_ms), void *ctx)
{
    sqlite3_stmt *s = state_prepare(store->state, "SELECT name, created_ms FROM s3_buckets ORDER BY name");
    int row;

    while ((row = state_row(store->state, s)) == 1) {
        fn(ctx, state_column(s, 0), sqlite3_column_int64(s, 1));
    }
    return row ? S3_FAILED : S3_OK;
}

/* --- objects ---------------------------------------------------------------------------------------------
 */

static enum s3_result insert_entry(struct s3_store *store, const char *bucket, const char *key,
                                   const struct s3_object *object)
{
    sqlite3_stmt *s =
        state_prepare(store->state, "INSERT OR REPLACE INTO s3_objects(bucket, key, size, etag, modified_ms,"
                                    " content_type, metadata) VALUES(?,?,?,?,?,?,?)");

    state_bind_text(s, 1, str_of(bucket));
    state_bind_text(s, 2, str_of(key));
    sqlite3_bind_int64(s, 3, object->size);
    state_bind_text(s, 4, str_of(object->etag));
    sqlite3_bind_int64(s, 5, object->modified_ms);
    state_bind_text(s, 6, str_of(object->content_type));
    state_bind_text(s, 7, str_of(object->metadata));
    return state_run(store->state, s) ? S3_FAILED : S3_OK;
}

static int insert_pending(struct s3_store *store, const char *bucket, const char *key, const char *file,
                          const struct s3_object *object)
{
    sqlite3_stmt *s =
        state_prepare(store->state,
                      "INSERT INTO s3_pending(file, bucket, key, size, etag, modified_ms, content_type,"
                      " metadata) VALUES(?,?,?,?,?,?,?,?)");

    state_bind_text(s, 1, str_of(file));
    state_bind_text(s, 2, str_of(bucket));
    state_bind_text(s, 3, str_of(key));
    sqlite3_bind_int64(s, 4, object->size);
    state_bind_text(s, 5, str_of(object->etag));
    sqlite3_bind_int64(s, 6, object->modified_ms);
    state_bind_text(s, 7, str_of(object->content_type));
    state_bind_text(s, 8, str_of(object->metadata));
    return state_run(store->state, s);
}

static enum s3_result failed(const char *bucket, const char *key, int code)
{
    LOG_ERROR("object not written", LOG_STR("bucket", bucket), LOG_STR("key", key),
              LOG_STR("error", strerror(-code)));
    return S3_FAILED;
}

static enum s3_result rename_file(struct s3_store *store, const char *bucket, const char *key,
                                  const char *file)
{
    int code = s3_files_place(store->files, file, bucket, key);

    if (code == -ENOTDIR || code == -EISDIR) {
        return S3_KEY_IN_USE;
    }
    return code ? failed(bucket, key, code) : S3_OK;
}

/* The entry, and no need to make up for it any more, in one transaction. */
static enum s3_result enter(struct s3_store *store, const char *bucket, const char *key, const char *file,
                            const struct s3_object *object)
{
    enum s3_result result = state_begin(store->state) ? S3_FAILED : S3_OK;

    if (result != S3_OK) {
        return result;
    }
    result = insert_entry(store, bucket, key, object);
    if (result != S3_OK || drop_pending(store, file)) {
        state_rollback(store->state);
        return S3_FAILED;
    }
    return state_commit(store->state) ? S3_FAILED : S3_OK;
}

enum s3_result s3_store_place(struct s3_store *store, const char *bucket, const char *key, const char *file,
                              const struct s3_object *object)
{
    /* A caller's transaction makes up for a kill by itself: Firehose writes the same object again. */
    bool alone = !state_in_transaction(store->state);
    enum s3_result result = alone && insert_pending(store, bucket, key, file, object) ? S3_FAILED : S3_OK;

    if (result == S3_OK) {
        result = rename_file(store, bucket, key, file);
    }
    if (result != S3_OK) {
        s3_files_unstage(store->files, S3_STAGING, file);
        return alone && drop_pending(store, file) ? S3_FAILED : result;
    }
    return alone ? enter(store, bucket, key, file, object) : insert_entry(store, bucket, key, object);
}

enum s3_result s3_store_put(struct s3_store *store, const char *bucket, const char *key, struct str body,
                            struct s3_object *object, int64_t now_ms)
{
    unsigned char digest[HASH_MD5_SIZE];
    char file[RANDOM_UUID_SIZE];
    int code;

    if (!s3_store_has_bucket(store, bucket)) {
        return S3_NO_BUCKET;
    }
    if (s3_key_problem(str_of(key))) {
        return S3_BAD_KEY;
    }
    code = s3_files_stage(store->files, S3_STAGING, body, file);
    if (code) {
        return failed(bucket, key, code);
    }
    hash_md5(body.ptr, body.len, digest);
    hash_hex(digest, sizeof(digest), object->etag);
    object->size = (int64_t)body.len;
    object->modified_ms = now_ms;
    return s3_store_place(store, bucket, key, file, object);
}

static void read_entry(sqlite3_stmt *s, struct s3_object *ret)
{
    ret->size = sqlite3_column_int64(s, 1);
    ret->modified_ms = sqlite3_column_int64(s, 3);
    snprintf(ret->etag, sizeof(ret->etag), "%.*s", STR_ARG(state_column(s, 2)));
    snprintf(ret->content_type, sizeof(ret->content_type), "%.*s", STR_ARG(state_column(s, 4)));
    snprintf(ret->metadata, sizeof(ret->metadata), "%.*s", STR_ARG(state_column(s, 5)));
}

enum s3_result s3_store_head(struct s3_store *store, const char *bucket, const char *key,
                             struct s3_object *ret)
{
    sqlite3_stmt *s =
        state_prepare(store->state, "SELECT key, size, etag, modified_ms, content_type, metadata"
                                    " FROM s3_objects WHERE bucket=? AND key=?");
    int row;

    state_bind_text(s, 1, str_of(bucket));
    state_bind_text(s, 2, str_of(key));
    row = state_row(store->state, s);
    if (row == 1) {
        read_entry(s, ret);
        sqlite3_reset(s);
        return S3_OK;
    }
    if (row < 0) {
        return S3_FAILED;
    }
    return s3_store_has_bucket(store, bucket) ? S3_NO_KEY : S3_NO_BUCKET;
}

enum s3_result s3_store_read(struct s3_store *store, const char *bucket, const char *key, int64_t offset,
                             int64_t len, struct buf *out)
{
    int code = s3_files_read(store->files, bucket, key, offset, len, out);

    if (code) {
        LOG_ERROR("object not read", LOG_STR("bucket", bucket), LOG_STR("key", key),
                  LOG_STR("error", strerror(-code)));
    }
    return code ? S3_FAILED : S3_OK;
}

enum s3_result s3_store_delete(struct s3_store *store, const char *bucket, const char *key)
{
    sqlite3_stmt *s = state_prepare(store->state, "DELETE FROM s3_objects WHERE bucket=? AND key=?");

    if (!s3_store_has_bucket(store, bucket)) {
        return S3_NO_BUCKET;
    }
    state_bind_text(s, 1, str_of(bucket));
    state_bind_text(s, 2, str_of(key));
    if (state_run(store->state, s)) {
        return S3_FAILED;
    }
    if (state_changes(store->state) > 0) {
        s3_files_remove(store->files, bucket, key);
    }
    return S3_OK;
}

enum s3_result s3_store_each(struct s3_store *store, const char *bucket, struct str from, s3_each_fn *fn,
                             void *ctx)
{
    sqlite3_stmt *s;
    struct s3_object object;
    int row;

    if (!s3_store_has_bucket(store, bucket)) {
        return S3_NO_BUCKET;
    }
    s = state_prepare(store->state, "SELECT key, size, etag, modified_ms, content_type, metadata"
                                    " FROM s3_objects WHERE bucket=? AND key>=? ORDER BY key");
    state_bind_text(s, 1, str_of(bucket));
    state_bind_text(s, 2, from);
    while ((row = state_row(store->state, s)) == 1) {
        read_entry(s, &object);
        if (!fn(ctx, state_column(s, 0), &object)) {
            sqlite3_reset(s);
            return S3_OK;
        }
    }
    return row ? S3_FAILED : S3_OK;
}

int64_t s3_store_count(struct s3_store *store)
{
    sqlite3_stmt *s = state_prepare(store->state, "SELECT count(*) FROM s3_objects");
    int64_t count = state_row(store->state, s) == 1 ? sqlite3_column_int64(s, 0) : 0;

    sqlite3_reset(s);
    return count;
}
