/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/columns.h"

#include <stdio.h>
#include <stdlib.h>

#include "analytics/number.h"
#include "analytics/scan.h"

/* Numeric text with escapes in it is resolved here; nobody writes longer numbers. */
enum { NUMERIC_TEXT_CAP = 512 };

/* One step of a path. Nodes form a tree by indices: members with the same parent are chained. */
struct node {
    char *name;
    size_t name_len;
    int column; /* index, or -1 for a step on the way */
    int child;  /* first one; -1: none */
    int next;
};

enum { NODES_CAP = 1024 };

struct columns {
    struct column *columns;
    size_t count;
    struct node *nodes; /* nodes[0] is the record itself ("$") */
    size_t node_count;
};

/* The SQL types that are known, with the range of the whole numbers. */
struct type_rule {
    const char *name;
    enum column_type type;
    int64_t min, max;
};

static const struct type_rule type_rules[] = {
    {"VARCHAR", COLUMN_TEXT, 0, 0},
    {"CHAR", COLUMN_TEXT, 0, 0},
    {"TEXT", COLUMN_TEXT, 0, 0},
    {"STRING", COLUMN_TEXT, 0, 0},
    {"TIMESTAMP", COLUMN_TEXT, 0, 0},
    {"DATE", COLUMN_TEXT, 0, 0},
    {"TIME", COLUMN_TEXT, 0, 0},
    {"TINYINT", COLUMN_WHOLE, INT8_MIN, INT8_MAX},
    {"SMALLINT", COLUMN_WHOLE, INT16_MIN, INT16_MAX},
    {"INTEGER", COLUMN_WHOLE, INT32_MIN, INT32_MAX},
    {"INT", COLUMN_WHOLE, INT32_MIN, INT32_MAX},
    {"BIGINT", COLUMN_WHOLE, INT64_MIN, INT64_MAX},
    {"DOUBLE", COLUMN_REAL, 0, 0},
    {"DOUBLE PRECISION", COLUMN_REAL, 0, 0},
    {"REAL", COLUMN_REAL, 0, 0},
    {"FLOAT", COLUMN_REAL, 0, 0},
    {"DECIMAL", COLUMN_REAL, 0, 0},
    {"NUMERIC", COLUMN_REAL, 0, 0},
    {"BOOLEAN", COLUMN_BOOL, 0, 0},
};

static const struct node *record_node(const struct columns *columns)
{
    return &columns->nodes[0];
}

struct columns *columns_new(void)
{
    struct columns *columns = calloc(1, sizeof(*columns));

    if (!columns) {
        return NULL;
    }
    columns->columns = calloc(COLUMNS_CAP, sizeof(*columns->columns));
    columns->nodes = calloc(NODES_CAP, sizeof(*columns->nodes));
    if (!columns->columns || !columns->nodes) {
        columns_free(columns);
        return NULL;
    }
    columns->nodes[0] = (struct node){.column = -1, .child = -1, .next = -1};
    columns->node_count = 1;
    return columns;
}

void columns_free(struct columns *columns)
{
    if (!columns) {
        return;
    }
    for (size_t i = 0; columns->columns && i < columns->count; i++) {
        free(columns->columns[i].name);
        free(columns->columns[i].sql_type);
    }
    for (size_t i = 0; columns->nodes && i < columns->node_count; i++) {
        free(columns->nodes[i].name);
    }
    free(columns->columns);
    free(columns->nodes);
    free(columns);
}

size_t columns_count(const struct columns *columns)
{
    return columns->count;
}

const struct column *columns_at(const struct columns *columns, size_t index)
{
    return &columns->columns[index];
}

/* --- declarations ----------------------------------------------------------------------------------------
 */

static struct str trim(struct str s)
{
    while (s.len > 0 && (unsigned char)s.ptr[0] <= ' ') {
        s = (struct str){s.ptr + 1, s.len - 1};
    }
    while (s.len > 0 && (unsigned char)s.ptr[s.len - 1] <= ' ') {
        s.len--;
    }
    return s;
}

static struct str skip(struct str s, size_t count)
{
    return (struct str){s.ptr + count, s.len - count};
}

bool columns_take_name(struct str *rest, struct str *ret_name)
{
    struct str s = trim(*rest);
    size_t len = 0;

    if (s.len > 0 && (s.ptr[0] == '"' || s.ptr[0] == '`')) {
        const char *quote = memchr(s.ptr + 1, s.ptr[0], s.len - 1);
        if (!quote) {
            return false;
        }
        *ret_name = (struct str){s.ptr + 1, (size_t)(quote - s.ptr) - 1};
        *rest = trim(skip(s, ret_name->len + 2));
        return ret_name->len > 0;
    }
    while (len < s.len && (unsigned char)s.ptr[len] > ' ' && s.ptr[len] != '\'' && s.ptr[len] != '(') {
        len++;
    }
    *ret_name = (struct str){s.ptr, len};
    *rest = trim(skip(s, len));
    return len > 0;
}

/* Cuts `'path'` off the end; *ret_path is empty if there is none. */
static bool take_path(struct str *rest, struct str *ret_path)
{
    const char *quote = rest->len ? memchr(rest->ptr, '\'', rest->len) : NULL;
    size_t before;

    *ret_path = (struct str){"", 0};
    if (!quote) {
        return true;
    }
    before = (size_t)(quote - rest->ptr);
    if (rest->len - before < 2 || rest->ptr[rest->len - 1] != '\'') {
        return false;
    }
    *ret_path = (struct str){quote + 1, rest->len - before - 2};
    *rest = trim((struct str){rest->ptr, before});
    return ret_path->len > 0;
}

/* The n of "VARCHAR(n)". */
static bool parse_length(struct str type, const char *paren, long long *ret)
{
    struct str inner = {paren + 1, (size_t)(type.ptr + type.len - paren) - 1};

    if (inner.len == 0 || inner.ptr[inner.len - 1] != ')') {
        return false;
    }
    inner.len--;
    return str_to_int64(trim(inner), 1, 1 << 30, ret);
}

bool columns_parse_type(struct str type, struct column *column)
{
    const char *paren = type.len ? memchr(type.ptr, '(', type.len) : NULL;
    struct str name = trim((struct str){type.ptr, paren ? (size_t)(paren - type.ptr) : type.len});
    long long cap = 0;

    for (size_t i = 0; i < ARRAY_LENGTH(type_rules); i++) {
        const struct type_rule *rule = &type_rules[i];
        if (!str_eq_nocase(str_of(rule->name), name)) {
            continue;
        }
        column->type = rule->type;
        column->min = rule->min;
        column->max = rule->max;
        if (paren && rule->type == COLUMN_TEXT && !parse_length(type, paren, &cap)) {
            return false;
        }
        column->text_cap = (size_t)cap;
        return true;
    }
    return false;
}

static int find_child(const struct columns *columns, int parent, struct str name)
{
    for (int i = columns->nodes[parent].child; i >= 0; i = columns->nodes[i].next) {
        if (str_eq((struct str){columns->nodes[i].name, columns->nodes[i].name_len}, name)) {
            return i;
        }
    }
    return -1;
}

/* A new node for `name` below `parent`, or -1. */
static int add_child(struct columns *columns, int parent, struct str name)
{
    struct node *node = &columns->nodes[columns->node_count];
    char *copy;

    if (columns->node_count == NODES_CAP) {
        return -1;
    }
    copy = strndup(name.ptr, name.len);
    if (!copy) {
        return -1;
    }
    *node = (struct node){copy, name.len, -1, -1, columns->nodes[parent].child};
    columns->nodes[parent].child = (int)columns->node_count;
    return (int)columns->node_count++;
}

/*
 * Puts the column's path into the tree. A second column at the same place gets its own node of the same name:
 * reading visits every node that fits.
 */
static int add_path(struct columns *columns, struct str path, int column, struct error *err)
{
    struct str rest = path;
    int at = 0;
    int depth = 0;

    if (rest.len < 2 || rest.ptr[0] != '$' || rest.ptr[1] != '.') {
        return error_set(err, ERROR_CONFIG, false, "path '%.*s' does not begin with $.", STR_ARG(path));
    }
    rest = skip(rest, 1);
    while (rest.len > 0) {
        const char *dot = memchr(rest.ptr + 1, '.', rest.len - 1);
        struct str name = {rest.ptr + 1, (dot ? (size_t)(dot - rest.ptr) : rest.len) - 1};
        int child;
        if (name.len == 0 || memchr(name.ptr, '[', name.len) || memchr(name.ptr, '*', name.len)) {
            return error_set(err, ERROR_CONFIG, false,
                             "path '%.*s': only members are supported, as in $.name.first", STR_ARG(path));
        }
        if (++depth > COLUMN_PATH_DEPTH_CAP) {
            return error_set(err, ERROR_CONFIG, false, "path '%.*s' is too deep", STR_ARG(path));
        }
        rest = skip(rest, name.len + 1);
        child = find_child(columns, at, name);
        if (child < 0 || (rest.len == 0 && columns->nodes[child].column >= 0)) {
            child = add_child(columns, at, name);
        }
        if (child < 0) {
            return error_set(err, ERROR_LIMIT, false, "too many columns");
        }
        at = child;
    }
    columns->nodes[at].column = column;
    return 0;
}

int columns_add(struct columns *columns, struct str declaration, struct error *err)
{
    struct column *column = &columns->columns[columns->count];
    struct str rest = trim(declaration);
    struct str name;
    struct str path;
    char member[300];
    int rc;

    if (columns->count == COLUMNS_CAP) {
        return error_set(err, ERROR_LIMIT, false, "more than %d columns", COLUMNS_CAP);
    }
    if (memchr(declaration.ptr, '\0', declaration.len) || !columns_take_name(&rest, &name) ||
        !take_path(&rest, &path) || !columns_parse_type(rest, column)) {
        return error_set(err, ERROR_CONFIG, false,
                         "column '%.*s' is not: name TYPE '$.path' (VARCHAR(n), INTEGER, BIGINT, DOUBLE, "
                         "BOOLEAN, TIMESTAMP, ...)",
                         STR_ARG(declaration));
    }
    if (path.len == 0) {
        snprintf(member, sizeof(member), "$.%.*s", STR_ARG(name));
        path = str_of(member);
    }
    rc = add_path(columns, path, (int)columns->count, err);
    if (rc) {
        return rc;
    }
    column->name = strndup(name.ptr, name.len);
    column->sql_type = strndup(rest.ptr, rest.len);
    columns->count++;
    return column->name && column->sql_type ? 0 : error_set(err, ERROR_MEMORY, false, "out of memory");
}

/* --- reading -----------------------------------------------------------------------------------------------
 */

size_t columns_cut(struct str text, size_t characters)
{
    size_t seen = 0;

    if (characters == 0 || text.len <= characters) {
        return text.len;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (((unsigned char)text.ptr[i] & 0xC0) != 0x80 && seen++ == characters) {
            return i;
        }
    }
    return text.len;
}

static bool bad_value(const struct column *column, const struct scan_value *from, const char *why,
                      char message[COLUMNS_MESSAGE_SIZE])
{
    struct str shown = {from->text.ptr, columns_cut(from->text, 40)};

    snprintf(message, COLUMNS_MESSAGE_SIZE, "column %s %s: %s%.*s%s %s", column->name, column->sql_type,
             from->kind == SCAN_STRING ? "\"" : "", STR_ARG(shown), from->kind == SCAN_STRING ? "\"" : "",
             why);
    return false;
}

static bool read_text(const struct column *column, const struct scan_value *from, struct value *ret)
{
    if (from->escaped) {
        *ret = (struct value){VALUE_ESCAPED_TEXT, {.text = from->text}};
    } else {
        *ret =
            (struct value){VALUE_TEXT, {.text = {from->text.ptr, columns_cut(from->text, column->text_cap)}}};
    }
    return true;
}

static bool read_bool(const struct column *column, const struct scan_value *from, struct value *ret,
                      char message[COLUMNS_MESSAGE_SIZE])
{
    bool is_true = from->kind == SCAN_TRUE;

    if (from->kind == SCAN_STRING) {
        is_true = str_eq_nocase(from->text, STR("true"));
        if (!is_true && !str_eq_nocase(from->text, STR("false"))) {
            return bad_value(column, from, "is neither true nor false", message);
        }
    } else if (!is_true && from->kind != SCAN_FALSE) {
        return bad_value(column, from, "is neither true nor false", message);
    }
    *ret = (struct value){VALUE_WHOLE, {.whole = is_true}};
    return true;
}

static bool read_numeric(const struct column *column, const struct scan_value *from, struct value *ret,
                         char message[COLUMNS_MESSAGE_SIZE])
{
    char plain[NUMERIC_TEXT_CAP];
    struct str text = from->text;
    int64_t whole;
    double real;

    if (from->kind != SCAN_NUMBER && from->kind != SCAN_STRING) {
        return bad_value(column, from, "is not a number", message);
    }
    if (from->escaped && text.len <= sizeof(plain)) {
        text = (struct str){plain, scan_unescape(text, plain)};
    }
    text = trim(text);
    if (column->type == COLUMN_REAL) {
        if (!number_parse_real(text, &real)) {
            return bad_value(column, from, "is not a number in range", message);
        }
        *ret = (struct value){VALUE_REAL, {.real = real}};
        return true;
    }
    if (!number_parse_whole(text, &whole) || whole < column->min || whole > column->max) {
        return bad_value(column, from, "is not a whole number in range", message);
    }
    *ret = (struct value){VALUE_WHOLE, {.whole = whole}};
    return true;
}

static bool read_value(const struct column *column, const struct scan_value *from, struct value *ret,
                       char message[COLUMNS_MESSAGE_SIZE])
{
    if (from->kind == SCAN_NULL) {
        *ret = (struct value){VALUE_NULL, {0}};
        return true;
    }
    switch (column->type) {
    case COLUMN_TEXT:
        return read_text(column, from, ret);
    case COLUMN_BOOL:
        return read_bool(column, from, ret, message);
    default:
        return read_numeric(column, from, ret, message);
    }
}

/* What a walk over one record carries along. */
struct reading {
    const struct columns *columns;
    struct scan scan;
    struct value *values;
    char *message;
    bool bad_value;
};

static void walk_object(struct reading *reading, const struct node *parent);

/* The value of a member whose name `node` and perhaps its later namesakes have. */
static void walk_member(struct reading *reading, const struct node *node)
{
    const struct columns *columns = reading->columns;
    struct scan before = reading->scan;
    struct scan_value value;

    if (node->column < 0 && scan_next_is(&reading->scan, '{')) {
        walk_object(reading, node);
        return;
    }
    if (!scan_value(&reading->scan, &value)) {
        return;
    }
    if (node->column >= 0 && !reading->bad_value &&
        !read_value(&columns->columns[node->column], &value, &reading->values[node->column],
                    reading->message)) {
        reading->bad_value = true;
    }
    if (node->child >= 0 && value.kind == SCAN_OBJECT) {
        reading->scan = before;
        walk_object(reading, node);
    }
}

static bool node_is(const struct node *node, const struct scan_value *key)
{
    return scan_text_is(key, (struct str){node->name, node->name_len});
}

static void walk_object(struct reading *reading, const struct node *parent)
{
    const struct node *nodes = reading->columns->nodes;
    struct scan *scan = &reading->scan;
    struct scan_value key;
    struct scan_value ignored;
    bool first = true;

    if (!scan_enter(scan, '{')) {
        return;
    }
    while (scan_member(scan, &first, &key)) {
        struct scan before = *scan;
        bool walked = false;
        for (int i = parent->child; i >= 0; i = nodes[i].next) {
            if (node_is(&nodes[i], &key)) {
                *scan = before;
                walk_member(reading, &nodes[i]);
                walked = true;
            }
        }
        if (!walked) {
            scan_value(scan, &ignored);
        }
    }
}

enum columns_result columns_read(const struct columns *columns, struct str record, struct value *ret_values,
                                 char message[COLUMNS_MESSAGE_SIZE])
{
    struct reading reading = {.columns = columns, .values = ret_values, .message = message};

    scan_init(&reading.scan, record);
    for (size_t i = 0; i < columns->count; i++) {
        ret_values[i] = (struct value){VALUE_NULL, {0}};
    }
    if (!scan_next_is(&reading.scan, '{')) {
        scan_fail(&reading.scan, record.len == 0 ? "record is empty" : "record is not a JSON object");
    }
    walk_object(&reading, record_node(columns));
    if (!scan_end(&reading.scan)) {
        snprintf(message, COLUMNS_MESSAGE_SIZE, "byte %zu: %s", scan_position(&reading.scan),
                 reading.scan.problem);
        return COLUMNS_BAD_JSON;
    }
    return reading.bad_value ? COLUMNS_BAD_VALUE : COLUMNS_OK;
}
