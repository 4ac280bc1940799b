/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state file: one SQLite database in WAL mode, LOCAL_AWS_DIR/state.db. A commit has been handed to the
 * operating system when state_commit() returns, so that it survives kill -9 of this process; it is not synced
 * to the disk (synchronous=OFF), since a stand-in need not survive a power cut and is three times as fast.
 */
#ifndef LOCAL_AWS_STATE_H
#define LOCAL_AWS_STATE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"
#include "lib/str.h"

struct state;

/* Opens or creates the state in directory `dir`, which is made if its parent exists. Only one process at a
 * time: a second one is refused. NULL with err filled on failure. */
struct state *state_open(const char *dir, struct error *err);
void state_close(struct state *state);

/*
 * The prepared statement of a string literal, reset and without bindings; prepared once and kept. NULL (and
 * the cause in state_error) if it cannot be prepared.
 */
sqlite3_stmt *state_prepare(struct state *state, const char *sql);

int state_begin(struct state *state) MUST_USE;
int state_commit(struct state *state) MUST_USE;
void state_rollback(struct state *state);
bool state_in_transaction(struct state *state);

/* Runs a prepared statement that returns no rows. 0 or -ERROR_IO. */
int state_run(struct state *state, sqlite3_stmt *statement) MUST_USE;
/* 1 if there is a row, 0 at the end, -ERROR_IO on failure. */
int state_row(struct state *state, sqlite3_stmt *statement) MUST_USE;

/* Rowid of the last insert, rows changed by the last statement, text of the last failure. */
int64_t state_last_id(struct state *state);
int64_t state_changes(struct state *state);
const char *state_error(struct state *state);

/* Bytes are borrowed until the statement is reset. */
void state_bind_text(sqlite3_stmt *statement, int index, struct str text);
void state_bind_blob(sqlite3_stmt *statement, int index, struct str bytes);
struct str state_column(sqlite3_stmt *statement, int index);

#endif
