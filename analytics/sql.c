/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/sql.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/buf.h"

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_QUOTED, TOKEN_TEXT, TOKEN_OTHER };

struct token {
    enum token_kind kind;
    struct str text; /* TOKEN_QUOTED: without its quotes */
    size_t begin;
    size_t end;
};

struct reader {
    struct str file;
    char *copy; /* of the file, in which wrappings are blanked */
    size_t at;
    struct token token; /* the current one */
    struct error *err;
};

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || (unsigned char)c >= 0x80;
}

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

static int refuse(const struct reader *reader, size_t offset, const char *format, ...) PRINTF_LIKE(3, 4);

static int refuse(const struct reader *reader, size_t offset, const char *format, ...)
{
    size_t line = 1;
    size_t column = 1;
    char reason[300];
    va_list args;

    va_start(args, format);
    vsnprintf(reason, sizeof(reason), format, args);
    va_end(args);
    sql_place(reader->file.ptr, offset, &line, &column);
    return error_set(reader->err, ERROR_CONFIG, false, "line %zu, column %zu: %s", line, column, reason);
}

/* Skips white space and comments. */
static void skip_blank(struct reader *reader)
{
    const char *p = reader->file.ptr;
    size_t len = reader->file.len;
    size_t i = reader->at;

    while (i < len) {
        if ((unsigned char)p[i] <= ' ') {
            i++;
        } else if (i + 1 < len && p[i] == '-' && p[i + 1] == '-') {
            while (i < len && p[i] != '\n') {
                i++;
            }
        } else if (i + 1 < len && p[i] == '/' && p[i + 1] == '*') {
            const char *close = memmem(p + i + 2, len - i - 2, "*/", 2);
            i = close ? (size_t)(close - p) + 2 : len;
        } else {
            break;
        }
    }
    reader->at = i;
}

/* The place behind a quoted token that begins at `begin`; a doubled quote does not end it. */
static size_t quoted_end(const struct reader *reader, size_t begin)
{
    const char *p = reader->file.ptr;
    char close = p[begin] == '[' ? ']' : p[begin];
    size_t i = begin + 1;

    while (i < reader->file.len) {
        if (p[i] == close && i + 1 < reader->file.len && p[i + 1] == close) {
            i += 2;
        } else if (p[i] == close) {
            return i + 1;
        } else {
            i++;
        }
    }
    return 0;
}

static int next_token(struct reader *reader)
{
    const char *p = reader->file.ptr;
    struct token *token = &reader->token;
    size_t begin;
    size_t end;

    skip_blank(reader);
    begin = end = reader->at;
    if (begin == reader->file.len) {
        *token = (struct token){TOKEN_END, {"", 0}, begin, begin};
        return 0;
    }
    if (p[begin] == '\'' || p[begin] == '"' || p[begin] == '`' || p[begin] == '[') {
        end = quoted_end(reader, begin);
        if (end == 0) {
            return refuse(reader, begin, "a quote is not closed");
        }
        *token = (struct token){
            p[begin] == '\'' ? TOKEN_TEXT : TOKEN_QUOTED, {p + begin + 1, end - begin - 2}, begin, end};
    } else if (is_word_byte(p[begin])) {
        while (end < reader->file.len && is_word_byte(p[end])) {
            end++;
        }
        *token = (struct token){TOKEN_WORD, {p + begin, end - begin}, begin, end};
    } else {
        end++;
        *token = (struct token){TOKEN_OTHER, {p + begin, 1}, begin, end};
    }
    reader->at = end;
    return 0;
}

static bool word_is(const struct token *token, const char *word)
{
    return token->kind == TOKEN_WORD && str_eq_nocase(token->text, str_of(word));
}

static bool sign_is(const struct token *token, char c)
{
    return token->kind == TOKEN_OTHER && token->text.ptr[0] == c;
}

static void blank(struct reader *reader, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        if (reader->copy[i] != '\n') {
            reader->copy[i] = ' ';
        }
    }
}

static int take_word(struct reader *reader, const char *word)
{
    if (!word_is(&reader->token, word)) {
        return refuse(reader, reader->token.begin, "%s is expected here, not '%.*s'", word,
                      STR_ARG(reader->token.text));
    }
    return next_token(reader);
}

static int take_name(struct reader *reader, char out[SQL_NAME_SIZE])
{
    const struct token *token = &reader->token;

    if ((token->kind != TOKEN_WORD && token->kind != TOKEN_QUOTED) || token->text.len == 0 ||
        token->text.len >= SQL_NAME_SIZE) {
        return refuse(reader, token->begin, "a name of 1 to %d characters is expected here",
                      SQL_NAME_SIZE - 1);
    }
    memcpy(out, token->text.ptr, token->text.len);
    out[token->text.len] = '\0';
    return next_token(reader);
}

/* At '(': goes behind the matching ')'. */
static int skip_parentheses(struct reader *reader)
{
    size_t begin = reader->token.begin;
    int depth = 0;
    int rc;

    do {
        depth += sign_is(&reader->token, '(') - sign_is(&reader->token, ')');
        if (reader->token.kind == TOKEN_END) {
            return refuse(reader, begin, "a parenthesis is not closed");
        }
        rc = next_token(reader);
        if (rc) {
            return rc;
        }
    } while (depth > 0);
    return 0;
}

/* --- what only one record at a time allows
 * ------------------------------------------------------------------ */

static const char *const batch_words[] = {"GROUP", "HAVING", "DISTINCT", "JOIN",     "LIMIT",
                                          "ORDER", "WINDOW", "EXCEPT",   "INTERSECT"};
static const char *const aggregates[] = {"COUNT",
                                         "SUM",
                                         "AVG",
                                         "TOTAL",
                                         "GROUP_CONCAT",
                                         "STRING_AGG",
                                         "JSON_GROUP_ARRAY",
                                         "JSON_GROUP_OBJECT",
                                         "JSONB_GROUP_ARRAY",
                                         "JSONB_GROUP_OBJECT",
                                         "MEDIAN",
                                         "PERCENTILE",
                                         "PERCENTILE_CONT",
                                         "PERCENTILE_DISC",
                                         "STDDEV_POP",
                                         "STDDEV_SAMP",
                                         "VAR_POP",
                                         "VAR_SAMP",
                                         "FIRST_VALUE",
                                         "LAST_VALUE",
                                         "TUMBLE",
                                         "HOP",
                                         "STEP"};

static bool in_list(const struct token *token, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (word_is(token, list[i])) {
            return true;
        }
    }
    return false;
}

/* True if the parenthesis that follows the current MIN or MAX holds a single argument. */
static bool has_one_argument(const struct reader *reader)
{
    struct reader ahead = *reader;
    int depth = 0;

    ahead.err = NULL;
    do {
        if (next_token(&ahead) || ahead.token.kind == TOKEN_END) {
            return true;
        }
        depth += sign_is(&ahead.token, '(') - sign_is(&ahead.token, ')');
        if (depth == 1 && sign_is(&ahead.token, ',')) {
            return false;
        }
    } while (depth > 0);
    return true;
}

static bool is_call(const struct reader *reader)
{
    struct reader ahead = *reader;

    ahead.err = NULL;
    return next_token(&ahead) == 0 && sign_is(&ahead.token, '(');
}

static int refuse_batch(const struct reader *reader)
{
    return refuse(reader, reader->token.begin,
                  "%.*s would look at one batch only, whose limits are an accident of timing; "
                  "run this query on Apache Flink (docs/sql.md)",
                  STR_ARG(reader->token.text));
}

/* The current token, with the two before it, as part of a SELECT. */
static int check_token(const struct reader *reader, const struct token *before,
                       const struct token *before_that)
{
    const struct token *token = &reader->token;

    if (token->kind != TOKEN_WORD || sign_is(before, '.')) {
        return 0;
    }
    if (in_list(token, batch_words, ARRAY_LENGTH(batch_words))) {
        return refuse_batch(reader);
    }
    if (word_is(token, "OVER") && sign_is(before, ')')) {
        return refuse_batch(reader);
    }
    if (in_list(token, aggregates, ARRAY_LENGTH(aggregates)) && is_call(reader)) {
        return refuse_batch(reader);
    }
    if ((word_is(token, "MIN") || word_is(token, "MAX")) && is_call(reader) && has_one_argument(reader)) {
        return refuse_batch(reader);
    }
    if (word_is(token, "UNION")) {
        struct reader ahead = *reader;
        if (next_token(&ahead) || !word_is(&ahead.token, "ALL")) {
            return refuse_batch(reader);
        }
    }
    if (word_is(token, "SELECT") && !word_is(before, "ALL") &&
        !(sign_is(before, '(') && word_is(before_that, "FROM"))) {
        return refuse(reader, token->begin,
                      "a SELECT inside an expression would look at one batch only; "
                      "run this query on Apache Flink (docs/sql.md)");
    }
    return 0;
}

/* Behind a FROM: a second table after a comma is a join. */
static int check_from(const struct reader *reader)
{
    struct reader ahead = *reader;
    int depth = 0;

    ahead.err = NULL;
    for (;;) {
        if (next_token(&ahead) || ahead.token.kind == TOKEN_END || sign_is(&ahead.token, ';') ||
            word_is(&ahead.token, "WHERE") || word_is(&ahead.token, "UNION")) {
            return 0;
        }
        depth += sign_is(&ahead.token, '(') - sign_is(&ahead.token, ')');
        if (depth < 0) {
            return 0;
        }
        if (depth == 0 && sign_is(&ahead.token, ',')) {
            return refuse(reader, ahead.token.begin,
                          "a second table would be joined within one batch only; "
                          "run this query on Apache Flink (docs/sql.md)");
        }
    }
}

/* At a FROM: a stream that was declared before and is named here is read. */
static void note_read(const struct reader *reader, struct sql *sql)
{
    struct reader ahead = *reader;

    ahead.err = NULL;
    if (next_token(&ahead) || (ahead.token.kind != TOKEN_WORD && ahead.token.kind != TOKEN_QUOTED)) {
        return;
    }
    for (size_t i = 0; i < sql->stream_count; i++) {
        struct sql_stream *stream = &sql->streams[i];
        stream->is_read = stream->is_read || str_eq_nocase(ahead.token.text, str_of(stream->name));
    }
}

/* At the first SELECT: goes to the statement's end, a semicolon or the file's. */
static int check_select(struct reader *reader, struct sql *sql)
{
    struct token before = {.kind = TOKEN_OTHER, .text = STR(" ")};
    struct token before_that = before;
    bool first = true;
    int rc = 0;

    while (reader->token.kind != TOKEN_END && !sign_is(&reader->token, ';')) {
        if (word_is(&before, "SELECT") && word_is(&reader->token, "STREAM")) {
            blank(reader, reader->token.begin, reader->token.end);
        } else if (word_is(&reader->token, "FROM")) {
            rc = check_from(reader);
            note_read(reader, sql);
        } else if (!first) {
            rc = check_token(reader, &before, &before_that);
        }
        if (rc) {
            return rc;
        }
        first = false;
        before_that = before;
        before = reader->token;
        rc = next_token(reader);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

/* --- statements
 * --------------------------------------------------------------------------------------------- */

/* `(a, b)` behind the table's name; nothing if there is none. */
static int read_column_list(struct reader *reader, struct sql_statement *statement)
{
    size_t begin = reader->token.begin;
    int rc;

    if (!sign_is(&reader->token, '(')) {
        return 0;
    }
    rc = skip_parentheses(reader);
    if (rc) {
        return rc;
    }
    statement->columns = strndup(reader->file.ptr + begin, reader->token.begin - begin);
    return statement->columns ? 0 : error_set(reader->err, ERROR_MEMORY, false, "out of memory");
}

static int read_insert(struct reader *reader, struct sql *sql)
{
    struct sql_statement *statement = &sql->statements[sql->statement_count];
    size_t begin = reader->token.begin;
    int rc;

    if (sql->statement_count == SQL_STATEMENTS_CAP) {
        return refuse(reader, begin, "more than %d statements", SQL_STATEMENTS_CAP);
    }
    if ((rc = next_token(reader)) || (rc = take_word(reader, "INTO")) ||
        (rc = take_name(reader, statement->target)) || (rc = read_column_list(reader, statement))) {
        return rc;
    }
    if (!word_is(&reader->token, "SELECT")) {
        return refuse(reader, reader->token.begin, "SELECT is expected here, not '%.*s'",
                      STR_ARG(reader->token.text));
    }
    statement->select = reader->token.begin - begin;
    if ((rc = check_select(reader, sql))) {
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
static int add_column_name(struct reader *reader, struct buf *out, struct buf *names)
{
    size_t begin = reader->token.begin;
    bool quoted = reader->token.kind == TOKEN_QUOTED;
    char name[SQL_NAME_SIZE] = "";
    int rc = take_name(reader, name);

    if (rc) {
        return rc;
    }
    for (char *c = name; *c; c++) {
        if (*c == '"') {
            return refuse(reader, begin, "a column's name cannot hold a quote");
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
static int read_stream_column(struct reader *reader, struct buf *out, struct buf *names, bool *ret_last)
{
    int rc = add_column_name(reader, out, names);
    size_t begin = reader->token.begin;
    size_t end = begin;
    int depth = 0;

    while (rc == 0 && (depth > 0 || (!sign_is(&reader->token, ',') && !sign_is(&reader->token, ')')))) {
        if (reader->token.kind == TOKEN_END) {
            return refuse(reader, begin, "the stream's columns are not closed");
        }
        depth += sign_is(&reader->token, '(') - sign_is(&reader->token, ')');
        end = reader->token.end;
        rc = next_token(reader);
    }
    if (rc) {
        return rc;
    }
    buf_add(out, reader->file.ptr + begin, end - begin);
    *ret_last = sign_is(&reader->token, ')');
    if (!*ret_last) {
        buf_add_char(out, ',');
    }
    return next_token(reader);
}

/* Behind CREATE OR REPLACE STREAM. */
static int read_stream(struct reader *reader, struct sql *sql)
{
    struct sql_stream *stream = &sql->streams[sql->stream_count];
    struct buf columns;
    struct buf names;
    bool last = false;
    int rc;

    if (sql->stream_count == SQL_STATEMENTS_CAP) {
        return refuse(reader, reader->token.begin, "more than %d streams", SQL_STATEMENTS_CAP);
    }
    if ((rc = next_token(reader)) || (rc = take_name(reader, stream->name))) {
        return rc;
    }
    if (!sign_is(&reader->token, '(')) {
        return refuse(reader, reader->token.begin, "the stream's columns in parentheses are expected here");
    }
    buf_init(&columns, SQL_FILE_CAP);
    buf_init(&names, SQL_FILE_CAP);
    rc = next_token(reader);
    while (rc == 0 && !last) {
        rc = read_stream_column(reader, &columns, &names, &last);
    }
    if (rc == 0 && reader->token.kind != TOKEN_END && !sign_is(&reader->token, ';')) {
        rc = refuse(reader, reader->token.begin, "a semicolon is expected here");
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
static int read_pump(struct reader *reader, struct sql *sql)
{
    char name[SQL_NAME_SIZE];
    int rc;

    if ((rc = next_token(reader)) || (rc = take_name(reader, name)) || (rc = take_word(reader, "AS"))) {
        return rc;
    }
    if (!word_is(&reader->token, "INSERT")) {
        return refuse(reader, reader->token.begin, "INSERT is expected behind a pump's AS");
    }
    return read_insert(reader, sql);
}

static int read_statement(struct reader *reader, struct sql *sql)
{
    int rc;

    if (word_is(&reader->token, "INSERT")) {
        return read_insert(reader, sql);
    }
    if (word_is(&reader->token, "CREATE")) {
        if ((rc = next_token(reader))) {
            return rc;
        }
        if (word_is(&reader->token, "OR") &&
            ((rc = next_token(reader)) || (rc = take_word(reader, "REPLACE")))) {
            return rc;
        }
        if (word_is(&reader->token, "STREAM")) {
            return read_stream(reader, sql);
        }
        if (word_is(&reader->token, "PUMP")) {
            return read_pump(reader, sql);
        }
    }
    return refuse(
        reader, reader->token.begin,
        "a statement here is INSERT INTO table SELECT ... FROM SOURCE_SQL_STREAM_001 ..., not '%.*s'",
        STR_ARG(reader->token.text));
}

static int read_file(struct reader *reader, struct sql *sql)
{
    int rc = next_token(reader);

    while (rc == 0 && reader->token.kind != TOKEN_END) {
        if (sign_is(&reader->token, ';')) {
            rc = next_token(reader);
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
    struct reader reader = {.file = text, .err = err};
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
