/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/sql_reader.h"

#include <stdarg.h>
#include <stdio.h>

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || (unsigned char)c >= 0x80;
}

int sql_refuse(const struct sql_reader *reader, size_t offset, const char *format, ...)
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
static void skip_blank(struct sql_reader *reader)
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
static size_t quoted_end(const struct sql_reader *reader, size_t begin)
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

int sql_next(struct sql_reader *reader)
{
    const char *p = reader->file.ptr;
    struct sql_token *token = &reader->token;
    size_t begin;
    size_t end;

    skip_blank(reader);
    begin = end = reader->at;
    if (begin == reader->file.len) {
        *token = (struct sql_token){SQL_TOKEN_END, {"", 0}, begin, begin};
        return 0;
    }
    if (p[begin] == '\'' || p[begin] == '"' || p[begin] == '`' || p[begin] == '[') {
        end = quoted_end(reader, begin);
        if (end == 0) {
            return sql_refuse(reader, begin, "a quote is not closed");
        }
        *token = (struct sql_token){p[begin] == '\'' ? SQL_TOKEN_TEXT : SQL_TOKEN_QUOTED,
                                    {p + begin + 1, end - begin - 2},
                                    begin,
                                    end};
    } else if (is_word_byte(p[begin])) {
        while (end < reader->file.len && is_word_byte(p[end])) {
            end++;
        }
        *token = (struct sql_token){SQL_TOKEN_WORD, {p + begin, end - begin}, begin, end};
    } else {
        end++;
        *token = (struct sql_token){SQL_TOKEN_OTHER, {p + begin, 1}, begin, end};
    }
    reader->at = end;
    return 0;
}

bool sql_word_is(const struct sql_token *token, const char *word)
{
    return token->kind == SQL_TOKEN_WORD && str_eq_nocase(token->text, str_of(word));
}

bool sql_sign_is(const struct sql_token *token, char c)
{
    return token->kind == SQL_TOKEN_OTHER && token->text.ptr[0] == c;
}

void sql_blank(struct sql_reader *reader, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        if (reader->copy[i] != '\n') {
            reader->copy[i] = ' ';
        }
    }
}

int sql_take_word(struct sql_reader *reader, const char *word)
{
    if (!sql_word_is(&reader->token, word)) {
        return sql_refuse(reader, reader->token.begin, "%s is expected here, not '%.*s'", word,
                          STR_ARG(reader->token.text));
    }
    return sql_next(reader);
}

int sql_take_name(struct sql_reader *reader, char out[SQL_NAME_SIZE])
{
    const struct sql_token *token = &reader->token;

    if ((token->kind != SQL_TOKEN_WORD && token->kind != SQL_TOKEN_QUOTED) || token->text.len == 0 ||
        token->text.len >= SQL_NAME_SIZE) {
        return sql_refuse(reader, token->begin, "a name of 1 to %d characters is expected here",
                          SQL_NAME_SIZE - 1);
    }
    memcpy(out, token->text.ptr, token->text.len);
    out[token->text.len] = '\0';
    return sql_next(reader);
}

int sql_skip_parentheses(struct sql_reader *reader)
{
    size_t begin = reader->token.begin;
    int depth = 0;
    int rc;

    do {
        depth += sql_sign_is(&reader->token, '(') - sql_sign_is(&reader->token, ')');
        if (reader->token.kind == SQL_TOKEN_END) {
            return sql_refuse(reader, begin, "a parenthesis is not closed");
        }
        rc = sql_next(reader);
        if (rc) {
            return rc;
        }
    } while (depth > 0);
    return 0;
}
