/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/slice.h"

void slice_start(struct slice_reader *reader, const struct kinesis_records *answer, struct dedup *dedup)
{
    reader->answer = answer;
    reader->next = 0;
    reader->within = false;
    reader->dedup = dedup;
    reader->duplicates = 0;
}

/* Adds the record unless it was seen before. */
static void add(struct slice_reader *reader, struct slice *slice, struct str data,
                const struct slice_origin *origin)
{
    if (reader->dedup && dedup_seen(reader->dedup, origin->partition_key, data)) {
        reader->duplicates++;
        return;
    }
    slice->data[slice->count] = data;
    slice->origin[slice->count++] = *origin;
}

static void add_from_aggregate(struct slice_reader *reader, struct slice *slice)
{
    const struct kinesis_record *record = &reader->answer->records[reader->next];
    struct slice_origin origin = {.sequence = record->sequence, .subsequence = reader->subsequence};
    struct str data;

    if (!kpl_next(&reader->kpl, &data, &origin.partition_key)) {
        reader->within = false;
        reader->next++;
        return;
    }
    origin.last = ++reader->subsequence == reader->kpl.record_count;
    add(reader, slice, data, &origin);
}

static void add_next(struct slice_reader *reader, struct slice *slice)
{
    const struct kinesis_record *record = &reader->answer->records[reader->next];
    struct slice_origin origin = {record->partition_key, record->sequence, 0, true};

    if (kpl_open(&reader->kpl, record->data)) {
        reader->within = true;
        reader->subsequence = 0;
        return;
    }
    reader->next++;
    add(reader, slice, record->data, &origin);
}

void slice_fill(struct slice_reader *reader, struct slice *ret)
{
    ret->count = 0;
    while (ret->count < ENGINE_SLICE_CAP && reader->next < reader->answer->count) {
        if (reader->within) {
            add_from_aggregate(reader, ret);
        } else {
            add_next(reader, ret);
        }
    }
}

void slice_reader_done(struct slice_reader *reader)
{
    kpl_done(&reader->kpl);
}
