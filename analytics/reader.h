/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads one shard: an iterator for a position, then one answer of GetRecords after the other. The next one is
 * fetched only when the last one was released, so a shard holds one answer at most. Keeps to Kinesis's
 * quotas for a shard (5 reads and 2 MB a second); an expired iterator is replaced from the position.
 */
#ifndef ANALYTICS_READER_H
#define ANALYTICS_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "analytics/backoff.h"
#include "analytics/context.h"
#include "analytics/kinesis.h"
#include "analytics/shards.h"
#include "lib/buf.h"

enum {
    READER_INTERVAL_MS = 200,         /* 5 reads a second */
    READER_BYTES_PER_S = 2 * 1000000, /* quota of a shard */
    READER_LIMIT = 2000,              /* records asked for at once: 2.2 MB of users */
    /* Counted for a read under way: 10 MiB of data in base64 and 2000 records' keys and numbers around it. */
    READER_WORST_BYTES = 16 * 1024 * 1024
};

enum reader_state { READER_NO_ITERATOR, READER_ASKING, READER_IDLE, READER_READING, READER_HAS_ANSWER };

struct reader {
    struct context *context;
    struct shard_position *position; /* of the shard; borrowed, moved by its owner */
    enum reader_state state;
    bool from_latest; /* the first iterator is LATEST, though the position is a time */
    bool not_found;   /* Kinesis does not know the shard (any more) */
    char iterator[KINESIS_ITERATOR_SIZE];
    struct buf request;
    struct backoff backoff;
    int64_t asked_ms;   /* when the last read began */
    int64_t next_ms;    /* the next one not before */
    int64_t held_bytes; /* of context->buffered_bytes */
    char *body;
    struct kinesis_records answer;
};

void reader_init(struct reader *reader, struct context *context, struct shard_position *position);
/* Only when nothing is under way. */
void reader_done(struct reader *reader);

/* True while a call is under way. */
bool reader_calling(const struct reader *reader);
/* Starts what is due. Returns when it wants to be called again (monotonic), or INT64_MAX. */
int64_t reader_step(struct reader *reader, int64_t now_ms);
/*
 * The answer was dealt with and its memory can go; position says how far. `ended`: its next iterator
 * was null, there is nothing more to read.
 */
void reader_release(struct reader *reader, bool *ret_ended);

#endif
