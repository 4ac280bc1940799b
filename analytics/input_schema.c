/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/input_schema.h"

#include "lib/json.h"

#define DEFAULT_PREFIX "SOURCE_SQL_STREAM"
/* The service numbered the streams of an input's parallelism; there was always a first one. */
#define STREAM_NUMBER "_001"
#define ROW_PATH "RecordFormat.MappingParameters.JSONMappingParameters.RecordRowPath"

bool input_schema_is(struct str text)
{
    size_t i = 0;

    while (i < text.len && (unsigned char)text.ptr[i] <= ' ') {
        i++;
    }
    return i < text.len && text.ptr[i] == '{';
}

static int refuse(struct error *err, const char *reason, const char *value)
{
    return error_set(err, ERROR_CONFIG, false, "%s%s%s", reason, value ? ": " : "", value ? value : "");
}

/* What the table's declaration quotes; the declaration has no escapes for these. */
static bool is_plain(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < ' ' || *text == '"' || *text == '\'') {
            return false;
        }
    }
    return true;
}

static int check_format(const cJSON *schema, struct error *err)
{
    const char *type = json_string(json_get(schema, "RecordFormat"), "RecordFormatType");
    const char *encoding = json_string(schema, "RecordEncoding");
    const cJSON *row_path = json_path(schema, ROW_PATH);

    if (!type || strcmp(type, "JSON") != 0) {
        return refuse(err, "only the RecordFormatType JSON can be read", type ? type : "there is none");
    }
    if (encoding && strcmp(encoding, "UTF-8") != 0) {
        return refuse(err, "only the RecordEncoding UTF-8 can be read", encoding);
    }
    if (row_path && (!cJSON_IsString(row_path) || strcmp(row_path->valuestring, "$") != 0)) {
        return refuse(err, "only the RecordRowPath $ can be read, one row a record",
                      cJSON_IsString(row_path) ? row_path->valuestring : NULL);
    }
    return 0;
}

static int add_column(struct buf *out, const cJSON *column, bool first, struct error *err)
{
    const char *name = json_string(column, "Name");
    const char *type = json_string(column, "SqlType");
    const char *mapping = json_string(column, "Mapping");

    if (!name || name[0] == '\0' || !type || !is_plain(name) || !is_plain(type)) {
        return refuse(err, "a column needs Name and SqlType, without quotes", name);
    }
    if (mapping && !is_plain(mapping)) {
        return refuse(err, "a Mapping with quotes cannot be read", mapping);
    }
    /* A bare table would take the comma or the parenthesis for its own. */
    if (strpbrk(type, ",;") && !strchr(type, '(')) {
        return refuse(err, "this is no SqlType", type);
    }
    buf_addf(out, "%s\n    \"%s\" %s", first ? "" : ",", name, type);
    if (mapping) {
        buf_addf(out, " '%s'", mapping);
    }
    return 0;
}

int input_schema_to_sql(struct str json, struct buf *out, struct error *err)
{
    cJSON *root = json_parse(json.ptr, json.len, err);
    const cJSON *schema = json_get(root, "InputSchema");
    const char *prefix = json_string(root, "NamePrefix");
    const cJSON *columns;
    const cJSON *column;
    int rc;

    if (!root) {
        return -(int)err->code;
    }
    schema = schema ? schema : root;
    columns = json_get(schema, "RecordColumns");
    rc = check_format(schema, err);
    if (rc == 0 && (!cJSON_IsArray(columns) || !columns->child)) {
        rc = refuse(err, "there are no RecordColumns in it", NULL);
    }
    if (rc == 0 && prefix && !is_plain(prefix)) {
        rc = refuse(err, "a NamePrefix with quotes cannot be read", prefix);
    }
    buf_addf(out, "CREATE VIRTUAL TABLE \"%s" STREAM_NUMBER "\" USING kinesis_json(",
             prefix ? prefix : DEFAULT_PREFIX);
    if (rc == 0) {
        cJSON_ArrayForEach(column, columns)
        {
            rc = rc ? rc : add_column(out, column, column == columns->child, err);
        }
    }
    buf_add_str(out, ");\n");
    cJSON_Delete(root);
    return rc               ? rc
           : buf_error(out) ? error_set(err, ERROR_LIMIT, false, "there are too many columns in it")
                            : 0;
}
