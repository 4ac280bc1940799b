/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Amazon Data Firehose, target Firehose_20150804 (docs.aws.amazon.com/firehose/latest/APIReference): delivery
 * streams from direct puts, or from a Kinesis stream, to S3, with an optional Lambda transform.
 *
 * Delivery is at least once and in the order of acceptance. An object's name is stored before the object is
 * written, and its records leave the state in the transaction that enters the object, so that after kill -9
 * the same object is written again instead of a second one. An invocation of the transform that was under
 * way is repeated.
 *
 * The transform: one invocation at a time per delivery stream. An answer with an error of the function, a
 * time-out, or a 4xx or 5xx counts as an attempt; after NumberOfRetries more of them the batch goes to the
 * error output. Different from AWS: a function that cannot be reached at all (no connection) does not use up
 * attempts; its records are kept and it is tried again, with back-off, until it is there.
 */
#ifndef LOCAL_AWS_FIREHOSE_H
#define LOCAL_AWS_FIREHOSE_H

#include "local/aws/call.h"
#include "local/aws/firehose_store.h"

enum {
    FIREHOSE_STREAMS_CAP = 100,
    FIREHOSE_PUT_RECORDS_CAP = 500,
    FIREHOSE_PUT_BYTES_CAP = 4 * 1024 * 1024,
    FIREHOSE_RECORD_BYTES_CAP = 1000 * 1024
};

struct firehose;
struct firehose_invocation; /* an invocation of the transform: firehose_lambda.h */

struct firehose_stream {
    int64_t id;
    int64_t created_ms;
    struct firehose_settings settings;
    struct firehose_buffer buffer;
    struct firehose_invocation *invocation; /* NULL: no invocation is due */
    bool pending[FIREHOSE_STATE_COUNT];     /* an object under way, its name is stored */
    unsigned failures;                      /* deliveries that failed in a row */
    int64_t retry_ms;                       /* monotonic: no delivery before */
};

/* Reads the delivery streams from the state. NULL with err filled on failure. */
struct firehose *firehose_open(struct local *local, struct error *err);
/* Cancels invocations under way. */
void firehose_free(struct firehose *firehose);

void firehose_settings_default(struct firehose_settings *settings);
struct firehose_stream *firehose_find(struct firehose *firehose, const char *name);
size_t firehose_count(const struct firehose *firehose);
struct firehose_stream *firehose_at(struct firehose *firehose, size_t index);
int firehose_create(struct firehose *firehose, const struct firehose_settings *settings,
                    int64_t now_ms) MUST_USE;
/* Other settings for a stream, with the next version; the name stays. */
int firehose_update(struct firehose *firehose, struct firehose_stream *stream,
                    const struct firehose_settings *settings) MUST_USE;
int firehose_delete(struct firehose *firehose, struct firehose_stream *stream) MUST_USE;

/* Accepts records: all or none. `ret_ids` gets their ids. */
int firehose_accept(struct firehose *firehose, struct firehose_stream *stream, const struct str *records,
                    size_t count, int64_t now_ms, int64_t *ret_ids) MUST_USE;

/* Does what is due: flushes, invocations, objects. Returns milliseconds until it is to be called again (an
 * answer of the transform may come first), -1: when something was put. */
int64_t firehose_run(struct firehose *firehose);
/* Orders everything to be delivered now, whatever the buffering hints. */
void firehose_flush(struct firehose *firehose);
/* Records accepted and not yet delivered. */
int64_t firehose_waiting(const struct firehose *firehose);
/* Sets the gauges. */
void firehose_metrics(const struct firehose *firehose);

/* Runs call->operation. 0 or CALL_REFUSED. */
int firehose_call(struct call *call) MUST_USE;

/* For the files of this folder: the parts of firehose_run. */
struct local *firehose_local(const struct firehose *firehose);
void firehose_arn(const struct local *local, const char *name, char out[FIREHOSE_ARN_CAP]);
void firehose_function_arn(const struct local *local, const char *function, char out[FIREHOSE_ARN_CAP]);
/* Writes the objects that are due. Returns milliseconds until a retry, -1: none. */
int64_t firehose_deliver(struct local *local, struct firehose_stream *stream);
/* Takes over what is new in the Kinesis stream that is the source. True if there may be more at once. */
bool firehose_pull(struct firehose *firehose, struct firehose_stream *stream);

#endif
