/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/sql_select.h"

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

static bool in_list(const struct sql_token *token, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (sql_word_is(token, list[i])) {
            return true;
        }
    }
    return false;
}

/* True if the parenthesis that follows the current MIN or MAX holds a single argument. */
static bool has_one_argument(const struct sql_reader *reader)
{
    struct sql_reader ahead = *reader;
    int depth = 0;

    ahead.err = NULL;
    do {
        if (sql_next(&ahead) || ahead.token.kind == SQL_TOKEN_END) {
            return true;
        }
        depth += sql_sign_is(&ahead.token, '(') - sql_sign_is(&ahead.token, ')');
        if (depth == 1 && sql_sign_is(&ahead.token, ',')) {
            return false;
        }
    } while (depth > 0);
    return true;
}

static bool is_call(const struct sql_reader *reader)
{
    struct sql_reader ahead = *reader;

    ahead.err = NULL;
    return sql_next(&ahead) == 0 && sql_sign_is(&ahead.token, '(');
}

static int refuse_batch(const struct sql_reader *reader)
{
    return sql_refuse(reader, reader->token.begin,
                      "%.*s would look at one batch only, whose limits are an accident of timing; "
                      "run this query on Apache Flink (docs/sql.md)",
                      STR_ARG(reader->token.text));
}

/* The current token, with the two before it, as part of a SELECT. */
static int check_token(const struct sql_reader *reader, const struct sql_token *before,
                       const struct sql_token *before_that)
{
    const struct sql_token *token = &reader->token;

    if (token->kind != SQL_TOKEN_WORD || sql_sign_is(before, '.')) {
        return 0;
    }
    if (in_list(token, batch_words, ARRAY_LENGTH(batch_words))) {
        return refuse_batch(reader);
    }
    if (sql_word_is(token, "OVER") && sql_sign_is(before, ')')) {
        return refuse_batch(reader);
    }
    if (in_list(token, aggregates, ARRAY_LENGTH(aggregates)) && is_call(reader)) {
        return refuse_batch(reader);
    }
    if ((sql_word_is(token, "MIN") || sql_word_is(token, "MAX")) && is_call(reader) &&
        has_one_argument(reader)) {
        return refuse_batch(reader);
    }
    if (sql_word_is(token, "UNION")) {
        struct sql_reader ahead = *reader;
        if (sql_next(&ahead) || !sql_word_is(&ahead.token, "ALL")) {
            return refuse_batch(reader);
        }
    }
    if (sql_word_is(token, "SELECT") && !sql_word_is(before, "ALL") &&
        !(sql_sign_is(before, '(') && sql_word_is(before_that, "FROM"))) {
        return sql_refuse(reader, token->begin,
                          "a SELECT inside an expression would look at one batch only; "
                          "run this query on Apache Flink (docs/sql.md)");
    }
    return 0;
}

/* Behind a FROM: a second table after a comma is a join. */
static int check_from(const struct sql_reader *reader)
{
    struct sql_reader ahead = *reader;
    int depth = 0;

    ahead.err = NULL;
    for (;;) {
        if (sql_next(&ahead) || ahead.token.kind == SQL_TOKEN_END || sql_sign_is(&ahead.token, ';') ||
            sql_word_is(&ahead.token, "WHERE") || sql_word_is(&ahead.token, "UNION")) {
            return 0;
        }
        depth += sql_sign_is(&ahead.token, '(') - sql_sign_is(&ahead.token, ')');
        if (depth < 0) {
            return 0;
        }
        if (depth == 0 && sql_sign_is(&ahead.token, ',')) {
            return sql_refuse(reader, ahead.token.begin,
                              "a second table would be joined within one batch only; "
                              "run this query on Apache Flink (docs/sql.md)");
        }
    }
}

/* At a FROM: a stream that was declared before and is named here is read. */
static void note_read(const struct sql_reader *reader, struct sql *sql)
{
    struct sql_reader ahead = *reader;

    ahead.err = NULL;
    if (sql_next(&ahead) || (ahead.token.kind != SQL_TOKEN_WORD && ahead.token.kind != SQL_TOKEN_QUOTED)) {
        return;
    }
    for (size_t i = 0; i < sql->stream_count; i++) {
        struct sql_stream *stream = &sql->streams[i];
        stream->is_read = stream->is_read || str_eq_nocase(ahead.token.text, str_of(stream->name));
    }
}

int sql_check_select(struct sql_reader *reader, struct sql *sql)
{
    struct sql_token before = {.kind = SQL_TOKEN_OTHER, .text = STR(" ")};
    struct sql_token before_that = before;
    bool first = true;
    int rc = 0;

    while (reader->token.kind != SQL_TOKEN_END && !sql_sign_is(&reader->token, ';')) {
        if (sql_word_is(&before, "SELECT") && sql_word_is(&reader->token, "STREAM")) {
            sql_blank(reader, reader->token.begin, reader->token.end);
        } else if (sql_word_is(&reader->token, "FROM")) {
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
        rc = sql_next(reader);
        if (rc) {
            return rc;
        }
    }
    return 0;
}
