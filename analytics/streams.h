/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The streams that an old application's SQL declares itself (CREATE OR REPLACE STREAM), as SQLite's tables:
 * one that only takes rows is a destination; one that a later SELECT reads is a step on the way, and becomes
 * a view of what is inserted into it.
 */
#ifndef ANALYTICS_STREAMS_H
#define ANALYTICS_STREAMS_H

#include <sqlite3.h>
#include <stdbool.h>

#include "analytics/sql.h"
#include "analytics/tables.h"
#include "lib/attr.h"
#include "lib/error.h"

/* What the schema file declares already stays as it is there. */
int streams_declare(sqlite3 *db, const struct tables *tables, const struct sql *sql,
                    struct error *err) MUST_USE;
/* True if rows for `target` only go on to other statements. */
bool streams_is_step(const struct tables *tables, const struct sql *sql, const char *target);

#endif
