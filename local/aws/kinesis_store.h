/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams and shards of Kinesis, held in memory as well as in the state file. What a function has returned 0
 * for survives kill -9 of the process.
 */
#ifndef LOCAL_AWS_KINESIS_STORE_H
#define LOCAL_AWS_KINESIS_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"
#include "lib/str.h"

#include "local/aws/kinesis_stream.h"
#include "local/aws/state.h"

enum { KINESIS_STREAMS_CAP = 1000 };

struct kinesis_store;

/* Reads the streams from the state, which is borrowed. NULL with err filled on failure. */
struct kinesis_store *kinesis_store_open(struct state *state, struct error *err);
void kinesis_store_free(struct kinesis_store *store);

/* Streams by name, ascending. */
size_t kinesis_store_count(const struct kinesis_store *store);
struct kinesis_stream *kinesis_store_at(struct kinesis_store *store, size_t index);
struct kinesis_stream *kinesis_store_find(struct kinesis_store *store, const char *name);
/* The shard with that uid and its stream, or NULL. */
struct kinesis_shard *kinesis_store_find_shard(struct kinesis_store *store, int64_t uid,
                                               struct kinesis_stream **ret_stream);

/* All return 0, or a negative code with the state unchanged. */
int kinesis_store_create(struct kinesis_store *store, const struct kinesis_stream *settings,
                         unsigned shard_count, int64_t now_ms) MUST_USE;
int kinesis_store_delete(struct kinesis_store *store, struct kinesis_stream *stream) MUST_USE;
/* Writes retention and record size of the stream down. */
int kinesis_store_update(struct kinesis_store *store, const struct kinesis_stream *stream) MUST_USE;
/* Closes a shard; its children are [start, at - 1] and [at, end]. */
int kinesis_store_split(struct kinesis_store *store, struct kinesis_stream *stream, unsigned number,
                        hash_key at, int64_t now_ms) MUST_USE;
/* Closes two neighbours and opens one shard over both ranges. */
int kinesis_store_merge(struct kinesis_store *store, struct kinesis_stream *stream, unsigned number,
                        unsigned adjacent, int64_t now_ms) MUST_USE;

#endif
