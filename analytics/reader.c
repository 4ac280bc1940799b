/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/reader.h"

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/random.h"

enum { READ_TIMEOUT_MS = 30000, ITERATOR_TIMEOUT_MS = 10000, REQUEST_CAP = 8192, NO_ROOM_MS = 20 };

void reader_init(struct reader *reader, struct context *context, struct shard_position *position)
{
    *reader = (struct reader){.context = context, .position = position};
    buf_init(&reader->request, REQUEST_CAP);
}

static void hold(struct reader *reader, int64_t bytes)
{
    reader->context->buffered_bytes += bytes - reader->held_bytes;
    reader->held_bytes = bytes;
}

static void drop_answer(struct reader *reader)
{
    free(reader->body);
    reader->body = NULL;
    hold(reader, 0);
}

void reader_done(struct reader *reader)
{
    drop_answer(reader);
    kinesis_records_done(&reader->answer);
    buf_done(&reader->request);
}

bool reader_calling(const struct reader *reader)
{
    return reader->state == READER_ASKING || reader->state == READER_READING;
}

static void try_again(struct reader *reader, const char *call, enum aws_outcome outcome, const char *code,
                      const char *message)
{
    int64_t delay_ms = backoff_failed(&reader->backoff, outcome, clock_monotonic_ms(), random_u64());

    metrics_add_label(reader->context->metrics, METRIC_RETRIES, call, 1);
    LOG_WARN("a read is tried again", LOG_STR("call", call), LOG_STR("shard", reader->position->shard),
             LOG_STR("code", code), LOG_STR("error", message), LOG_INT("in_ms", delay_ms));
}

/* --- the iterator
 * --------------------------------------------------------------------------------------------- */

/* A sequence number that the stream does not know: it was made anew under the same name. */
static void forget_sequence(struct reader *reader)
{
    LOG_WARN("the checkpoint does not fit the stream; the shard is read from its oldest record",
             LOG_STR("shard", reader->position->shard), LOG_STR("sequence", reader->position->sequence));
    reader->position->progress = SHARD_FROM_OLDEST;
}

static void on_iterator(void *ctx, const struct aws_response *response)
{
    struct reader *reader = ctx;
    struct error err = {0};

    reader->state = READER_NO_ITERATOR;
    reader->not_found = strcmp(response->code, "ResourceNotFoundException") == 0;
    if (response->outcome != AWS_OK) {
        if (strcmp(response->code, "InvalidArgumentException") == 0 &&
            reader->position->progress == SHARD_AFTER) {
            forget_sequence(reader);
        }
        try_again(reader, "GetShardIterator", response->outcome, response->code, response->error.message);
    } else if (kinesis_read_shard_iterator(buf_str(response->body), reader->iterator, &err)) {
        try_again(reader, "GetShardIterator", AWS_RETRY, "", err.message);
    } else {
        reader->state = READER_IDLE;
        reader->from_latest = false;
        backoff_succeeded(&reader->backoff);
    }
}

static void ask_iterator(struct reader *reader)
{
    struct kinesis_position position;
    struct error err = {0};

    shards_iterator_position(reader->position, &position);
    if (reader->from_latest) {
        position.start = KINESIS_LATEST;
    }
    buf_reset(&reader->request);
    kinesis_add_get_shard_iterator(&reader->request, reader->context->config->stream, reader->position->shard,
                                   &position);
    reader->state = READER_ASKING;
    if (buf_error(&reader->request) ||
        aws_call(reader->context->kinesis, "Kinesis_20131202.GetShardIterator", buf_str(&reader->request),
                 ITERATOR_TIMEOUT_MS, on_iterator, reader, &err)) {
        reader->state = READER_NO_ITERATOR;
        try_again(reader, "GetShardIterator", AWS_RETRY, "", err.message);
    }
}

/* --- the records
 * ---------------------------------------------------------------------------------------------- */

/* When the next read may begin, by the quotas of the shard and by what there is to read. */
static void plan_next(struct reader *reader)
{
    const struct kinesis_records *answer = &reader->answer;
    int64_t wait_ms = READER_INTERVAL_MS;
    int64_t bytes_ms = (int64_t)answer->data_bytes * 1000 / READER_BYTES_PER_S;

    if (answer->millis_behind == 0) {
        wait_ms = reader->context->config->poll_ms;
    }
    reader->next_ms = reader->asked_ms + (wait_ms > bytes_ms ? wait_ms : bytes_ms);
}

static void take_answer(struct reader *reader, struct buf *body)
{
    struct metrics *metrics = reader->context->metrics;
    struct error err = {0};
    size_t len = 0;

    reader->body = buf_take(body, &len);
    if (!reader->body) {
        error_set(&err, ERROR_MEMORY, true, "out of memory");
    }
    if (!reader->body || kinesis_read_records(reader->body, len, &reader->answer, &err)) {
        drop_answer(reader);
        reader->state = READER_IDLE;
        try_again(reader, "GetRecords", AWS_RETRY, "", err.message);
        return;
    }
    hold(reader, (int64_t)(len + reader->answer.size * sizeof(struct kinesis_record)));
    backoff_succeeded(&reader->backoff);
    plan_next(reader);
    metrics_add(metrics, METRIC_BYTES_READ, reader->answer.data_bytes);
    metrics_set_label(metrics, METRIC_MILLIS_BEHIND, reader->position->shard,
                      (double)reader->answer.millis_behind);
    reader->state = READER_HAS_ANSWER;
}

static void refuse_answer(struct reader *reader, const struct aws_response *response)
{
    hold(reader, 0);
    reader->state = READER_IDLE;
    if (strcmp(response->code, "ExpiredIteratorException") == 0) {
        reader->state = READER_NO_ITERATOR;
        LOG_INFO("the iterator has expired; asking for another", LOG_STR("shard", reader->position->shard));
        return;
    }
    if (response->outcome == AWS_REFUSED) {
        reader->not_found = strcmp(response->code, "ResourceNotFoundException") == 0;
        reader->state = READER_NO_ITERATOR;
    }
    try_again(reader, "GetRecords", response->outcome, response->code, response->error.message);
}

static void on_records(void *ctx, const struct aws_response *response)
{
    struct reader *reader = ctx;

    metrics_observe(reader->context->metrics, METRIC_READ_SECONDS, (double)response->latency_us / 1e6);
    if (response->outcome == AWS_OK) {
        take_answer(reader, response->body);
    } else {
        refuse_answer(reader, response);
    }
}

static void ask_records(struct reader *reader, int64_t now_ms)
{
    struct error err = {0};

    buf_reset(&reader->request);
    kinesis_add_get_records(&reader->request, str_of(reader->iterator), READER_LIMIT);
    reader->asked_ms = now_ms;
    reader->next_ms = now_ms + READER_INTERVAL_MS;
    reader->state = READER_READING;
    hold(reader, READER_WORST_BYTES);
    if (buf_error(&reader->request) ||
        aws_call(reader->context->kinesis, "Kinesis_20131202.GetRecords", buf_str(&reader->request),
                 READ_TIMEOUT_MS, on_records, reader, &err)) {
        hold(reader, 0);
        reader->state = READER_IDLE;
        try_again(reader, "GetRecords", AWS_RETRY, "", err.message);
    }
}

int64_t reader_step(struct reader *reader, int64_t now_ms)
{
    int64_t due_ms = reader->backoff.due_ms;

    if (reader->state != READER_NO_ITERATOR && reader->state != READER_IDLE) {
        return INT64_MAX;
    }
    if (reader->state == READER_IDLE && reader->next_ms > due_ms) {
        due_ms = reader->next_ms;
    }
    if (due_ms > now_ms) {
        return due_ms;
    }
    if (reader->state == READER_NO_ITERATOR) {
        ask_iterator(reader);
    } else if (reader->context->buffered_bytes + READER_WORST_BYTES > reader->context->config->buffer_bytes) {
        return now_ms + NO_ROOM_MS;
    } else {
        ask_records(reader, now_ms);
    }
    return reader_calling(reader) ? INT64_MAX : reader->backoff.due_ms;
}

void reader_release(struct reader *reader, bool *ret_ended)
{
    struct str next = reader->answer.next_iterator;

    *ret_ended = !next.ptr;
    if (next.ptr) {
        memcpy(reader->iterator, next.ptr, next.len);
        reader->iterator[next.len] = '\0';
    }
    drop_answer(reader);
    reader->state = READER_IDLE;
}
