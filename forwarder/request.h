/* SPDX-License-Identifier: Apache-2.0 */
/* A slot for one PutRecords request, from being filled to being answered. */
#ifndef FORWARDER_REQUEST_H
#define FORWARDER_REQUEST_H

#include "forwarder/batch.h"

enum request_state {
    REQUEST_FREE,
    REQUEST_OPEN,   /* being filled */
    REQUEST_SEALED, /* full; to be sent when there is room and rate for it */
    REQUEST_SENT,   /* without an answer yet */
    REQUEST_WAITING /* failed as a whole; to be sent again at due_ms */
};

struct engine;

struct request {
    struct engine *engine;
    enum request_state state;
    struct batch batch;
    /* The records that are sent: all, or a part while a record is searched that Kinesis refuses. */
    size_t from;
    size_t to;
    struct buf part; /* body of a part */
    int64_t opened_ms;
    int64_t due_ms;
    unsigned attempts;
    bool outcome_unknown; /* it was sent and may have been stored: sending again may duplicate */
    size_t keep_bytes;    /* what a free slot may keep of its memory */
};

/* Frees what it holds, the records that are not settled included. */
void request_done(struct request *request);
/* Records from Kafka in the part that is sent: an aggregate is several. */
size_t request_records(const struct request *request);
/* Forgets the records, and keeps at most keep_bytes of memory. */
int request_reset(struct request *request, const char *stream) MUST_USE;
/* Bytes of memory that it holds. */
size_t request_bytes(const struct request *request);

#endif
