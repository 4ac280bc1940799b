/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/streams.h"

#include "lib/buf.h"

bool streams_is_step(const struct tables *tables, const struct sql *sql, const char *target)
{
    for (size_t i = 0; i < sql->stream_count; i++) {
        if (sql->streams[i].is_read && sqlite3_stricmp(sql->streams[i].name, target) == 0) {
            return !tables_find_target(tables, target);
        }
    }
    return false;
}

static int out_of_memory(struct error *err)
{
    return error_set(err, ERROR_MEMORY, false, "out of memory");
}

/* A mistake in a step is told where it stands, and not where the step is read. */
static int check_select(sqlite3 *db, const struct sql_statement *statement, struct error *err)
{
    sqlite3_stmt *prepared = NULL;
    int rc = sqlite3_prepare_v2(db, statement->text + statement->select, -1, &prepared, NULL);

    if (rc) {
        size_t line = statement->line;
        size_t column = statement->column;
        int offset = sqlite3_error_offset(db);
        sql_place(statement->text, statement->select + (offset > 0 ? (size_t)offset : 0), &line, &column);
        rc =
            error_set(err, ERROR_CONFIG, false, "line %zu, column %zu: %s", line, column, sqlite3_errmsg(db));
    }
    sqlite3_finalize(prepared);
    return rc;
}

/* Appends the SELECTs of all statements for the stream, each with its columns in the stream's order. */
static int add_selects(const struct sql *sql, const struct sql_stream *stream, struct buf *out,
                       struct error *err)
{
    const char *columns = NULL;
    size_t count = 0;

    for (size_t i = 0; i < sql->statement_count; i++) {
        const struct sql_statement *statement = &sql->statements[i];
        if (sqlite3_stricmp(statement->target, stream->name) != 0) {
            continue;
        }
        if (count > 0 && sqlite3_stricmp(columns, statement->columns ? statement->columns : "") != 0) {
            return error_set(
                err, ERROR_CONFIG, false,
                "line %zu, column %zu: all pumps into %s must name the same columns, since it is read "
                "by another one",
                statement->line, statement->column, stream->name);
        }
        columns = statement->columns ? statement->columns : "";
        if (count++ == 0 && statement->columns) {
            buf_add_str(out, statement->columns);
        } else if (count == 1) {
            buf_addf(out, "(%s)", stream->names);
        }
        /* On lines of their own, behind whatever comment the text ends with. */
        buf_addf(out, " %s\n%s\n", count == 1 ? "AS" : "UNION ALL", statement->text + statement->select);
    }
    return count > 0 ? 0
                     : error_set(err, ERROR_CONFIG, false,
                                 "stream %s: is read, but nothing is inserted into it", stream->name);
}

static int declare(sqlite3 *db, const char *text, const struct sql_stream *stream, struct error *err)
{
    if (!text) {
        return out_of_memory(err);
    }
    if (sqlite3_exec(db, text, NULL, NULL, NULL)) {
        return error_set(err, ERROR_CONFIG, false, "stream %s: %s", stream->name, sqlite3_errmsg(db));
    }
    return 0;
}

static int declare_step(sqlite3 *db, const struct sql *sql, const struct sql_stream *stream,
                        struct error *err)
{
    struct buf selects;
    char *text;
    int rc;

    buf_init(&selects, 2 * SQL_FILE_CAP);
    rc = add_selects(sql, stream, &selects, err);
    if (rc == 0) {
        rc = buf_error(&selects) ? out_of_memory(err) : 0;
    }
    if (rc == 0) {
        text = sqlite3_mprintf("CREATE TEMP VIEW \"%w\"%.*s", stream->name, (int)selects.len, selects.data);
        rc = declare(db, text, stream, err);
        sqlite3_free(text);
    }
    buf_done(&selects);
    return rc;
}

static int declare_destination(sqlite3 *db, const struct sql_stream *stream, struct error *err)
{
    char *text =
        sqlite3_mprintf("CREATE VIRTUAL TABLE \"%w\" USING firehose_json(%s)", stream->name, stream->columns);
    int rc = declare(db, text, stream, err);

    sqlite3_free(text);
    return rc;
}

int streams_declare(sqlite3 *db, const struct tables *tables, const struct sql *sql, struct error *err)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < sql->stream_count; i++) {
        const struct sql_stream *stream = &sql->streams[i];
        if (tables_find_target(tables, stream->name)) {
            continue;
        }
        rc = stream->is_read ? declare_step(db, sql, stream, err) : declare_destination(db, stream, err);
    }
    for (size_t i = 0; rc == 0 && i < sql->statement_count; i++) {
        if (streams_is_step(tables, sql, sql->statements[i].target)) {
            rc = check_select(db, &sql->statements[i], err);
        }
    }
    return rc;
}
