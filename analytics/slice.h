/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records of a GetRecords answer in slices that the engine can run: aggregates of the KPL are taken apart
 * on the way, records seen before are left out, and every record knows which sequence number is safe to
 * checkpoint once it is done. Pure.
 */
#ifndef ANALYTICS_SLICE_H
#define ANALYTICS_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analytics/dedup.h"
#include "analytics/engine.h"
#include "analytics/kinesis.h"
#include "analytics/kpl.h"
#include "lib/str.h"

struct slice_origin {
    struct str partition_key;
    struct str sequence;
    uint32_t subsequence; /* place within an aggregate; 0 for an ordinary record */
    bool last;            /* of its sequence number: with it the number is done */
};

struct slice {
    struct str data[ENGINE_SLICE_CAP]; /* borrowed from the answer */
    struct slice_origin origin[ENGINE_SLICE_CAP];
    size_t count;
};

/* Where one is within an answer. Zeroed before the first; kept between answers for its memory. */
struct slice_reader {
    const struct kinesis_records *answer;
    size_t next; /* Kinesis record */
    bool within; /* an aggregate, at: */
    struct kpl kpl;
    uint32_t subsequence;
    struct dedup *dedup; /* NULL: none; borrowed */
    uint64_t duplicates; /* left out since the start of the answer */
};

/* Starts with a new answer, which must stay until the next start. */
void slice_start(struct slice_reader *reader, const struct kinesis_records *answer, struct dedup *dedup);
/* Fills the slice with the next records; an empty one means that the answer is done. */
void slice_fill(struct slice_reader *reader, struct slice *ret);
void slice_reader_done(struct slice_reader *reader);

#endif
