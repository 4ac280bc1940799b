/* SPDX-License-Identifier: Apache-2.0 */
/* What a SELECT may do that sees one record at a time; see sql.h. Pure. */
#ifndef ANALYTICS_SQL_SELECT_H
#define ANALYTICS_SQL_SELECT_H

#include "analytics/sql.h"
#include "analytics/sql_reader.h"
#include "lib/attr.h"

/*
 * At the first SELECT: goes to the statement's end, a semicolon or the file's, and refuses what would look at
 * more than one record. The word STREAM is blanked, and streams that are read are marked in `sql`.
 */
int sql_check_select(struct sql_reader *reader, struct sql *sql) MUST_USE;

#endif
