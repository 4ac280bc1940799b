/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's two kinds of virtual tables (sqlite.org/vtab.html), and the state they share with it. */
#ifndef ANALYTICS_TABLES_H
#define ANALYTICS_TABLES_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "analytics/columns.h"
#include "analytics/engine.h"
#include "lib/attr.h"
#include "lib/buf.h"

/* One firehose_json table. */
struct target {
    sqlite3_vtab base;
    struct tables *tables;
    char *name;
    size_t column_count;
    char *keys[COLUMNS_CAP]; /* what comes before each value: `{"first":`, `,"last":` */
    size_t key_lens[COLUMNS_CAP];
    size_t text_caps[COLUMNS_CAP]; /* n of VARCHAR(n); 0: none */
    struct rows *rows;             /* where rows go during a run; borrowed */
    struct target *next;
};

struct tables {
    /* kinesis_json: made by the schema, shown during a run. */
    struct columns *columns;
    char *source_name;
    const struct value *values;    /* columns_count() per record of the slice */
    size_t good[ENGINE_SLICE_CAP]; /* indices of the records that could be read */
    size_t from, to;               /* of `good`, what a scan shows */
    /* firehose_json */
    struct target *targets; /* owned by SQLite */
    struct buf row;
    enum rows_result result; /* of the last row that could not be added */
};

/* Registers both modules with the database; `tables` must outlive it. */
int tables_register(struct tables *tables, sqlite3 *db) MUST_USE;
/* The target table of that name, without case, or NULL. */
struct target *tables_find_target(const struct tables *tables, const char *name);

extern const sqlite3_module source_module;
extern const sqlite3_module target_module;

#endif
