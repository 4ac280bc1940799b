/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/engine.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "analytics/input_schema.h"
#include "analytics/sql.h"
#include "analytics/streams.h"
#include "analytics/tables.h"

/* No value that SQL computes may be larger: beyond what a row can carry, and a bound for memory. */
enum { VALUE_CAP = 2 * ROWS_ROW_CAP };

const char *const failure_reasons[] = {"bad_json", "bad_value", "sql_error", "row_too_large", NULL};

struct engine {
    sqlite3 *db;
    struct tables tables;
    struct value *values; /* ENGINE_SLICE_CAP rows of columns_count() */
    sqlite3_stmt *statements[SQL_STATEMENTS_CAP];
    size_t statement_count;
    struct target *targets[ENGINE_TARGETS_CAP]; /* those in use, in the statements' order */
    size_t target_count;
};

/* The schema text as SQLite takes it, in `out`. */
static int schema_sql(struct str schema, struct buf *out, struct error *err)
{
    if (input_schema_is(schema)) {
        return input_schema_to_sql(schema, out, err);
    }
    buf_add(out, schema.ptr, schema.len);
    return buf_error(out) ? error_set(err, ERROR_LIMIT, false, "is larger than %d bytes", SQL_FILE_CAP) : 0;
}

static int load_schema(struct engine *engine, const char *name, struct str schema, struct error *err)
{
    char *message = NULL;
    char *text = NULL;
    struct buf sql;
    int rc;

    buf_init(&sql, SQL_FILE_CAP);
    rc = schema_sql(schema, &sql, err);
    if (rc == 0) {
        text = buf_take(&sql, NULL);
        rc = text ? 0 : error_set(err, ERROR_MEMORY, false, "out of memory");
    }
    if (rc == 0 && sqlite3_exec(engine->db, text, NULL, NULL, &message)) {
        rc = error_set(err, ERROR_CONFIG, false, "%s", message ? message : sqlite3_errmsg(engine->db));
        sqlite3_free(message);
    }
    free(text);
    buf_done(&sql);
    if (rc == 0 && !engine->tables.source_name) {
        rc = error_set(err, ERROR_CONFIG, false, "there is no table USING kinesis_json in it");
    }
    if (rc) {
        error_prefix(err, "%s", name);
        return rc;
    }
    engine->values =
        calloc(ENGINE_SLICE_CAP * columns_count(engine->tables.columns), sizeof(*engine->values));
    return engine->values ? 0 : error_set(err, ERROR_MEMORY, false, "out of memory");
}

static int add_target(struct engine *engine, struct target *target, struct error *err)
{
    for (size_t i = 0; i < engine->target_count; i++) {
        if (engine->targets[i] == target) {
            return 0;
        }
    }
    if (engine->target_count == ENGINE_TARGETS_CAP) {
        return error_set(err, ERROR_LIMIT, false, "more than %d destinations", ENGINE_TARGETS_CAP);
    }
    engine->targets[engine->target_count++] = target;
    return 0;
}

static int prepare(struct engine *engine, const char *name, const struct sql_statement *from,
                   struct error *err)
{
    struct target *target = tables_find_target(&engine->tables, from->target);
    size_t line = from->line;
    size_t column = from->column;
    int offset;

    if (!target) {
        return error_set(err, ERROR_CONFIG, false, "%s: line %zu: %s is not a table USING firehose_json",
                         name, line, from->target);
    }
    if (sqlite3_prepare_v3(engine->db, from->text, -1, SQLITE_PREPARE_PERSISTENT,
                           &engine->statements[engine->statement_count], NULL) != SQLITE_OK) {
        offset = sqlite3_error_offset(engine->db);
        sql_place(from->text, offset > 0 ? (size_t)offset : 0, &line, &column);
        return error_set(err, ERROR_CONFIG, false, "%s: line %zu, column %zu: %s", name, line, column,
                         sqlite3_errmsg(engine->db));
    }
    engine->statement_count++;
    return add_target(engine, target, err);
}

static int load_statements(struct engine *engine, const char *name, struct str text, struct error *err)
{
    struct sql sql;
    int rc = sql_read(text, &sql, err);

    if (rc) {
        error_prefix(err, "%s", name);
        return rc;
    }
    rc = streams_declare(engine->db, &engine->tables, &sql, err);
    if (rc) {
        error_prefix(err, "%s", name);
    }
    for (size_t i = 0; rc == 0 && i < sql.statement_count; i++) {
        if (!streams_is_step(&engine->tables, &sql, sql.statements[i].target)) {
            rc = prepare(engine, name, &sql.statements[i], err);
        }
    }
    if (rc == 0 && engine->statement_count == 0) {
        rc = error_set(err, ERROR_CONFIG, false, "%s: no statement leads to a destination", name);
    }
    sql_done(&sql);
    return rc;
}

/*
 * Where SQLite by itself would silently do something else than other engines: a name in double quotes that no
 * column has is a mistake and no text, and LIKE tells upper from lower case.
 */
static int speak_standard_sql(sqlite3 *db)
{
    int rc = sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);

    if (rc == SQLITE_OK) {
        rc = sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    }
    return rc ? rc : sqlite3_exec(db, "PRAGMA case_sensitive_like = 1", NULL, NULL, NULL);
}

static int open_database(struct engine *engine, struct error *err)
{
    int rc = sqlite3_open_v2(":memory:", &engine->db,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);

    if (rc == SQLITE_OK) {
        sqlite3_limit(engine->db, SQLITE_LIMIT_LENGTH, VALUE_CAP);
        rc = speak_standard_sql(engine->db);
    }
    if (rc == SQLITE_OK) {
        rc = tables_register(&engine->tables, engine->db);
    }
    return rc ? error_set(err, ERROR_MEMORY, false, "SQLite: %s", sqlite3_errstr(rc)) : 0;
}

struct engine *engine_new(const char *schema_name, struct str schema, const char *sql_name, struct str sql,
                          struct error *err)
{
    struct engine *engine = calloc(1, sizeof(*engine));

    if (!engine) {
        error_set(err, ERROR_MEMORY, false, "out of memory");
        return NULL;
    }
    buf_init(&engine->tables.row, ROWS_ROW_CAP);
    engine->tables.columns = columns_new();
    if (!engine->tables.columns) {
        error_set(err, ERROR_MEMORY, false, "out of memory");
        goto fail;
    }
    if (open_database(engine, err) || load_schema(engine, schema_name, schema, err) ||
        load_statements(engine, sql_name, sql, err)) {
        goto fail;
    }
    return engine;
fail:
    engine_free(engine);
    return NULL;
}

void engine_free(struct engine *engine)
{
    if (!engine) {
        return;
    }
    for (size_t i = 0; i < engine->statement_count; i++) {
        sqlite3_finalize(engine->statements[i]);
    }
    sqlite3_close(engine->db);
    columns_free(engine->tables.columns);
    free(engine->tables.source_name);
    buf_done(&engine->tables.row);
    free(engine->values);
    free(engine);
}

size_t engine_target_count(const struct engine *engine)
{
    return engine->target_count;
}

const char *engine_target_name(const struct engine *engine, size_t index)
{
    return engine->targets[index]->name;
}

/* --- running
 * ------------------------------------------------------------------------------------------------ */

static void add_failure(struct engine_failures *failures, size_t record, enum failure_reason reason,
                        const char *message)
{
    struct failure *failure = &failures->items[failures->count++];

    failure->record = record;
    failure->reason = reason;
    snprintf(failure->message, sizeof(failure->message), "%s", message);
}

/* Reads the records into values; the good ones' indices into tables.good. Returns their number. */
static size_t read_records(struct engine *engine, const struct str *records, size_t count,
                           struct engine_failures *failures)
{
    size_t width = columns_count(engine->tables.columns);
    char message[COLUMNS_MESSAGE_SIZE];
    size_t good = 0;

    for (size_t i = 0; i < count; i++) {
        switch (columns_read(engine->tables.columns, records[i], &engine->values[i * width], message)) {
        case COLUMNS_OK:
            engine->tables.good[good++] = i;
            break;
        case COLUMNS_BAD_JSON:
            add_failure(failures, i, FAILURE_BAD_JSON, message);
            break;
        case COLUMNS_BAD_VALUE:
            add_failure(failures, i, FAILURE_BAD_VALUE, message);
            break;
        }
    }
    return good;
}

/* Runs all statements over good[from, to). Rows of a failed run are taken back. */
static int run_range(struct engine *engine, size_t from, size_t to)
{
    size_t marks[ENGINE_TARGETS_CAP] = {0};
    int rc = SQLITE_DONE;

    for (size_t i = 0; i < engine->target_count; i++) {
        marks[i] = engine->targets[i]->rows->count;
    }
    engine->tables.from = from;
    engine->tables.to = to;
    engine->tables.result = ROWS_ADDED;
    for (size_t i = 0; rc == SQLITE_DONE && i < engine->statement_count; i++) {
        rc = sqlite3_step(engine->statements[i]);
        sqlite3_reset(engine->statements[i]);
    }
    if (rc == SQLITE_DONE) {
        return 0;
    }
    for (size_t i = 0; i < engine->target_count; i++) {
        rows_truncate(engine->targets[i]->rows, marks[i]);
    }
    return rc;
}

/* One record after the other, to find those on which the statements fail. */
static int run_singly(struct engine *engine, size_t good, struct engine_failures *failures)
{
    for (size_t i = 0; i < good; i++) {
        int rc = run_range(engine, i, i + 1);
        bool empty = true;
        if (rc == 0) {
            continue;
        }
        for (size_t t = 0; t < engine->target_count; t++) {
            empty = empty && engine->targets[t]->rows->count == 0;
        }
        if (engine->tables.result == ROWS_FULL && !(good == 1 && empty)) {
            return -ERROR_LIMIT;
        }
        if (engine->tables.result == ROWS_NO_MEMORY || (rc & 0xFF) == SQLITE_NOMEM) {
            return -ERROR_MEMORY;
        }
        if (engine->tables.result == ROWS_ADDED) {
            add_failure(failures, engine->tables.good[i], FAILURE_SQL, sqlite3_errmsg(engine->db));
        } else {
            add_failure(failures, engine->tables.good[i], FAILURE_ROW_TOO_LARGE,
                        "the row is larger than Firehose takes");
        }
    }
    return 0;
}

int engine_run(struct engine *engine, const struct str *records, size_t count, struct rows *const *rows,
               struct engine_failures *ret_failures)
{
    size_t marks[ENGINE_TARGETS_CAP] = {0};
    size_t good;
    int rc;

    ret_failures->count = 0;
    for (size_t i = 0; i < engine->target_count; i++) {
        engine->targets[i]->rows = rows[i];
        marks[i] = rows[i]->count;
    }
    engine->tables.values = engine->values;
    good = read_records(engine, records, count, ret_failures);
    rc = run_range(engine, 0, good);
    if (rc && engine->tables.result == ROWS_FULL && good > 1) {
        rc = -ERROR_LIMIT;
    } else if (rc) {
        rc = run_singly(engine, good, ret_failures);
    }
    for (size_t i = 0; i < engine->target_count; i++) {
        if (rc) {
            rows_truncate(rows[i], marks[i]);
        }
        engine->targets[i]->rows = NULL;
    }
    return rc;
}
