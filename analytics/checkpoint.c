/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/clock.h"

enum { BUSY_TIMEOUT_MS = 5000, POSITIONS_FIRST_SIZE = 16, LINE_CAP = 8 * CHECKPOINT_ERROR_DATA_CAP };

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS position("
    "  stream TEXT NOT NULL, shard TEXT NOT NULL, progress INTEGER NOT NULL, since_ms INTEGER NOT NULL,"
    "  sequence TEXT NOT NULL, saved_ms INTEGER NOT NULL, PRIMARY KEY (stream, shard)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS error("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, time_ms INTEGER NOT NULL, stream TEXT NOT NULL,"
    "  shard TEXT NOT NULL, sequence TEXT NOT NULL, subsequence INTEGER NOT NULL, partition_key TEXT NOT "
    "NULL,"
    "  reason TEXT NOT NULL, message TEXT NOT NULL, size INTEGER NOT NULL, data BLOB NOT NULL);";
enum { SCHEMA_VERSION = 1 };

enum statement { BEGIN, COMMIT, ROLLBACK, SAVE, FORGET, ADD_ERROR, TRIM_ERRORS, STATEMENTS };
static const char *const statements[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [SAVE] = "INSERT OR REPLACE INTO position VALUES (?, ?, ?, ?, ?, ?)",
    [FORGET] = "DELETE FROM position WHERE stream = ? AND shard = ?",
    [ADD_ERROR] = ("INSERT INTO error(time_ms, stream, shard, sequence, subsequence, partition_key, reason, "
                   "message, size, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
    [TRIM_ERRORS] = "DELETE FROM error WHERE id <= (SELECT max(id) FROM error) - ?",
};

struct checkpoint {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
    char *stream;
    char *path;
    int lock;
};

static int failed(const struct checkpoint *checkpoint, struct error *err)
{
    int code = sqlite3_errcode(checkpoint->db);

    return error_set(err, ERROR_IO, code == SQLITE_BUSY || code == SQLITE_FULL || code == SQLITE_IOERR,
                     "%s: %s", checkpoint->path, sqlite3_errmsg(checkpoint->db));
}

/* --- opening
 * ------------------------------------------------------------------------------------------------ */

static int take_lock(struct checkpoint *checkpoint, struct error *err)
{
    char path[4096];

    if (snprintf(path, sizeof(path), "%s.lock", checkpoint->path) >= (int)sizeof(path)) {
        return error_set(err, ERROR_CONFIG, false, "the path of the checkpoint is too long");
    }
    checkpoint->lock = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (checkpoint->lock < 0) {
        return error_set(err, ERROR_IO, false, "%s: %s%s", path, strerror(errno),
                         errno == ENOENT ? " (create the directory first)" : "");
    }
    if (flock(checkpoint->lock, LOCK_EX | LOCK_NB)) {
        return error_set(err, ERROR_STATE, false, "%s: another analytics process is using this checkpoint",
                         checkpoint->path);
    }
    return 0;
}

static int read_version(sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;
    int version = -1;

    if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        version = sqlite3_column_int(statement, 0);
    }
    sqlite3_finalize(statement);
    return version;
}

static int open_database(struct checkpoint *checkpoint, struct error *err)
{
    int version;

    if (sqlite3_open_v2(checkpoint->path, &checkpoint->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK) {
        return failed(checkpoint, err);
    }
    sqlite3_busy_timeout(checkpoint->db, BUSY_TIMEOUT_MS);
    if (sqlite3_exec(checkpoint->db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL", NULL, NULL,
                     NULL)) {
        return failed(checkpoint, err);
    }
    version = read_version(checkpoint->db);
    if (version != 0 && version != SCHEMA_VERSION) {
        return error_set(err, ERROR_STATE, false, "%s: is of version %d; this program writes %d",
                         checkpoint->path, version, SCHEMA_VERSION);
    }
    if (sqlite3_exec(checkpoint->db, schema, NULL, NULL, NULL) ||
        sqlite3_exec(checkpoint->db, "PRAGMA user_version = 1", NULL, NULL, NULL)) {
        return failed(checkpoint, err);
    }
    for (int i = 0; i < STATEMENTS; i++) {
        if (sqlite3_prepare_v3(checkpoint->db, statements[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &checkpoint->statements[i], NULL) != SQLITE_OK) {
            return failed(checkpoint, err);
        }
    }
    return 0;
}

struct checkpoint *checkpoint_open(const char *path, const char *stream, struct error *err)
{
    struct checkpoint *checkpoint = calloc(1, sizeof(*checkpoint));

    if (!checkpoint) {
        error_set(err, ERROR_MEMORY, false, "out of memory");
        return NULL;
    }
    checkpoint->lock = -1;
    checkpoint->path = strdup(path);
    checkpoint->stream = strdup(stream);
    if (!checkpoint->path || !checkpoint->stream) {
        error_set(err, ERROR_MEMORY, false, "out of memory");
        goto fail;
    }
    if (take_lock(checkpoint, err) || open_database(checkpoint, err)) {
        goto fail;
    }
    return checkpoint;
fail:
    checkpoint_close(checkpoint);
    return NULL;
}

void checkpoint_close(struct checkpoint *checkpoint)
{
    if (!checkpoint) {
        return;
    }
    for (int i = 0; i < STATEMENTS; i++) {
        sqlite3_finalize(checkpoint->statements[i]);
    }
    sqlite3_close(checkpoint->db);
    if (checkpoint->lock >= 0) {
        close(checkpoint->lock);
    }
    free(checkpoint->path);
    free(checkpoint->stream);
    free(checkpoint);
}

/* --- positions
 * ----------------------------------------------------------------------------------------------- */

static bool copy_text(sqlite3_stmt *statement, int column, char *out, size_t size)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    size_t len = text ? strlen(text) : size;

    if (len >= size) {
        return false;
    }
    memcpy(out, text, len + 1);
    return true;
}

static bool read_position(sqlite3_stmt *statement, struct shard_position *ret)
{
    int progress = sqlite3_column_int(statement, 1);

    *ret = (struct shard_position){.progress = (enum shard_progress)progress,
                                   .since_ms = sqlite3_column_int64(statement, 2)};
    return progress >= SHARD_FROM_OLDEST && progress <= SHARD_ENDED &&
           copy_text(statement, 0, ret->shard, sizeof(ret->shard)) &&
           copy_text(statement, 3, ret->sequence, sizeof(ret->sequence));
}

int checkpoint_load(struct checkpoint *checkpoint, struct shard_position **ret, size_t *ret_count,
                    struct error *err)
{
    sqlite3_stmt *statement = NULL;
    struct shard_position *positions = NULL;
    size_t count = 0;
    size_t size = 0;
    int rc;

    if (sqlite3_prepare_v2(
            checkpoint->db,
            "SELECT shard, progress, since_ms, sequence FROM position WHERE stream = ? ORDER BY shard", -1,
            &statement, NULL) != SQLITE_OK) {
        return failed(checkpoint, err);
    }
    sqlite3_bind_text(statement, 1, checkpoint->stream, -1, SQLITE_STATIC);
    while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
        if (count == size) {
            struct shard_position *grown;
            size = size ? size * 2 : POSITIONS_FIRST_SIZE;
            grown = size <= KINESIS_SHARDS_CAP ? realloc(positions, size * sizeof(*grown)) : NULL;
            if (!grown) {
                rc = error_set(err, ERROR_MEMORY, false, "%s: too many shards", checkpoint->path);
                goto out;
            }
            positions = grown;
        }
        if (!read_position(statement, &positions[count++])) {
            rc = error_set(err, ERROR_STATE, false, "%s: holds a position that cannot be read",
                           checkpoint->path);
            goto out;
        }
    }
    rc = rc == SQLITE_DONE ? 0 : failed(checkpoint, err);
out:
    sqlite3_finalize(statement);
    if (rc) {
        free(positions);
    } else {
        *ret = positions;
        *ret_count = count;
    }
    return rc;
}

/* Runs a prepared statement that gives no rows. */
static bool run(struct checkpoint *checkpoint, enum statement which)
{
    sqlite3_stmt *statement = checkpoint->statements[which];
    bool ok = sqlite3_step(statement) == SQLITE_DONE;

    sqlite3_reset(statement);
    return ok;
}

static bool save_position(struct checkpoint *checkpoint, const struct shard_position *position,
                          int64_t now_ms)
{
    sqlite3_stmt *statement = checkpoint->statements[SAVE];

    sqlite3_bind_text(statement, 1, checkpoint->stream, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, position->shard, -1, SQLITE_STATIC);
    sqlite3_bind_int(statement, 3, (int)position->progress);
    sqlite3_bind_int64(statement, 4, position->since_ms);
    sqlite3_bind_text(statement, 5, position->sequence, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 6, now_ms);
    return run(checkpoint, SAVE);
}

static void bind_str(sqlite3_stmt *statement, int index, struct str text)
{
    sqlite3_bind_text64(statement, index, text.ptr ? text.ptr : "", text.len, SQLITE_STATIC, SQLITE_UTF8);
}

static bool save_error(struct checkpoint *checkpoint, const struct checkpoint_error *error, const char *shard,
                       int64_t now_ms)
{
    sqlite3_stmt *statement = checkpoint->statements[ADD_ERROR];
    size_t len = error->data.len < CHECKPOINT_ERROR_DATA_CAP ? error->data.len : CHECKPOINT_ERROR_DATA_CAP;

    sqlite3_bind_int64(statement, 1, now_ms);
    sqlite3_bind_text(statement, 2, checkpoint->stream, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 3, shard, -1, SQLITE_STATIC);
    bind_str(statement, 4, error->sequence);
    sqlite3_bind_int64(statement, 5, error->subsequence);
    bind_str(statement, 6, error->partition_key);
    sqlite3_bind_text(statement, 7, failure_reasons[error->reason], -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 8, error->message, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 9, (sqlite3_int64)error->data.len);
    sqlite3_bind_blob64(statement, 10, len ? error->data.ptr : "", len, SQLITE_STATIC);
    return run(checkpoint, ADD_ERROR);
}

static int end_transaction(struct checkpoint *checkpoint, bool ok, struct error *err)
{
    int rc = 0;

    if (!ok || !run(checkpoint, COMMIT)) {
        rc = failed(checkpoint, err);
        run(checkpoint, ROLLBACK);
    }
    return rc;
}

int checkpoint_save(struct checkpoint *checkpoint, const struct shard_position *position,
                    const struct checkpoint_error *errors, size_t error_count, int64_t now_ms,
                    struct error *err)
{
    bool ok = run(checkpoint, BEGIN);

    if (!ok) {
        return failed(checkpoint, err);
    }
    for (size_t i = 0; ok && i < error_count; i++) {
        ok = save_error(checkpoint, &errors[i], position->shard, now_ms);
    }
    if (ok && error_count > 0) {
        sqlite3_bind_int(checkpoint->statements[TRIM_ERRORS], 1, CHECKPOINT_ERRORS_KEPT);
        ok = run(checkpoint, TRIM_ERRORS);
    }
    ok = ok && save_position(checkpoint, position, now_ms);
    return end_transaction(checkpoint, ok, err);
}

int checkpoint_save_all(struct checkpoint *checkpoint, const struct shard_position *positions, size_t count,
                        int64_t now_ms, struct error *err)
{
    bool ok = run(checkpoint, BEGIN);

    if (!ok) {
        return failed(checkpoint, err);
    }
    for (size_t i = 0; ok && i < count; i++) {
        ok = save_position(checkpoint, &positions[i], now_ms);
    }
    return end_transaction(checkpoint, ok, err);
}

int checkpoint_forget(struct checkpoint *checkpoint, const char *shard, struct error *err)
{
    sqlite3_stmt *statement = checkpoint->statements[FORGET];

    sqlite3_bind_text(statement, 1, checkpoint->stream, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, shard, -1, SQLITE_STATIC);
    return run(checkpoint, FORGET) ? 0 : failed(checkpoint, err);
}

/* --- the error table
 * ----------------------------------------------------------------------------------------- */

static void add_member(struct buf *line, const char *name, sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_blob(statement, column);

    buf_addf(line, ",\"%s\":", name);
    buf_add_json_string(line, text ? text : "", (size_t)sqlite3_column_bytes(statement, column));
}

static void write_line(sqlite3_stmt *statement, struct buf *line)
{
    char time[CLOCK_ISO_SIZE];

    clock_format_iso(sqlite3_column_int64(statement, 0), time, sizeof(time));
    buf_reset(line);
    buf_addf(line, "{\"time\":\"%s\"", time);
    add_member(line, "stream", statement, 1);
    add_member(line, "shard", statement, 2);
    add_member(line, "sequence", statement, 3);
    buf_addf(line, ",\"subsequence\":%lld", (long long)sqlite3_column_int64(statement, 4));
    add_member(line, "partition_key", statement, 5);
    add_member(line, "reason", statement, 6);
    add_member(line, "message", statement, 7);
    buf_addf(line, ",\"size\":%lld", (long long)sqlite3_column_int64(statement, 8));
    add_member(line, "data", statement, 9);
    buf_add_char(line, '}');
}

int checkpoint_errors(const char *path, checkpoint_line_fn *line_fn, void *ctx, struct error *err)
{
    sqlite3_stmt *statement = NULL;
    sqlite3 *db = NULL;
    struct buf line;
    int rc;

    buf_init(&line, LINE_CAP);
    rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_busy_timeout(db, BUSY_TIMEOUT_MS);
        rc =
            sqlite3_prepare_v2(db,
                               "SELECT time_ms, stream, shard, sequence, subsequence, partition_key, reason, "
                               "message, size, data FROM error ORDER BY id",
                               -1, &statement, NULL);
    }
    while (rc == SQLITE_OK && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        write_line(statement, &line);
        line_fn(ctx, buf_str(&line));
        rc = SQLITE_OK;
    }
    rc = rc == SQLITE_DONE ? 0 : error_set(err, ERROR_IO, false, "%s: %s", path, sqlite3_errmsg(db));
    sqlite3_finalize(statement);
    sqlite3_close(db);
    buf_done(&line);
    return rc;
}
