/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SQL engine: SQLite in memory, fed with a slice of records and asked for their rows. The schema file
 * (ANALYTICS_SCHEMA) is plain SQL with two kinds of virtual tables:
 *
 *   CREATE VIRTUAL TABLE SOURCE_SQL_STREAM_001 USING kinesis_json(first VARCHAR(64) '$.name.first', ...);
 *   CREATE VIRTUAL TABLE DESTINATION_USER_DATA USING firehose_json(first, last, ...);
 *
 * or the input schema of an old application (input_schema.h), whose SQL then declares the destinations.
 *
 * The first shows the slice's records through the columns of columns.h; the second turns what is inserted
 * into JSON objects with its column names as keys, in their order, NULLs as null, and has no contents. The
 * statements of sql.h are prepared once and run unchanged. Pure: no clock, no file, no connection.
 */
#ifndef ANALYTICS_ENGINE_H
#define ANALYTICS_ENGINE_H

#include <stddef.h>

#include "analytics/failure.h"
#include "analytics/rows.h"
#include "lib/attr.h"
#include "lib/error.h"
#include "lib/str.h"

enum { ENGINE_SLICE_CAP = ROWS_CAP, ENGINE_TARGETS_CAP = 32 };

struct engine;

/*
 * Both texts as files hold them; the names go into messages. NULL with err filled, naming file, line and
 * column where that is known.
 */
struct engine *engine_new(const char *schema_name, struct str schema, const char *sql_name, struct str sql,
                          struct error *err);
void engine_free(struct engine *engine);

/* The tables that statements insert into. */
size_t engine_target_count(const struct engine *engine);
const char *engine_target_name(const struct engine *engine, size_t index);

struct engine_failures {
    struct failure items[ENGINE_SLICE_CAP];
    size_t count;
};

/*
 * Runs every statement over up to ENGINE_SLICE_CAP records. Rows are added to rows[i] for target i; records
 * that yield none because they are bad are noted in *ret_failures, at most once each. Returns 0;
 * -ERROR_LIMIT if rows became full (nothing was added then: run a smaller slice or send first; one record
 * that overflows empty rows is a failure of that record instead); -ERROR_MEMORY.
 */
int engine_run(struct engine *engine, const struct str *records, size_t count, struct rows *const *rows,
               struct engine_failures *ret_failures) MUST_USE;

#endif
