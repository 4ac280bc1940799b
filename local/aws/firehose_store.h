/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Firehose keeps in the state: delivery streams, the records that they have accepted, and the objects
 * that are being written. All functions return 0 or a negative code unless they say otherwise.
 */
#ifndef LOCAL_AWS_FIREHOSE_STORE_H
#define LOCAL_AWS_FIREHOSE_STORE_H

#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/str.h"

#include "local/aws/firehose_buffer.h"
#include "local/aws/firehose_transform.h"
#include "local/aws/s3_path.h"
#include "local/aws/state.h"

enum {
    FIREHOSE_NAME_CAP = 64,
    FIREHOSE_PREFIX_CAP = 1024,
    FIREHOSE_FUNCTION_CAP = 140,
    FIREHOSE_DELIMITER_CAP = 16,
    FIREHOSE_EXTENSION_CAP = 128,
    FIREHOSE_ARN_CAP = 512
};

struct firehose_settings {
    char name[FIREHOSE_NAME_CAP + 1];
    char bucket[S3_BUCKET_CAP + 1];
    char prefix[FIREHOSE_PREFIX_CAP + 1];
    char error_prefix[FIREHOSE_PREFIX_CAP + 1];
    char function[FIREHOSE_FUNCTION_CAP + 1];   /* empty: no transform */
    char role_arn[FIREHOSE_ARN_CAP + 1];        /* only handed back */
    char source[129];                           /* Kinesis stream to read; empty: direct put */
    char delimiter[FIREHOSE_DELIMITER_CAP + 1]; /* behind each record, with \\n for a newline; empty: none */
    char extension[FIREHOSE_EXTENSION_CAP + 1]; /* FileExtension; empty: that of the compression */
    int64_t version;
    int64_t buffer_bytes, buffer_ms;
    int64_t transform_bytes;
    int64_t retries; /* of a failed invocation */
    int64_t gzip;    /* 1: objects are compressed */
};

/* Calls fn for every delivery stream. */
int firehose_store_each(struct state *state,
                        int (*fn)(void *ctx, int64_t id, int64_t created_ms,
                                  const struct firehose_settings *settings),
                        void *ctx) MUST_USE;
int firehose_store_create(struct state *state, const struct firehose_settings *settings, int64_t now_ms,
                          int64_t *ret_id) MUST_USE;
/* Replaces the settings; where the transform goes, what waits for it is to be delivered as it is. */
int firehose_store_update(struct state *state, int64_t stream_id,
                          const struct firehose_settings *settings) MUST_USE;
/* Deletes the stream with everything that waits in it. */
int firehose_store_delete(struct state *state, int64_t stream_id) MUST_USE;

/* Adds a record inside the caller's transaction. */
int firehose_store_add(struct state *state, int64_t stream_id, enum firehose_state in, int64_t arrival_ms,
                       struct str data, int64_t *ret_id) MUST_USE;
/* Replaces a record's state and data; in the caller's transaction. */
int firehose_store_change(struct state *state, int64_t id, enum firehose_state in, struct str data) MUST_USE;
int firehose_store_drop(struct state *state, int64_t id) MUST_USE;

/* Counts what waits in one state; reads the newest id of the stream. */
int firehose_store_queue(struct state *state, int64_t stream_id, enum firehose_state in,
                         struct firehose_queue *ret) MUST_USE;
int64_t firehose_store_last_id(struct state *state, int64_t stream_id);
/* Id and arrival of the oldest in one state, or 0. */
int firehose_store_first(struct state *state, int64_t stream_id, enum firehose_state in,
                         struct firehose_queue *queue) MUST_USE;

/* Calls fn for the records of one state up to last_id (INT64_MAX: all), until it returns false. */
typedef bool firehose_record_fn(void *ctx, const struct firehose_record *record);
int firehose_store_read(struct state *state, int64_t stream_id, enum firehose_state in, int64_t last_id,
                        firehose_record_fn *fn, void *ctx) MUST_USE;

/* An object under way: its name is decided and stored before it is written. */
struct firehose_object {
    int64_t last_id; /* its records: those of this state up to here */
    char key[S3_KEY_CAP + 1];
};
int firehose_store_object_begin(struct state *state, int64_t stream_id, enum firehose_state of,
                                const struct firehose_object *object) MUST_USE;
/* 1 if there is one, 0 if not, negative on failure. */
int firehose_store_object_find(struct state *state, int64_t stream_id, enum firehose_state of,
                               struct firehose_object *ret) MUST_USE;
/* Deletes the object's entry and its records, inside the caller's transaction. */
int firehose_store_object_end(struct state *state, int64_t stream_id, enum firehose_state of,
                              int64_t last_id) MUST_USE;

/* The next serial to read of a source shard; 0: from its start. */
int64_t firehose_store_position(struct state *state, int64_t stream_id, int64_t shard_uid);
int firehose_store_set_position(struct state *state, int64_t stream_id, int64_t shard_uid,
                                int64_t serial) MUST_USE;

#endif
