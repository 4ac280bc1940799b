/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/sql.h"

#include <stdlib.h>

#include "analytics/sql_reader.h"
#include "analytics/sql_select.h"
#include "lib/buf.h"

void sql_place(const char *text, size_t offset, size_t *line, size_t *column)
{
    for (size_t i = 0; i < offset && text[i]; i++) {
        if (text[i] == '\n') {
            ++*line;
            *column = 1;
        } else {
            ++*column;
        }
    }
}

/* `(a, b)` behind the table's name; nothing if there is none. */
static int read_column_list(struct sql_reader *reader, struct sql_statement *statement)
{
    size_t begin = reader->token.begin;
    int rc;

    if (!sql_sign_is(&reader->token, '(')) {
        return 0;
    }
    rc = sql_skip_parentheses(reader);
    if (rc) {
        return rc;
    }
    statement->columns = strndup(reader->file.ptr + begin, reader->token.begin - begin);
    return statement->columns ? 0 : error_set(reader->err, ERROR_MEMORY, false, "out of memory");
}

static int read_insert(struct sql_reader *reader, struct sql *sql)
{
    struct sql_statement *statement = &sql->statements[sql->statement_count];
    size_t begin = reader->token.begin;
    int rc;

    if (sql->statement_count == SQL_STATEMENTS_CAP) {
        return sql_refuse(reader, begin, "more than %d statements", SQL_STATEMENTS_CAP);
    }
    if ((rc = sql_next(reader)) || (rc = sql_take_word(reader, "INTO")) ||
        (rc = sql_take_name(reader, statement->target)) || (rc = read_column_list(reader, statement))) {
        return rc;
    }
    if (!sql_word_is(&reader->token, "SELECT")) {
        return sql_refuse(reader, reader->token.begin, "SELECT is expected here, not '%.*s'",
                          STR_ARG(reader->token.text));
    }
    statement->select = reader->token.begin - begin;
    if ((rc = sql_check_select(reader, sql))) {
        return rc;
    }
    statement->text = strndup(reader->copy + begin, reader->token.begin - begin);
    if (!statement->text) {
        return error_set(reader->err, ERROR_MEMORY, false, "out of memory");
    }
    statement->line = statement->column = 1;
    sql_place(reader->file.ptr, begin, &statement->line, &statement->column);
    sql->statement_count++;
    return 0;
}

/* A column's name in a stream's declaration, as the old service kept it: in upper case unless it is quoted.
 */
static int add_column_name(struct sql_reader *reader, struct buf *out, struct buf *names)
{
    size_t begin = reader->token.begin;
    bool quoted = reader->token.kind == SQL_TOKEN_QUOTED;
    char name[SQL_NAME_SIZE] = "";
    int rc = sql_take_name(reader, name);

    if (rc) {
        return rc;
    }
    for (char *c = name; *c; c++) {
        if (*c == '"') {
            return sql_refuse(reader, begin, "a column's name cannot hold a quote");
        }
        if (!quoted && *c >= 'a' && *c <= 'z') {
            *c = (char)(*c - 'a' + 'A');
        }
    }
    buf_addf(out, "\"%s\" ", name);
    buf_addf(names, "%s\"%s\"", names->len > 0 ? "," : "", name);
    return 0;
}

/* Behind the '(' of a stream's columns, or behind a comma: one column, and what ends it. */
static int read_stream_column(struct sql_reader *reader, struct buf *out, struct buf *names, bool *ret_last)
{
    int rc = add_column_name(reader, out, names);
    size_t begin = reader->token.begin;
    size_t end = begin;
    int depth = 0;

    while (rc == 0 &&
           (depth > 0 || (!sql_sign_is(&reader->token, ',') && !sql_sign_is(&reader->token, ')')))) {
        if (reader->token.kind == SQL_TOKEN_END) {
            return sql_refuse(reader, begin, "the stream's columns are not closed");
        }
        depth += sql_sign_is(&reader->token, '(') - sql_sign_is(&reader->token, ')');
        end = reader->token.end;
        rc = sql_next(reader);
    }
    if (rc) {
        return rc;
    }
    buf_add(out, reader->file.ptr + begin, end - begin);
    *ret_last = sql_sign_is(&reader->token, ')');
    if (!*ret_last) {
        buf_add_char(out, ',');
    }
    return sql_next(reader);
}

/* Behind CREATE OR REPLACE STREAM. */
static int read_stream(struct sql_reader *reader, struct sql *sql)
{
    struct sql_stream *stream = &sql->streams[sql->stream_count];
    struct buf columns;
    struct buf names;
    bool last = false;
    int rc;

    if (sql->stream_count == SQL_STATEMENTS_CAP) {
        return sql_refuse(reader, reader->token.begin, "more than %d streams", SQL_STATEMENTS_CAP);
    }
    if ((rc = sql_next(reader)) || (rc = sql_take_name(reader, stream->name))) {
        return rc;
    }
    if (!sql_sign_is(&reader->token, '(')) {
        return sql_refuse(reader, reader->token.begin,
                          "the stream's columns in parentheses are expected here");
    }
    buf_init(&columns, SQL_FILE_CAP);
    buf_init(&names, SQL_FILE_CAP);
    rc = sql_next(reader);
    while (rc == 0 && !last) {
        rc = read_stream_column(reader, &columns, &names, &last);
    }
    if (rc == 0 && reader->token.kind != SQL_TOKEN_END && !sql_sign_is(&reader->token, ';')) {
        rc = sql_refuse(reader, reader->token.begin, "a semicolon is expected here");
    }
    stream->columns = rc ? NULL : buf_take(&columns, NULL);
    stream->names = rc ? NULL : buf_take(&names, NULL);
    buf_done(&columns);
    buf_done(&names);
    if (rc == 0 && (!stream->columns || !stream->names)) {
        rc = error_set(reader->err, ERROR_MEMORY, false, "out of memory");
    }
    sql->stream_count += rc == 0;
    return rc;
}

/* Behind CREATE OR REPLACE PUMP: the name and AS, then an INSERT. */
static int read_pump(struct sql_reader *reader, struct sql *sql)
{
    char name[SQL_NAME_SIZE];
    int rc;

    if ((rc = sql_next(reader)) || (rc = sql_take_name(reader, name)) || (rc = sql_take_word(reader, "AS"))) {
        return rc;
    }
    if (!sql_word_is(&reader->token, "INSERT")) {
        return sql_refuse(reader, reader->token.begin, "INSERT is expected behind a pump's AS");
    }
    return read_insert(reader, sql);
}

static int read_statement(struct sql_reader *reader, struct sql *sql)
{
    int rc;

    if (sql_word_is(&reader->token, "INSERT")) {
        return read_insert(reader, sql);
    }
    if (sql_word_is(&reader->token, "CREATE")) {
        if ((rc = sql_next(reader))) {
            return rc;
        }
        if (sql_word_is(&reader->token, "OR") &&
            ((rc = sql_next(reader)) || (rc = sql_take_word(reader, "REPLACE")))) {
            return rc;
        }
        if (sql_word_is(&reader->token, "STREAM")) {
            return read_stream(reader, sql);
        }
        if (sql_word_is(&reader->token, "PUMP")) {
            return read_pump(reader, sql);
        }
    }
    return sql_refuse(
        reader, reader->token.begin,
        "a statement here is INSERT INTO table SELECT ... FROM SOURCE_SQL_STREAM_001 ..., not '%.*s'",
        STR_ARG(reader->token.text));
}

static int read_file(struct sql_reader *reader, struct sql *sql)
{
    int rc = sql_next(reader);

    while (rc == 0 && reader->token.kind != SQL_TOKEN_END) {
        if (sql_sign_is(&reader->token, ';')) {
            rc = sql_next(reader);
        } else {
            rc = read_statement(reader, sql);
        }
    }
    if (rc == 0 && sql->statement_count == 0) {
        rc = error_set(reader->err, ERROR_CONFIG, false, "there is no statement in it");
    }
    return rc;
}

int sql_read(struct str text, struct sql *ret, struct error *err)
{
    struct sql_reader reader = {.file = text, .err = err};
    int rc;

    *ret = (struct sql){0};
    if (text.len > SQL_FILE_CAP || memchr(text.ptr, '\0', text.len)) {
        return error_set(err, ERROR_CONFIG, false, "is no SQL text of at most %d bytes", SQL_FILE_CAP);
    }
    reader.copy = strndup(text.ptr, text.len);
    if (!reader.copy) {
        return error_set(err, ERROR_MEMORY, false, "out of memory");
    }
    rc = read_file(&reader, ret);
    free(reader.copy);
    if (rc) {
        sql_done(ret);
    }
    return rc;
}

void sql_done(struct sql *sql)
{
    for (size_t i = 0; i < SQL_STATEMENTS_CAP; i++) {
        free(sql->statements[i].text);
        free(sql->statements[i].columns);
        free(sql->streams[i].columns);
        free(sql->streams[i].names);
    }
    *sql = (struct sql){0};
}
