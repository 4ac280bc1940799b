/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks over SQL text token by token, for sql.c and sql_select.c: comments are skipped, quotes understood,
 * and what is refused is told with line and column. Pure.
 */
#ifndef ANALYTICS_SQL_READER_H
#define ANALYTICS_SQL_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "analytics/sql.h"
#include "lib/attr.h"
#include "lib/error.h"
#include "lib/str.h"

enum sql_token_kind { SQL_TOKEN_END, SQL_TOKEN_WORD, SQL_TOKEN_QUOTED, SQL_TOKEN_TEXT, SQL_TOKEN_OTHER };

struct sql_token {
    enum sql_token_kind kind;
    struct str text; /* SQL_TOKEN_QUOTED: without its quotes */
    size_t begin;
    size_t end;
};

struct sql_reader {
    struct str file;
    char *copy; /* of the file, in which wrappings are blanked */
    size_t at;
    struct sql_token token; /* the current one */
    struct error *err;
};

/* Fills the reader's error with the place of `offset` and returns its code. */
int sql_refuse(const struct sql_reader *reader, size_t offset, const char *format, ...) PRINTF_LIKE(3, 4);
/* Moves on to the next token; fails at a quote that is not closed. */
int sql_next(struct sql_reader *reader) MUST_USE;
/* Words compare without case; quoted ones are none. */
bool sql_word_is(const struct sql_token *token, const char *word);
bool sql_sign_is(const struct sql_token *token, char c);
/* Overwrites bytes of the copy with spaces; line ends stay. */
void sql_blank(struct sql_reader *reader, size_t begin, size_t end);
/* These take the current token if it is what is expected, and move on; otherwise they refuse. */
int sql_take_word(struct sql_reader *reader, const char *word) MUST_USE;
int sql_take_name(struct sql_reader *reader, char out[SQL_NAME_SIZE]) MUST_USE;
/* At '(': goes behind the matching ')'. */
int sql_skip_parentheses(struct sql_reader *reader) MUST_USE;

#endif
