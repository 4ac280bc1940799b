/* SPDX-License-Identifier: Apache-2.0 */
/* kinesis_json: the records of the slice as rows. */
#include <stdlib.h>

#include "analytics/scan.h"
#include "analytics/tables.h"

struct source {
    sqlite3_vtab base;
    struct tables *tables;
};

struct cursor {
    sqlite3_vtab_cursor base;
    size_t at; /* index into tables->good */
};

static struct tables *tables_of(sqlite3_vtab_cursor *cursor)
{
    return ((struct source *)cursor->pVtab)->tables;
}

static int read_columns(struct tables *tables, int count, const char *const *declarations, char **ret_message)
{
    struct error err = {0};

    for (int i = 0; i < count; i++) {
        if (columns_add(tables->columns, str_of(declarations[i]), &err)) {
            *ret_message = sqlite3_mprintf("%s", err.message);
            return SQLITE_ERROR;
        }
    }
    return SQLITE_OK;
}

static int declare(sqlite3 *db, const struct columns *columns)
{
    sqlite3_str *text = sqlite3_str_new(db);
    char *sql;
    int rc;

    sqlite3_str_appendall(text, "CREATE TABLE source(");
    for (size_t i = 0; i < columns_count(columns); i++) {
        const struct column *column = columns_at(columns, i);
        sqlite3_str_appendf(text, "%s\"%w\" %s", i ? ", " : "", column->name, column->sql_type);
    }
    sqlite3_str_appendall(text, ")");
    sql = sqlite3_str_finish(text);
    if (!sql) {
        return SQLITE_NOMEM;
    }
    rc = sqlite3_declare_vtab(db, sql);
    sqlite3_free(sql);
    return rc;
}

static int source_create(sqlite3 *db, void *ctx, int argc, const char *const *argv, sqlite3_vtab **ret,
                         char **ret_message)
{
    struct tables *tables = ctx;
    struct source *source;
    int rc;

    if (tables->source_name) {
        *ret_message = sqlite3_mprintf("there is a kinesis_json table already: %s", tables->source_name);
        return SQLITE_ERROR;
    }
    if (argc <= 3) {
        *ret_message = sqlite3_mprintf("a kinesis_json table needs columns");
        return SQLITE_ERROR;
    }
    rc = read_columns(tables, argc - 3, argv + 3, ret_message);
    if (rc == SQLITE_OK) {
        rc = declare(db, tables->columns);
    }
    if (rc) {
        return rc;
    }
    source = calloc(1, sizeof(*source));
    tables->source_name = strdup(argv[2]);
    if (!source || !tables->source_name) {
        free(source);
        return SQLITE_NOMEM;
    }
    source->tables = tables;
    *ret = &source->base;
    return SQLITE_OK;
}

static int source_disconnect(sqlite3_vtab *vtab)
{
    free(vtab);
    return SQLITE_OK;
}

static int source_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
    (void)vtab;
    info->estimatedCost = ENGINE_SLICE_CAP;
    info->estimatedRows = ENGINE_SLICE_CAP;
    return SQLITE_OK;
}

static int source_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **ret)
{
    struct cursor *cursor = calloc(1, sizeof(*cursor));

    (void)vtab;
    if (!cursor) {
        return SQLITE_NOMEM;
    }
    *ret = &cursor->base;
    return SQLITE_OK;
}

static int source_close(sqlite3_vtab_cursor *cursor)
{
    free(cursor);
    return SQLITE_OK;
}

static int source_filter(sqlite3_vtab_cursor *cursor, int index, const char *index_name, int argc,
                         sqlite3_value **argv)
{
    (void)index;
    (void)index_name;
    (void)argc;
    (void)argv;
    ((struct cursor *)cursor)->at = tables_of(cursor)->from;
    return SQLITE_OK;
}

static int source_next(sqlite3_vtab_cursor *cursor)
{
    ((struct cursor *)cursor)->at++;
    return SQLITE_OK;
}

static int source_eof(sqlite3_vtab_cursor *cursor)
{
    return ((struct cursor *)cursor)->at >= tables_of(cursor)->to;
}

/* The text is resolved only here: most records are filtered out before their names are asked for. */
static void result_escaped(sqlite3_context *context, const struct column *column, struct str text)
{
    char *plain = malloc(text.len + 1);
    size_t len;

    if (!plain) {
        sqlite3_result_error_nomem(context);
        return;
    }
    len = scan_unescape(text, plain);
    len = columns_cut((struct str){plain, len}, column->text_cap);
    sqlite3_result_text64(context, plain, len, free, SQLITE_UTF8);
}

static int source_column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int index)
{
    struct tables *tables = tables_of(cursor);
    size_t record = tables->good[((struct cursor *)cursor)->at];
    const struct value *value = &tables->values[record * columns_count(tables->columns) + (size_t)index];

    switch (value->kind) {
    case VALUE_WHOLE:
        sqlite3_result_int64(context, value->as.whole);
        break;
    case VALUE_REAL:
        sqlite3_result_double(context, value->as.real);
        break;
    case VALUE_TEXT: /* the slice's bytes stay where they are for the whole run */
        sqlite3_result_text64(context, value->as.text.ptr, value->as.text.len, SQLITE_STATIC, SQLITE_UTF8);
        break;
    case VALUE_ESCAPED_TEXT:
        result_escaped(context, columns_at(tables->columns, (size_t)index), value->as.text);
        break;
    case VALUE_NULL:
        break;
    }
    return SQLITE_OK;
}

static int source_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *ret)
{
    *ret = (sqlite3_int64)tables_of(cursor)->good[((struct cursor *)cursor)->at];
    return SQLITE_OK;
}

const sqlite3_module source_module = {
    .iVersion = 1,
    .xCreate = source_create,
    .xConnect = source_create,
    .xBestIndex = source_best_index,
    .xDisconnect = source_disconnect,
    .xDestroy = source_disconnect,
    .xOpen = source_open,
    .xClose = source_close,
    .xFilter = source_filter,
    .xNext = source_next,
    .xEof = source_eof,
    .xColumn = source_column,
    .xRowid = source_rowid,
};
