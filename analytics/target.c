/* SPDX-License-Identifier: Apache-2.0 */
/* firehose_json: what is inserted becomes one JSON object in the target's rows. */
#include <stdlib.h>

#include "analytics/number.h"
#include "analytics/tables.h"

static void target_free(struct target *target)
{
    if (target) {
        for (size_t i = 0; i < target->column_count; i++) {
            free(target->keys[i]);
        }
        free(target->name);
        free(target);
    }
}

/* `first VARCHAR(16)` or `first` alone. */
static bool parse_column(const char *declaration, struct str *ret_name, size_t *ret_text_cap)
{
    struct str rest = str_of(declaration);
    struct column type = {0};

    if (!columns_take_name(&rest, ret_name) || (rest.len > 0 && !columns_parse_type(rest, &type))) {
        return false;
    }
    *ret_text_cap = type.text_cap;
    return true;
}

static bool add_key(struct target *target, struct str name)
{
    struct buf key;
    size_t index = target->column_count;

    buf_init(&key, 6 * name.len + 16);
    buf_add_char(&key, index == 0 ? '{' : ',');
    buf_add_json_string(&key, name.ptr, name.len);
    buf_add_char(&key, ':');
    target->keys[index] = buf_take(&key, &target->key_lens[index]);
    target->column_count += target->keys[index] != NULL;
    return target->keys[index] != NULL;
}

static int read_columns(struct target *target, sqlite3 *db, int count, const char *const *declarations)
{
    sqlite3_str *text = sqlite3_str_new(db);
    char *sql;
    int rc;

    sqlite3_str_appendall(text, "CREATE TABLE target(");
    for (int i = 0; i < count; i++) {
        struct str name = {"", 0};
        char *copy = NULL;
        if (parse_column(declarations[i], &name, &target->text_caps[i])) {
            copy = strndup(name.ptr, name.len);
        }
        if (!copy || !add_key(target, name)) {
            free(copy);
            sqlite3_free(sqlite3_str_finish(text));
            return SQLITE_ERROR;
        }
        sqlite3_str_appendf(text, "%s\"%w\"", i ? ", " : "", copy);
        free(copy);
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

static int target_create(sqlite3 *db, void *ctx, int argc, const char *const *argv, sqlite3_vtab **ret,
                         char **ret_message)
{
    struct tables *tables = ctx;
    struct target *target;
    int rc;

    if (argc <= 3 || argc - 3 > COLUMNS_CAP) {
        *ret_message = sqlite3_mprintf("a firehose_json table needs 1 to %d columns", COLUMNS_CAP);
        return SQLITE_ERROR;
    }
    target = calloc(1, sizeof(*target));
    if (!target) {
        return SQLITE_NOMEM;
    }
    target->name = strdup(argv[2]);
    rc = target->name ? read_columns(target, db, argc - 3, argv + 3) : SQLITE_NOMEM;
    if (rc) {
        *ret_message = sqlite3_mprintf("the columns of %s are not name [SQL type], ...: %s", argv[2],
                                       sqlite3_errmsg(db));
        target_free(target);
        return rc;
    }
    target->tables = tables;
    target->next = tables->targets;
    tables->targets = target;
    *ret = &target->base;
    return SQLITE_OK;
}

static int target_disconnect(sqlite3_vtab *vtab)
{
    struct target *target = (struct target *)vtab;
    struct target **link = &target->tables->targets;

    while (*link && *link != target) {
        link = &(*link)->next;
    }
    if (*link) {
        *link = target->next;
    }
    target_free(target);
    return SQLITE_OK;
}

/* Rows leave through it; there is nothing to be read, and a query that tried would silently find nothing. */
static int target_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
    (void)info;
    vtab->zErrMsg = sqlite3_mprintf("%s is a destination and cannot be read", ((struct target *)vtab)->name);
    return SQLITE_ERROR;
}

static int target_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **ret)
{
    (void)vtab;
    (void)ret;
    return SQLITE_ERROR;
}

static void add_value(struct buf *row, sqlite3_value *value, size_t text_cap)
{
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        number_add_whole(row, sqlite3_value_int64(value));
        break;
    case SQLITE_FLOAT:
        number_add_real(row, sqlite3_value_double(value));
        break;
    case SQLITE_TEXT: {
        struct str text = {(const char *)sqlite3_value_text(value), 0};
        text.len = (size_t)sqlite3_value_bytes(value);
        buf_add_json_string(row, text.ptr, columns_cut(text, text_cap));
        break;
    }
    case SQLITE_BLOB:
        buf_add_char(row, '"');
        buf_add_base64(row, sqlite3_value_blob(value), (size_t)sqlite3_value_bytes(value));
        buf_add_char(row, '"');
        break;
    default:
        buf_add(row, "null", 4);
        break;
    }
}

static int target_update(sqlite3_vtab *vtab, int argc, sqlite3_value **argv, sqlite3_int64 *ret_rowid)
{
    struct target *target = (struct target *)vtab;
    struct tables *tables = target->tables;
    struct buf *row = &tables->row;

    if (argc < 2 || sqlite3_value_type(argv[0]) != SQLITE_NULL || !target->rows) {
        return SQLITE_READONLY;
    }
    buf_reset(row);
    for (size_t i = 0; i < target->column_count; i++) {
        buf_add(row, target->keys[i], target->key_lens[i]);
        add_value(row, argv[i + 2], target->text_caps[i]);
    }
    buf_add_char(row, '}');
    if (buf_error(row)) {
        tables->result = buf_error(row) == -ERROR_LIMIT ? ROWS_TOO_LARGE : ROWS_NO_MEMORY;
    } else {
        tables->result = rows_add(target->rows, buf_str(row));
    }
    *ret_rowid = 0;
    return tables->result == ROWS_ADDED ? SQLITE_OK : SQLITE_FULL;
}

const sqlite3_module target_module = {
    .iVersion = 1,
    .xCreate = target_create,
    .xConnect = target_create,
    .xBestIndex = target_best_index,
    .xDisconnect = target_disconnect,
    .xDestroy = target_disconnect,
    .xOpen = target_open,
    .xUpdate = target_update,
};

struct target *tables_find_target(const struct tables *tables, const char *name)
{
    for (struct target *target = tables->targets; target; target = target->next) {
        if (sqlite3_stricmp(target->name, name) == 0) {
            return target;
        }
    }
    return NULL;
}

int tables_register(struct tables *tables, sqlite3 *db)
{
    int rc = sqlite3_create_module_v2(db, "kinesis_json", &source_module, tables, NULL);

    return rc ? rc : sqlite3_create_module_v2(db, "firehose_json", &target_module, tables, NULL);
}
