/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What analytics remembers over restarts, in one SQLite file (ANALYTICS_CHECKPOINT): how far each shard has
 * been delivered, and the error table with the records that could not be read. A position and the errors
 * before it are written in one transaction. The write-ahead log makes that survive kill -9; a loss of power
 * may take the last transactions back, which repeats records and loses none.
 */
#ifndef ANALYTICS_CHECKPOINT_H
#define ANALYTICS_CHECKPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "analytics/failure.h"
#include "analytics/shards.h"
#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"
#include "lib/str.h"

enum {
    CHECKPOINT_ERRORS_KEPT = 10000,   /* rows of the error table; older ones make room */
    CHECKPOINT_ERROR_DATA_CAP = 16384 /* bytes of a record that are kept */
};

struct checkpoint;

/*
 * Opens or creates the file for one stream. A lock beside it (<path>.lock) keeps a second process out, which
 * would deliver everything twice. NULL with err filled on failure.
 */
struct checkpoint *checkpoint_open(const char *path, const char *stream, struct error *err);
void checkpoint_close(struct checkpoint *checkpoint);

/* All positions of the stream; *ret is the caller's to free(). */
int checkpoint_load(struct checkpoint *checkpoint, struct shard_position **ret, size_t *ret_count,
                    struct error *err) MUST_USE;

/* A record for the error table; everything is borrowed. */
struct checkpoint_error {
    struct str sequence;
    uint32_t subsequence;
    struct str partition_key;
    enum failure_reason reason;
    const char *message;
    struct str data;
};

/* One transaction: the shard's position, and the errors on the way to it. */
int checkpoint_save(struct checkpoint *checkpoint, const struct shard_position *position,
                    const struct checkpoint_error *errors, size_t error_count, int64_t now_ms,
                    struct error *err) MUST_USE;
/* One transaction: all these positions. */
int checkpoint_save_all(struct checkpoint *checkpoint, const struct shard_position *positions, size_t count,
                        int64_t now_ms, struct error *err) MUST_USE;
/* Forgets a shard that no longer exists. */
int checkpoint_forget(struct checkpoint *checkpoint, const char *shard, struct error *err) MUST_USE;

/*
 * Calls `line` for every row of the error table, oldest first, with one JSON object. Works beside a running
 * process.
 */
typedef void checkpoint_line_fn(void *ctx, struct str line);
int checkpoint_errors(const char *path, checkpoint_line_fn *line, void *ctx, struct error *err) MUST_USE;

#endif
