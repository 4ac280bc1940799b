/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/shard.h"

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/log.h"

enum {
    FAILURES_CAP = 2 * ENGINE_SLICE_CAP, /* noted before they are saved */
    SAVE_AGAIN_MS = 1000,
    ROOM_WORTH_FILLING = 64 /* rows; with less the batch is sent as it is */
};

/* A failure with what the error table wants to know of its record, which the answer still holds. */
struct noted {
    struct failure failure;
    struct slice_origin origin;
    struct str data;
};

struct shard {
    struct context *context;
    struct shard_position position; /* saved */
    enum shard_state state;
    struct reader reader;
    struct sink *sink;
    struct dedup *dedup; /* NULL: off */
    struct slice_reader slices;
    struct slice slice;
    size_t done;         /* records of the slice that were run */
    size_t run;          /* records run and not yet saved */
    struct str sequence; /* up to which everything was run; ptr NULL: not further than saved */
    struct noted *noted;
    size_t noted_count;
    int64_t due_ms; /* after a failure to save or for want of memory */
};

struct shard *shard_new(struct context *context, const struct shard_position *position, bool from_latest)
{
    struct shard *shard = calloc(1, sizeof(*shard));
    size_t window = (size_t)context->config->dedup_window;

    if (!shard) {
        return NULL;
    }
    shard->context = context;
    shard->position = *position;
    shard->state = SHARD_WAITING;
    if (!replica_owns(&context->replica, position->shard)) {
        shard->state = SHARD_ELSEWHERE;
    } else if (position->progress == SHARD_ENDED) {
        shard->state = SHARD_FINISHED;
    }
    reader_init(&shard->reader, context, &shard->position);
    shard->reader.from_latest = from_latest;
    if (shard->state != SHARD_WAITING) {
        return shard;
    }
    shard->sink = sink_new(context, shard->position.shard);
    shard->noted = calloc(FAILURES_CAP, sizeof(*shard->noted));
    shard->dedup = window > 0 ? dedup_new(window) : NULL;
    if (!shard->sink || !shard->noted || (window > 0 && !shard->dedup)) {
        shard_free(shard);
        return NULL;
    }
    return shard;
}

static void free_work(struct shard *shard)
{
    sink_free(shard->sink);
    dedup_free(shard->dedup);
    free(shard->noted);
    slice_reader_done(&shard->slices);
    reader_done(&shard->reader);
    shard->sink = NULL;
    shard->dedup = NULL;
    shard->noted = NULL;
}

void shard_free(struct shard *shard)
{
    if (shard) {
        free_work(shard);
        free(shard);
    }
}

const struct shard_position *shard_position(const struct shard *shard)
{
    return &shard->position;
}

enum shard_state shard_state(const struct shard *shard)
{
    return shard->state;
}

void shard_begin(struct shard *shard)
{
    static const char *const from[] = {"oldest record", "a time", "checkpoint", "end"};

    shard->state = SHARD_READING;
    LOG_INFO("reading shard", LOG_STR("shard", shard->position.shard),
             LOG_STR("from", shard->reader.from_latest ? "latest record" : from[shard->position.progress]),
             LOG_STR("after", shard->position.sequence));
}

bool shard_not_found(const struct shard *shard)
{
    return shard->reader.not_found;
}

void shard_finish(struct shard *shard)
{
    shard->state = SHARD_FINISHED;
    shard->position.progress = SHARD_ENDED;
    free_work(shard);
}

bool shard_calling(const struct shard *shard)
{
    return reader_calling(&shard->reader) || (shard->sink && sink_calling(shard->sink));
}

unsigned shard_failures(const struct shard *shard)
{
    return shard->sink ? sink_failures(shard->sink) : 0;
}

size_t shard_undelivered(const struct shard *shard)
{
    size_t rest = 0;

    if (shard->reader.state != READER_HAS_ANSWER) {
        return 0;
    }
    if (shard->slices.answer) {
        rest = shard->slices.answer->count - shard->slices.next;
    }
    return shard->run + (shard->slice.count - shard->done) + rest;
}

/* --- running the SQL
 * ----------------------------------------------------------------------------------------- */

static void note_failures(struct shard *shard, const struct engine_failures *failures)
{
    for (size_t i = 0; i < failures->count; i++) {
        const struct failure *failure = &failures->items[i];
        size_t record = shard->done + failure->record;
        shard->noted[shard->noted_count++] =
            (struct noted){*failure, shard->slice.origin[record], shard->slice.data[record]};
        metrics_add_label(shard->context->metrics, METRIC_RECORDS_FAILED, failure_reasons[failure->reason],
                          1);
    }
}

/* Runs the next `count` records of the slice. */
static int run_records(struct shard *shard, size_t count)
{
    static struct engine_failures failures;
    struct metrics *metrics = shard->context->metrics;
    size_t before = sink_pending(shard->sink);
    int rc = engine_run(shard->context->engine, shard->slice.data + shard->done, count,
                        sink_rows(shard->sink), &failures);

    if (rc) {
        return rc;
    }
    note_failures(shard, &failures);
    for (size_t i = shard->done; i < shard->done + count; i++) {
        if (shard->slice.origin[i].last) {
            shard->sequence = shard->slice.origin[i].sequence;
        }
    }
    shard->done += count;
    shard->run += count;
    metrics_add(metrics, METRIC_RECORDS_READ, count);
    metrics_add(metrics, METRIC_ROWS_MATCHED, sink_pending(shard->sink) - before);
    return 0;
}

/* Makes sure that the slice has records to run; false at the end of the answer. */
static bool next_records(struct shard *shard)
{
    uint64_t duplicates = shard->slices.duplicates;

    if (shard->done < shard->slice.count) {
        return true;
    }
    slice_fill(&shard->slices, &shard->slice);
    shard->done = 0;
    metrics_add(shard->context->metrics, METRIC_RECORDS_DEDUPLICATED, shard->slices.duplicates - duplicates);
    return shard->slice.count > 0;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/*
 * Runs records until a batch is worth sending, as many failures as can be noted have been, or the answer is
 * done. Returns false if memory was missing.
 */
static bool fill_batch(struct shard *shard)
{
    size_t most = ENGINE_SLICE_CAP;

    while (shard->noted_count + ENGINE_SLICE_CAP <= FAILURES_CAP && next_records(shard)) {
        size_t room = ROWS_CAP - sink_fullest(shard->sink);
        size_t count = smaller(smaller(room, most), shard->slice.count - shard->done);
        int rc;
        if (room < ROOM_WORTH_FILLING) {
            break;
        }
        rc = run_records(shard, count);
        if (rc == -ERROR_LIMIT && count == 1) {
            break; /* it fits into the next batch */
        }
        if (rc && rc != -ERROR_LIMIT) {
            return false;
        }
        most = rc ? count / 2 : ENGINE_SLICE_CAP;
    }
    return true;
}

/* --- checkpoint
 * ---------------------------------------------------------------------------------------------- */

/* Everything that was run has been confirmed: the position moves. False if it could not be saved. */
static bool save(struct shard *shard, struct str sequence, bool ended)
{
    struct checkpoint_error errors[FAILURES_CAP];
    struct shard_position position = shard->position;
    struct error err = {0};

    for (size_t i = 0; i < shard->noted_count; i++) {
        const struct noted *noted = &shard->noted[i];
        errors[i] = (struct checkpoint_error){noted->origin.sequence,      noted->origin.subsequence,
                                              noted->origin.partition_key, noted->failure.reason,
                                              noted->failure.message,      noted->data};
    }
    if (sequence.ptr) {
        position.progress = SHARD_AFTER;
        memcpy(position.sequence, sequence.ptr, sequence.len);
        position.sequence[sequence.len] = '\0';
    }
    if (ended) {
        position.progress = SHARD_ENDED;
    }
    if (checkpoint_save(shard->context->checkpoint, &position, errors, shard->noted_count, clock_wall_ms(),
                        &err)) {
        metrics_add_label(shard->context->metrics, METRIC_RETRIES, "checkpoint", 1);
        LOG_ERROR("the checkpoint cannot be saved; nothing more is read until it can",
                  LOG_STR("shard", position.shard), LOG_STR("error", err.message),
                  LOG_INT("in_ms", SAVE_AGAIN_MS));
        return false;
    }
    if (shard->noted_count > 0) {
        LOG_WARN("records that the SQL cannot read are in the error table (--errors)",
                 LOG_STR("shard", position.shard), LOG_UINT("records", shard->noted_count),
                 LOG_STR("first_reason", failure_reasons[errors[0].reason]));
    }
    shard->position = position;
    shard->noted_count = 0;
    shard->run = 0;
    shard->sequence = (struct str){NULL, 0};
    shard->context->saved_ms = clock_monotonic_ms();
    metrics_add(shard->context->metrics, METRIC_CHECKPOINTS, 1);
    return true;
}

/* --- steps
 * --------------------------------------------------------------------------------------------------- */

/* The answer has been worked off. False if its last position could not be saved. */
static bool end_answer(struct shard *shard)
{
    const struct kinesis_records *answer = &shard->reader.answer;
    struct str last = {NULL, 0};
    bool ended = !answer->next_iterator.ptr;

    /* Records behind the last one that was run may have been left out as repetitions. */
    if (answer->count > 0) {
        last = answer->records[answer->count - 1].sequence;
        if (str_eq(last, str_of(shard->position.sequence)) && shard->position.progress == SHARD_AFTER) {
            last.ptr = NULL;
        }
    }
    if ((last.ptr || ended) && !save(shard, last, ended)) {
        return false;
    }
    reader_release(&shard->reader, &ended);
    shard->state = SHARD_READING;
    if (ended) {
        LOG_INFO("shard read to its end", LOG_STR("shard", shard->position.shard));
        shard_finish(shard);
    }
    return true;
}

/* Nothing is with Firehose: save what was confirmed, then run on. False to wait until due_ms. */
static bool work(struct shard *shard, bool stopping)
{
    bool done;

    /* Within an aggregate there is no new sequence, but there may be failures enough. */
    if ((shard->sequence.ptr || shard->noted_count > 0) && !save(shard, shard->sequence, false)) {
        return false;
    }
    if (stopping) {
        shard->state = SHARD_STOPPED;
        return true;
    }
    if (!fill_batch(shard)) {
        LOG_ERROR("the SQL waits for memory", LOG_STR("shard", shard->position.shard),
                  LOG_INT("in_ms", SAVE_AGAIN_MS));
        return false;
    }
    done = !sink_busy(shard->sink) && shard->noted_count == 0 && shard->done == shard->slice.count &&
           shard->slices.next == shard->slices.answer->count;
    return !done || end_answer(shard);
}

static int64_t deliver(struct shard *shard, int64_t now_ms, bool stopping)
{
    if (shard->due_ms > now_ms) {
        return shard->due_ms;
    }
    while (shard->state == SHARD_DELIVERING && !sink_busy(shard->sink)) {
        if (!work(shard, stopping)) {
            shard->due_ms = now_ms + SAVE_AGAIN_MS;
            return shard->due_ms;
        }
    }
    return shard->state == SHARD_DELIVERING ? sink_step(shard->sink, now_ms) : now_ms;
}

int64_t shard_step(struct shard *shard, int64_t now_ms, bool stopping)
{
    int64_t due_ms = INT64_MAX;

    if (shard->state == SHARD_READING) {
        if (!stopping) {
            due_ms = reader_step(&shard->reader, now_ms);
        } else if (shard->reader.state != READER_HAS_ANSWER && !reader_calling(&shard->reader)) {
            shard->state = SHARD_STOPPED;
        }
        if (shard->reader.state != READER_HAS_ANSWER) {
            return due_ms;
        }
        slice_start(&shard->slices, &shard->reader.answer, shard->dedup);
        shard->slice.count = shard->done = 0;
        shard->state = SHARD_DELIVERING;
    }
    return shard->state == SHARD_DELIVERING ? deliver(shard, now_ms, stopping) : due_ms;
}
