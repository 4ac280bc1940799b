/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract between Firehose and a transformation function
 * (docs.aws.amazon.com/firehose/latest/dev/data-transformation.html): the event that goes out, and what the
 * answer says about each record. Pure.
 *
 * A record whose id is missing or comes twice, or that the function answers with ProcessingFailed, fails
 * alone. An answer that is not of the documented shape (no JSON, no list, a record without recordId, result
 * or data, an unknown result, data that is not base64) fails the whole batch. Ids that were not asked for are
 * ignored.
 */
#ifndef LOCAL_AWS_FIREHOSE_TRANSFORM_H
#define LOCAL_AWS_FIREHOSE_TRANSFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/str.h"

enum {
    FIREHOSE_PAYLOAD_CAP = 6 * 1024 * 1024, /* request and response of a synchronous invocation */
    FIREHOSE_BATCH_CAP = 10000,             /* records of one invocation */
    FIREHOSE_RECORD_ID_SIZE = 63
};

/* A record on its way through the function. */
struct firehose_record {
    int64_t id; /* unique, ascending */
    int64_t arrival_ms;
    struct str data;
};

struct firehose_event {
    const char *invocation_id;
    const char *arn;        /* of the delivery stream */
    const char *source_arn; /* of the Kinesis stream behind it, NULL: direct put */
    const char *region;
};

/* The recordId of a record: 62 digits, the same for every attempt. */
void firehose_record_id(int64_t id, char out[FIREHOSE_RECORD_ID_SIZE]);

/* How many of the first records fit into one event whose raw data is to be at most `bytes` (at least one). */
size_t firehose_event_fit(const struct firehose_record *records, size_t count, int64_t bytes);
void firehose_event_write(const struct firehose_event *event, const struct firehose_record *records,
                          size_t count, struct buf *out);

enum firehose_outcome { FIREHOSE_OK, FIREHOSE_DROPPED, FIREHOSE_FAILED };

struct firehose_failure {
    const char *code; /* "Lambda.MissingRecordId" */
    const char *message;
};

struct firehose_result {
    enum firehose_outcome outcome;
    size_t offset, len;              /* FIREHOSE_OK: the data in `data` */
    struct firehose_failure failure; /* FIREHOSE_FAILED */
};

/*
 * Reads an answer. `results` has one entry per record; new data is appended to `data`. Returns true, or false
 * with *ret_failure for the whole batch.
 */
bool firehose_results_read(struct str answer, const struct firehose_record *records, size_t count,
                           struct firehose_result *results, struct buf *data,
                           struct firehose_failure *ret_failure) MUST_USE;

/* True for an answer that is an error of the function: an object with errorMessage and no records. */
bool firehose_is_function_error(struct str answer);

/* A failed record as the line that goes to the error output, with its newline. */
struct firehose_failed_line {
    int64_t attempts;
    int64_t ended_ms;
    struct firehose_failure failure;
    const char *function_arn;
};
void firehose_failed_write(const struct firehose_failed_line *line, const struct firehose_record *record,
                           struct buf *out);

#endif
