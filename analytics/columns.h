/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The source's columns: name, SQL type and where in a record's JSON the value is, and how a record becomes a
 * row of values. The rules are those of the retired Kinesis Data Analytics for SQL ("Mapping Streaming Source
 * Elements to SQL Input Columns"), which a query brought over from there relies on:
 *   - a path that leads nowhere, or to null, is NULL;
 *   - a string for a numeric column is read as a number; if it is none, the record is refused;
 *   - a number with a fraction for a whole-number column, or one beyond its range, is refused;
 *   - text longer than VARCHAR(n) is cut to n characters, silently;
 *   - an object or array for a text column is its source text, a number or true/false as well.
 * Pure.
 */
#ifndef ANALYTICS_COLUMNS_H
#define ANALYTICS_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"
#include "lib/str.h"

enum column_type { COLUMN_TEXT, COLUMN_WHOLE, COLUMN_REAL, COLUMN_BOOL };

enum { COLUMNS_CAP = 256, COLUMN_PATH_DEPTH_CAP = 32 };

struct column {
    char *name;
    char *sql_type; /* as written, for declaring the table: "VARCHAR(64)" */
    enum column_type type;
    size_t text_cap;  /* characters of COLUMN_TEXT; 0: no cap */
    int64_t min, max; /* COLUMN_WHOLE */
};

struct columns;

struct columns *columns_new(void);
void columns_free(struct columns *columns);

/*
 * Adds one declaration: `first VARCHAR(64) '$.name.first'`, the name optionally in double quotes. Without a
 * path the column is the member of the same name. Fills err with what is wrong with it.
 */
int columns_add(struct columns *columns, struct str declaration, struct error *err) MUST_USE;
size_t columns_count(const struct columns *columns);
const struct column *columns_at(const struct columns *columns, size_t index);

enum value_kind { VALUE_NULL, VALUE_WHOLE, VALUE_REAL, VALUE_TEXT, VALUE_ESCAPED_TEXT };

struct value {
    enum value_kind kind;
    union {
        int64_t whole;
        double real;
        /* Borrowed from the record. VALUE_ESCAPED_TEXT still has JSON's escapes and its full length;
         * VALUE_TEXT is cut to the column's length already. */
        struct str text;
    } as;
};

/* Why a record could not be read; text for people. */
enum { COLUMNS_MESSAGE_SIZE = 160 };
enum columns_result { COLUMNS_OK, COLUMNS_BAD_JSON, COLUMNS_BAD_VALUE };

/* Fills columns_count() values from one record's bytes. `message` is written on failure. */
enum columns_result columns_read(const struct columns *columns, struct str record, struct value *ret_values,
                                 char message[COLUMNS_MESSAGE_SIZE]);

/* The parts of declarations, for other tables: cuts the name off the front of `rest`; false if there is none.
 */
bool columns_take_name(struct str *rest, struct str *ret_name);
/* Type, text_cap and range of "VARCHAR(64)"; false if it is no known SQL type. */
bool columns_parse_type(struct str sql_type, struct column *ret);

/* Bytes of the first `characters` characters of well-formed UTF-8; 0 characters means no cap. */
size_t columns_cut(struct str text, size_t characters);

#endif
