/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/log.h"

enum { STATEMENT_CAP = 128, PATH_CAP = 4096, SCHEMA_VERSION = 1 };

struct state {
    sqlite3 *db;
    struct {
        const char *sql; /* literals: compared by address */
        sqlite3_stmt *statement;
    } statements[STATEMENT_CAP];
    size_t count;
};

/* Pages of 16 KiB hold a dozen records of 1 KB each; exclusive locking keeps the WAL index in memory. */
static const char settings[] = "PRAGMA page_size=16384; PRAGMA locking_mode=EXCLUSIVE;"
                               "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY;"
                               "PRAGMA cache_size=-32768; PRAGMA wal_autocheckpoint=1024;";

/*
 * kinesis_records.id = shard uid * 2^40 + serial: one B-tree, in shard order, no index beside it.
 * firehose_records: state 0 waits for the transform, 1 for delivery, 2 failed and waits for the error output.
 * s3_pending: objects whose file is being renamed into place, and whose entry follows.
 */
static const char schema[] =
    "CREATE TABLE IF NOT EXISTS kinesis_streams(id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL UNIQUE, created_ms INTEGER NOT NULL, retention_hours INTEGER NOT NULL,"
    " max_record_kib INTEGER NOT NULL, on_demand INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS kinesis_shards(uid INTEGER PRIMARY KEY AUTOINCREMENT,"
    " stream_id INTEGER NOT NULL, number INTEGER NOT NULL, parent INTEGER NOT NULL,"
    " adjacent_parent INTEGER NOT NULL, hash_start TEXT NOT NULL, hash_end TEXT NOT NULL,"
    " created_ms INTEGER NOT NULL, closed_ms INTEGER NOT NULL, last_serial INTEGER NOT NULL,"
    " last_arrival_ms INTEGER NOT NULL, UNIQUE(stream_id, number));"
    "CREATE TABLE IF NOT EXISTS kinesis_records(id INTEGER PRIMARY KEY, arrival_ms INTEGER NOT NULL,"
    " partition_key TEXT NOT NULL, data BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS firehose_streams(id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL UNIQUE, created_ms INTEGER NOT NULL, settings TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS firehose_records(id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " stream_id INTEGER NOT NULL, state INTEGER NOT NULL, arrival_ms INTEGER NOT NULL, data BLOB NOT NULL);"
    "CREATE INDEX IF NOT EXISTS firehose_waiting ON firehose_records(stream_id, state, id);"
    "CREATE TABLE IF NOT EXISTS firehose_objects(stream_id INTEGER NOT NULL, state INTEGER NOT NULL,"
    " last_id INTEGER NOT NULL, key TEXT NOT NULL, PRIMARY KEY(stream_id, state));"
    "CREATE TABLE IF NOT EXISTS firehose_positions(stream_id INTEGER NOT NULL, shard_uid INTEGER NOT NULL,"
    " serial INTEGER NOT NULL, PRIMARY KEY(stream_id, shard_uid));"
    "CREATE TABLE IF NOT EXISTS s3_buckets(name TEXT PRIMARY KEY, created_ms INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS s3_objects(bucket TEXT NOT NULL, key TEXT NOT NULL, size INTEGER NOT NULL,"
    " etag TEXT NOT NULL, modified_ms INTEGER NOT NULL, content_type TEXT NOT NULL, metadata TEXT NOT NULL,"
    " PRIMARY KEY(bucket, key)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS s3_pending(file TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL,"
    " size INTEGER NOT NULL, etag TEXT NOT NULL, modified_ms INTEGER NOT NULL, content_type TEXT NOT NULL,"
    " metadata TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS s3_uploads(id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL,"
    " created_ms INTEGER NOT NULL, content_type TEXT NOT NULL, metadata TEXT NOT NULL,"
    " checksum INTEGER NOT NULL, full_object INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS s3_parts(upload_id TEXT NOT NULL, number INTEGER NOT NULL, file TEXT NOT "
    "NULL,"
    " size INTEGER NOT NULL, etag TEXT NOT NULL, checksum TEXT NOT NULL, modified_ms INTEGER NOT NULL,"
    " PRIMARY KEY(upload_id, number)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS s3_part_files ON s3_parts(file);";

static int fail(struct state *state, const char *what, struct error *err)
{
    return error_set(err, ERROR_STATE, false, "%s: %s", what, sqlite3_errmsg(state->db));
}

static int check_version(struct state *state, struct error *err)
{
    sqlite3_stmt *statement = state_prepare(state, "PRAGMA user_version");
    int version = statement && sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int(statement, 0) : -1;

    if (statement) {
        sqlite3_reset(statement);
    }
    if (version < 0) {
        return fail(state, "the state file cannot be read", err);
    }
    if (version > SCHEMA_VERSION) {
        return error_set(err, ERROR_STATE, false, "the state file is of a later version (%d)", version);
    }
    return 0;
}

static int prepare_file(struct state *state, struct error *err)
{
    if (sqlite3_exec(state->db, settings, NULL, NULL, NULL) != SQLITE_OK) {
        return sqlite3_errcode(state->db) == SQLITE_BUSY
                   ? error_set(err, ERROR_STATE, false, "another local-aws uses this LOCAL_AWS_DIR")
                   : fail(state, "the state file cannot be opened", err);
    }
    if (check_version(state, err)) {
        return -ERROR_STATE;
    }
    if (sqlite3_exec(state->db, schema, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(state->db, "PRAGMA user_version=1", NULL, NULL, NULL) != SQLITE_OK) {
        return sqlite3_errcode(state->db) == SQLITE_BUSY
                   ? error_set(err, ERROR_STATE, false, "another local-aws uses this LOCAL_AWS_DIR")
                   : fail(state, "the state file cannot be written", err);
    }
    return 0;
}

struct state *state_open(const char *dir, struct error *err)
{
    struct state *state = calloc(1, sizeof(*state));
    char path[PATH_CAP];

    if (!state) {
        error_set(err, ERROR_MEMORY, false, "out of memory");
        return NULL;
    }
    if (mkdir(dir, 0777) != 0 && errno != EEXIST) {
        error_set(err, ERROR_IO, false, "LOCAL_AWS_DIR=%s cannot be made: %s", dir, strerror(errno));
        free(state);
        return NULL;
    }
    snprintf(path, sizeof(path), "%s/state.db", dir);
    if (sqlite3_open(path, &state->db) != SQLITE_OK) {
        fail(state, path, err);
        state_close(state);
        return NULL;
    }
    if (prepare_file(state, err)) {
        error_prefix(err, "%s", path);
        state_close(state);
        return NULL;
    }
    return state;
}

void state_close(struct state *state)
{
    if (!state) {
        return;
    }
    for (size_t i = 0; i < state->count; i++) {
        sqlite3_finalize(state->statements[i].statement);
    }
    sqlite3_close(state->db);
    free(state);
}

sqlite3_stmt *state_prepare(struct state *state, const char *sql)
{
    sqlite3_stmt *statement = NULL;

    for (size_t i = 0; i < state->count; i++) {
        if (state->statements[i].sql == sql) {
            sqlite3_reset(state->statements[i].statement);
            sqlite3_clear_bindings(state->statements[i].statement);
            return state->statements[i].statement;
        }
    }
    if (state->count == STATEMENT_CAP ||
        sqlite3_prepare_v3(state->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK) {
        LOG_ERROR("statement refused", LOG_STR("error", sqlite3_errmsg(state->db)));
        return NULL;
    }
    state->statements[state->count].sql = sql;
    state->statements[state->count++].statement = statement;
    return statement;
}

int state_run(struct state *state, sqlite3_stmt *statement)
{
    int code = statement ? sqlite3_step(statement) : SQLITE_ERROR;

    if (statement) {
        sqlite3_reset(statement);
    }
    if (code == SQLITE_DONE || code == SQLITE_ROW) {
        return 0;
    }
    LOG_ERROR("state not written", LOG_STR("error", sqlite3_errmsg(state->db)));
    return -ERROR_IO;
}

int state_row(struct state *state, sqlite3_stmt *statement)
{
    int code = statement ? sqlite3_step(statement) : SQLITE_ERROR;

    if (code == SQLITE_ROW) {
        return 1;
    }
    if (statement) {
        sqlite3_reset(statement);
    }
    if (code == SQLITE_DONE) {
        return 0;
    }
    LOG_ERROR("state not read", LOG_STR("error", sqlite3_errmsg(state->db)));
    return -ERROR_IO;
}

int state_begin(struct state *state)
{
    return state_run(state, state_prepare(state, "BEGIN IMMEDIATE"));
}

int state_commit(struct state *state)
{
    int code = state_run(state, state_prepare(state, "COMMIT"));

    if (code) {
        state_rollback(state);
    }
    return code;
}

void state_rollback(struct state *state)
{
    /* SQLite rolls back by itself after some failures. */
    if (state_in_transaction(state) && state_run(state, state_prepare(state, "ROLLBACK"))) {
        LOG_ERROR("not rolled back", LOG_STR("error", sqlite3_errmsg(state->db)));
    }
}

bool state_in_transaction(struct state *state)
{
    return !sqlite3_get_autocommit(state->db);
}

int64_t state_last_id(struct state *state)
{
    return sqlite3_last_insert_rowid(state->db);
}

int64_t state_changes(struct state *state)
{
    return sqlite3_changes(state->db);
}

const char *state_error(struct state *state)
{
    return sqlite3_errmsg(state->db);
}

void state_bind_text(sqlite3_stmt *statement, int index, struct str text)
{
    sqlite3_bind_text64(statement, index, text.ptr ? text.ptr : "", text.len, SQLITE_STATIC, SQLITE_UTF8);
}

void state_bind_blob(sqlite3_stmt *statement, int index, struct str bytes)
{
    sqlite3_bind_blob64(statement, index, bytes.len ? bytes.ptr : "", bytes.len, SQLITE_STATIC);
}

struct str state_column(sqlite3_stmt *statement, int index)
{
    const char *bytes = sqlite3_column_blob(statement, index);
    int len = sqlite3_column_bytes(statement, index);

    return (struct str){bytes ? bytes : "", (size_t)len};
}
