/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/s3_uploads.h"

#include <stdio.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/log.h"

#include "local/aws/s3_files.h"

/* --- uploads ---------------------------------------------------------------------------------------------
 */

enum s3_result s3_uploads_create(struct s3_store *store, struct s3_upload *upload)
{
    struct state *state = s3_store_state(store);
    sqlite3_stmt *s = state_prepare(state, "INSERT INTO s3_uploads(id, bucket, key, created_ms, content_type,"
                                           " metadata, checksum, full_object) VALUES(?,?,?,?,?,?,?,?)");

    if (!s3_store_has_bucket(store, upload->bucket)) {
        return S3_NO_BUCKET;
    }
    if (s3_key_problem(str_of(upload->key))) {
        return S3_BAD_KEY;
    }
    random_uuid(upload->id);
    state_bind_text(s, 1, str_of(upload->id));
    state_bind_text(s, 2, str_of(upload->bucket));
    state_bind_text(s, 3, str_of(upload->key));
    sqlite3_bind_int64(s, 4, upload->created_ms);
    state_bind_text(s, 5, str_of(upload->object.content_type));
    state_bind_text(s, 6, str_of(upload->object.metadata));
    sqlite3_bind_int(s, 7, (int)upload->kind);
    sqlite3_bind_int(s, 8, upload->full_object);
    return state_run(state, s) ? S3_FAILED : S3_OK;
}

#define UPLOAD_COLUMNS "id, bucket, key, created_ms, content_type, metadata, checksum, full_object"

static void copy(char *out, size_t size, struct str text)
{
    snprintf(out, size, "%.*s", STR_ARG(text));
}

static void read_upload(sqlite3_stmt *s, struct s3_upload *ret)
{
    int kind = sqlite3_column_int(s, 6);

    *ret = (struct s3_upload){.created_ms = sqlite3_column_int64(s, 3),
                              .full_object = sqlite3_column_int(s, 7) != 0};
    copy(ret->id, sizeof(ret->id), state_column(s, 0));
    copy(ret->bucket, sizeof(ret->bucket), state_column(s, 1));
    copy(ret->key, sizeof(ret->key), state_column(s, 2));
    copy(ret->object.content_type, sizeof(ret->object.content_type), state_column(s, 4));
    copy(ret->object.metadata, sizeof(ret->object.metadata), state_column(s, 5));
    ret->kind = kind > 0 && kind < S3_CHECKSUM_COUNT ? (enum s3_checksum)kind : S3_CHECKSUM_NONE;
}

enum s3_result s3_uploads_find(struct s3_store *store, const char *id, const char *bucket, const char *key,
                               struct s3_upload *ret)
{
    struct state *state = s3_store_state(store);
    sqlite3_stmt *s =
        state_prepare(state, "SELECT " UPLOAD_COLUMNS " FROM s3_uploads WHERE id=? AND bucket=? AND key=?");
    int row;

    state_bind_text(s, 1, str_of(id));
    state_bind_text(s, 2, str_of(bucket));
    state_bind_text(s, 3, str_of(key));
    row = state_row(state, s);
    if (row == 1) {
        read_upload(s, ret);
        sqlite3_reset(s);
        return S3_OK;
    }
    if (row < 0) {
        return S3_FAILED;
    }
    return s3_store_has_bucket(store, bucket) ? S3_NO_UPLOAD : S3_NO_BUCKET;
}

enum s3_result s3_uploads_each(struct s3_store *store, const char *bucket, s3_upload_fn *fn, void *ctx)
{
    struct state *state = s3_store_state(store);
    sqlite3_stmt *s =
        state_prepare(state, "SELECT " UPLOAD_COLUMNS " FROM s3_uploads WHERE bucket=? ORDER BY key, id");
    struct s3_upload upload;
    int row;

    if (!s3_store_has_bucket(store, bucket)) {
        return S3_NO_BUCKET;
    }
    state_bind_text(s, 1, str_of(bucket));
    while ((row = state_row(state, s)) == 1) {
        read_upload(s, &upload);
        if (!fn(ctx, &upload)) {
            sqlite3_reset(s);
            return S3_OK;
        }
    }
    return row ? S3_FAILED : S3_OK;
}

/* --- parts -----------------------------------------------------------------------------------------------
 */

#define PART_COLUMNS "number, file, size, etag, checksum, modified_ms"

static void read_part(sqlite3_stmt *s, struct s3_part *ret)
{
    *ret = (struct s3_part){.number = sqlite3_column_int(s, 0),
                            .size = sqlite3_column_int64(s, 2),
                            .modified_ms = sqlite3_column_int64(s, 5)};
    copy(ret->file, sizeof(ret->file), state_column(s, 1));
    copy(ret->etag, sizeof(ret->etag), state_column(s, 3));
    copy(ret->checksum, sizeof(ret->checksum), state_column(s, 4));
}

enum s3_result s3_uploads_each_part(struct s3_store *store, const struct s3_upload *upload, int after,
                                    s3_part_fn *fn, void *ctx)
{
    struct state *state = s3_store_state(store);
    sqlite3_stmt *s = state_prepare(state, "SELECT " PART_COLUMNS
                                           " FROM s3_parts WHERE upload_id=? AND number>? ORDER BY number");
    struct s3_part part;
    int row;

    state_bind_text(s, 1, str_of(upload->id));
    sqlite3_bind_int(s, 2, after);
    while ((row = state_row(state, s)) == 1) {
        read_part(s, &part);
        if (!fn(ctx, &part)) {
            sqlite3_reset(s);
            return S3_OK;
        }
    }
    return row ? S3_FAILED : S3_OK;
}

static bool take_first(void *ctx, const struct s3_part *part)
{
    *(struct s3_part *)ctx = *part;
    return false;
}

enum s3_result s3_uploads_part(struct s3_store *store, const struct s3_upload *upload, int number,
                               struct s3_part *ret)
{
    enum s3_result result;

    ret->number = 0;
    result = s3_uploads_each_part(store, upload, number - 1, take_first, ret);
    if (ret->number != number) {
        *ret = (struct s3_part){0};
    }
    return result;
}

static enum s3_result insert_part(struct state *state, const struct s3_upload *upload,
                                  const struct s3_part *part)
{
    sqlite3_stmt *s = state_prepare(state, "INSERT OR REPLACE INTO s3_parts(upload_id, number, file, size,"
                                           " etag, checksum, modified_ms) VALUES(?,?,?,?,?,?,?)");

    state_bind_text(s, 1, str_of(upload->id));
    sqlite3_bind_int(s, 2, part->number);
    state_bind_text(s, 3, str_of(part->file));
    sqlite3_bind_int64(s, 4, part->size);
    state_bind_text(s, 5, str_of(part->etag));
    state_bind_text(s, 6, str_of(part->checksum));
    sqlite3_bind_int64(s, 7, part->modified_ms);
    return state_run(state, s) ? S3_FAILED : S3_OK;
}

enum s3_result s3_uploads_put_part(struct s3_store *store, const struct s3_upload *upload, struct str body,
                                   struct s3_part *part)
{
    struct s3_files *files = s3_store_files(store);
    unsigned char digest[HASH_MD5_SIZE];
    struct s3_part before;
    enum s3_result result = s3_uploads_part(store, upload, part->number, &before);
    int code;

    if (result != S3_OK) {
        return result;
    }
    code = s3_files_stage(files, S3_PARTS, body, part->file);
    if (code) {
        LOG_ERROR("part not written", LOG_STR("key", upload->key), LOG_STR("error", strerror(-code)));
        return S3_FAILED;
    }
    hash_md5(body.ptr, body.len, digest);
    hash_hex(digest, sizeof(digest), part->etag);
    part->size = (int64_t)body.len;
    result = insert_part(s3_store_state(store), upload, part);
    if (result != S3_OK || before.file[0]) {
        s3_files_unstage(files, S3_PARTS, result == S3_OK ? before.file : part->file);
    }
    return result;
}

/* --- the end of an upload --------------------------------------------------------------------------------
 */

static bool unstage_part(void *ctx, const struct s3_part *part)
{
    s3_files_unstage(s3_store_files(ctx), S3_PARTS, part->file);
    return true;
}

static int run_with_text(struct state *state, const char *sql, const char *text)
{
    sqlite3_stmt *s = state_prepare(state, sql);

    state_bind_text(s, 1, str_of(text));
    return state_run(state, s);
}

enum s3_result s3_uploads_abort(struct s3_store *store, const struct s3_upload *upload)
{
    struct state *state = s3_store_state(store);

    /* What a kill leaves in between goes at the next start. */
    if (run_with_text(state, "DELETE FROM s3_uploads WHERE id=?", upload->id) ||
        s3_uploads_each_part(store, upload, 0, unstage_part, store) != S3_OK ||
        run_with_text(state, "DELETE FROM s3_parts WHERE upload_id=?", upload->id)) {
        return S3_FAILED;
    }
    return S3_OK;
}

int s3_uploads_drop_bucket(struct s3_store *store, const char *bucket)
{
    if (run_with_text(s3_store_state(store), "DELETE FROM s3_uploads WHERE bucket=?", bucket)) {
        return -ERROR_IO;
    }
    s3_uploads_clear(store);
    return 0;
}

static bool is_part(void *ctx, const char *name)
{
    struct state *state = ctx;
    sqlite3_stmt *s = state_prepare(state, "SELECT 1 FROM s3_parts WHERE file=?");
    int row;

    state_bind_text(s, 1, str_of(name));
    row = state_row(state, s);
    if (row == 1) {
        sqlite3_reset(s);
    }
    return row != 0;
}

void s3_uploads_clear(struct s3_store *store)
{
    struct state *state = s3_store_state(store);

    if (state_run(state, state_prepare(state, "DELETE FROM s3_parts WHERE upload_id NOT IN"
                                              " (SELECT id FROM s3_uploads)")) == 0) {
        s3_files_clear(s3_store_files(store), S3_PARTS, is_part, state);
    }
}
