/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the file with the statements (ANALYTICS_SQL) and refuses what would give a wrong answer here. A
 * statement sees one batch of records, and where a batch ends is an accident of timing: so whatever looks at
 * more than one record at a time (GROUP BY, DISTINCT, joins, windows, ORDER BY, ...) is refused with a
 * message that names Apache Flink, which can do it.
 *
 *   statement: INSERT INTO table [ (columns) ] SELECT ... FROM ... [ WHERE ... ] [ UNION ALL SELECT ... ]
 *
 * The wrappings of the retired Kinesis Data Analytics for SQL are accepted too: CREATE OR REPLACE STREAM
 * "x" (columns) declares a table (streams.h), CREATE OR REPLACE PUMP "p" AS stands before a statement, and
 * SELECT STREAM is SELECT. They are blanked, so that places in error messages stay those of the file. Pure.
 */
#ifndef ANALYTICS_SQL_H
#define ANALYTICS_SQL_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/error.h"
#include "lib/str.h"

enum { SQL_STATEMENTS_CAP = 32, SQL_NAME_SIZE = 129, SQL_FILE_CAP = 1048576 };

struct sql_statement {
    char target[SQL_NAME_SIZE]; /* the table that the rows go to, without quotes */
    char *text;                 /* the INSERT, as SQLite takes it */
    size_t select;              /* where in it the SELECT begins */
    char *columns;              /* `(a, b)` if the INSERT names columns, else NULL */
    size_t line;                /* where the text begins, counted from 1 */
    size_t column;
};

/* CREATE OR REPLACE STREAM: a target table declared in the file itself. */
struct sql_stream {
    char name[SQL_NAME_SIZE];
    bool is_read;  /* by a SELECT behind it: a step on the way, no destination */
    char *names;   /* `"NAME","..."` of the columns alone */
    char *columns; /* `"NAME" TYPE,...`; names that were not quoted in upper case, as the old service had them
                    */
};

struct sql {
    struct sql_statement statements[SQL_STATEMENTS_CAP];
    size_t statement_count;
    struct sql_stream streams[SQL_STATEMENTS_CAP];
    size_t stream_count;
};

/* Fills *ret, which the caller frees with sql_done(); err names line, column and reason otherwise. */
int sql_read(struct str text, struct sql *ret, struct error *err) MUST_USE;
void sql_done(struct sql *sql);

/* Line and column (from 1) of a byte in a text that itself begins at `line` and `column`. */
void sql_place(const char *text, size_t offset, size_t *line, size_t *column);

#endif
