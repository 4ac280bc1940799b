/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When Firehose hands records on. A delivery stream buffers from its first waiting record on, and flushes
 * when the buffered bytes reach its size or the oldest record has waited for its interval, whichever is
 * first. Before that, full batches go through the transform already. Pure.
 *
 *   raw     accepted, waits for the transform (always empty without one)
 *   ready   waits for delivery
 *   failed  the transform failed it; waits for delivery to the error output
 */
#ifndef LOCAL_AWS_FIREHOSE_BUFFER_H
#define LOCAL_AWS_FIREHOSE_BUFFER_H

#include <stdbool.h>
#include <stdint.h>

enum firehose_state { FIREHOSE_RAW, FIREHOSE_READY, FIREHOSE_BAD, FIREHOSE_STATE_COUNT };

/* What waits in one state; records in it have ascending ids. */
struct firehose_queue {
    int64_t count;
    int64_t bytes;
    int64_t first_id;  /* of the oldest record; 0: none */
    int64_t oldest_ms; /* its arrival */
};

struct firehose_buffer {
    struct firehose_queue queues[FIREHOSE_STATE_COUNT];
    int64_t flush_id; /* a flush is under way: everything up to this record must go out. 0: none */
    int64_t last_id;  /* newest record accepted */
};

struct firehose_hints {
    int64_t bytes;           /* size at which a buffer is flushed */
    int64_t interval_ms;     /* time after which it is flushed */
    int64_t transform_bytes; /* size at which a batch goes to the transform */
};

/* Begins a flush if one is due, ends one that has nothing left to do. */
void firehose_buffer_update(struct firehose_buffer *buffer, const struct firehose_hints *hints,
                            int64_t now_ms);
/* Begins a flush of everything there is. */
void firehose_buffer_flush(struct firehose_buffer *buffer);
/* Milliseconds until an interval ends; -1 if nothing waits or a flush is under way. */
int64_t firehose_buffer_due_in(const struct firehose_buffer *buffer, const struct firehose_hints *hints,
                               int64_t now_ms);

/* Whether a batch is to go to the transform now. */
bool firehose_buffer_transforms(const struct firehose_buffer *buffer, const struct firehose_hints *hints);
/* Whether an object of this state (FIREHOSE_READY or FIREHOSE_BAD) is to be written now. */
bool firehose_buffer_delivers(const struct firehose_buffer *buffer, const struct firehose_hints *hints,
                              enum firehose_state state);

/* Books a record into a queue. */
void firehose_queue_add(struct firehose_queue *queue, int64_t id, int64_t arrival_ms, int64_t bytes);

#endif
