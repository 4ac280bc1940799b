/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/stream.h"

#include <stdlib.h>

#include "analytics/backoff.h"
#include "analytics/kinesis.h"
#include "analytics/shard.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/random.h"

enum {
    LIST_EVERY_MS = 60000,
    LIST_EVERY_SHARED_MS =
        10000, /* when another replica may see a shard's end, and this one owns its child */
    LIST_TIMEOUT_MS = 10000,
    REQUEST_CAP = KINESIS_TOKEN_CAP + 4096,
    SHARDS_FIRST_SIZE = 16,
    FAILURES_TO_TELL = 3 /* calls to Firehose in a row until /readyz says so */
};

struct stream {
    struct context *context;
    struct shard **shards; /* all that are known, the ended ones too */
    size_t count;
    size_t size;
    size_t first;               /* whose turn it is to be stepped first, so that memory goes round */
    struct kinesis_shards list; /* the last complete one */
    struct kinesis_shards next; /* the one being made, page by page */
    bool initial;               /* the checkpoint knows nothing of this stream */
    bool listed;
    bool listing; /* a call is under way */
    struct buf request;
    struct backoff backoff;
    int64_t list_ms; /* when the next list is due */
};

/* --- shards
 * -------------------------------------------------------------------------------------------------- */

static bool add_shard(struct stream *stream, const struct shard_position *position, bool from_latest)
{
    struct shard *shard;

    if (stream->count == stream->size) {
        size_t size = stream->size ? stream->size * 2 : SHARDS_FIRST_SIZE;
        struct shard **grown = NULL;

        if (size <= KINESIS_SHARDS_CAP) {
            /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers it is */
            grown = realloc(stream->shards, size * sizeof(*grown));
        }
        if (!grown) {
            return false;
        }
        stream->shards = grown;
        stream->size = size;
    }
    shard = shard_new(stream->context, position, from_latest);
    if (!shard) {
        return false;
    }
    stream->shards[stream->count++] = shard;
    return true;
}

static struct shard *find_shard(const struct stream *stream, const char *id)
{
    for (size_t i = 0; i < stream->count; i++) {
        if (strcmp(shard_position(stream->shards[i])->shard, id) == 0) {
            return stream->shards[i];
        }
    }
    return NULL;
}

/* Another replica's counts as ended: how far that one is cannot be known here. */
static bool has_ended(void *ctx, const char *id)
{
    const struct shard *shard = find_shard(ctx, id);

    return shard && (shard_state(shard) == SHARD_FINISHED || shard_state(shard) == SHARD_ELSEWHERE);
}

static void begin_shards(struct stream *stream)
{
    for (size_t i = 0; i < stream->count; i++) {
        struct shard *shard = stream->shards[i];
        const struct kinesis_shard *listed = shards_find(&stream->list, shard_position(shard)->shard);
        if (shard_state(shard) == SHARD_WAITING && listed &&
            shards_may_read(&stream->list, listed, has_ended, stream)) {
            shard_begin(shard);
        }
    }
}

struct stream *stream_new(struct context *context, struct error *err)
{
    struct stream *stream = calloc(1, sizeof(*stream));
    struct shard_position *positions = NULL;
    size_t count = 0;

    if (!stream) {
        error_set(err, ERROR_MEMORY, false, "out of memory");
        return NULL;
    }
    stream->context = context;
    buf_init(&stream->request, REQUEST_CAP);
    if (checkpoint_load(context->checkpoint, &positions, &count, err)) {
        stream_free(stream);
        return NULL;
    }
    stream->initial = count == 0;
    for (size_t i = 0; i < count; i++) {
        if (!add_shard(stream, &positions[i], false)) {
            error_set(err, ERROR_MEMORY, false, "out of memory");
            free(positions);
            stream_free(stream);
            return NULL;
        }
    }
    free(positions);
    return stream;
}

void stream_free(struct stream *stream)
{
    if (!stream) {
        return;
    }
    for (size_t i = 0; i < stream->count; i++) {
        shard_free(stream->shards[i]);
    }
    free(stream->shards);
    kinesis_shards_done(&stream->list);
    kinesis_shards_done(&stream->next);
    buf_done(&stream->request);
    free(stream);
}

/* --- the list
 * ------------------------------------------------------------------------------------------------ */

static void list_again(struct stream *stream, enum aws_outcome outcome, const char *code, const char *message)
{
    int64_t delay_ms = backoff_failed(&stream->backoff, outcome, clock_monotonic_ms(), random_u64());

    kinesis_shards_done(&stream->next);
    stream->list_ms = stream->backoff.due_ms;
    metrics_add_label(stream->context->metrics, METRIC_RETRIES, "ListShards", 1);
    LOG_WARN("the shards cannot be listed; trying again", LOG_STR("stream", stream->context->config->stream),
             LOG_STR("code", code), LOG_STR("error", message), LOG_INT("in_ms", delay_ms));
}

/* Positions for the shards that are new; all are saved before any is read. */
static int add_new_shards(struct stream *stream, struct error *err)
{
    const struct analytics_config *config = stream->context->config;
    struct shard_position *positions = calloc(stream->list.count + 1, sizeof(*positions));
    int64_t now_ms = clock_wall_ms();
    size_t count = 0;
    int rc = positions ? 0 : error_set(err, ERROR_MEMORY, true, "out of memory");

    for (size_t i = 0; rc == 0 && i < stream->list.count; i++) {
        if (!find_shard(stream, stream->list.shards[i].id)) {
            shards_first_position(&stream->list.shards[i], stream->initial, (enum shards_start)config->start,
                                  analytics_start_ms(config), now_ms, &positions[count++]);
        }
    }
    if (rc == 0 && count > 0) {
        rc = checkpoint_save_all(stream->context->checkpoint, positions, count, now_ms, err);
    }
    for (size_t i = 0; rc == 0 && i < count; i++) {
        bool from_latest = stream->initial && config->start == SHARDS_LATEST;
        if (!add_shard(stream, &positions[i], from_latest)) {
            rc = error_set(err, ERROR_MEMORY, true, "out of memory");
        }
    }
    free(positions);
    stream->initial = stream->initial && rc != 0;
    return rc;
}

/* Shards that the stream no longer has: their records have passed out of its retention. */
static void drop_old_shards(struct stream *stream)
{
    size_t kept = 0;

    for (size_t i = 0; i < stream->count; i++) {
        struct shard *shard = stream->shards[i];
        const char *id = shard_position(shard)->shard;
        bool ended = has_ended(stream, id);
        bool waiting = shard_state(shard) == SHARD_WAITING;
        struct error err = {0};
        if (shards_find(&stream->list, id) || shard_calling(shard) ||
            !(ended || waiting || shard_not_found(shard)) ||
            checkpoint_forget(stream->context->checkpoint, id, &err)) {
            stream->shards[kept++] = shard;
            continue;
        }
        if (!ended) {
            LOG_WARN("the stream no longer has this shard; what was left in it is lost",
                     LOG_STR("shard", id));
        }
        shard_free(shard);
    }
    stream->count = kept;
}

static void take_list(struct stream *stream)
{
    struct error err = {0};

    kinesis_shards_done(&stream->list);
    stream->list = stream->next;
    stream->next = (struct kinesis_shards){0};
    if (add_new_shards(stream, &err)) {
        list_again(stream, AWS_RETRY, "", err.message);
        return;
    }
    drop_old_shards(stream);
    if (!stream->listed) {
        LOG_INFO("stream found", LOG_STR("stream", stream->context->config->stream),
                 LOG_UINT("shards", stream->list.count));
    }
    stream->listed = true;
    stream->list_ms =
        clock_monotonic_ms() + (stream->context->replica.count > 1 ? LIST_EVERY_SHARED_MS : LIST_EVERY_MS);
    backoff_succeeded(&stream->backoff);
    begin_shards(stream);
}

static void on_list(void *ctx, const struct aws_response *response)
{
    struct stream *stream = ctx;
    struct error err = {0};

    stream->listing = false;
    if (response->outcome != AWS_OK) {
        list_again(stream, response->outcome, response->code, response->error.message);
    } else if (kinesis_read_shards(buf_str(response->body), &stream->next, &err)) {
        list_again(stream, AWS_RETRY, "", err.message);
    } else if (!stream->next.next_token) {
        take_list(stream);
    } else {
        stream->list_ms = 0; /* the next page */
    }
}

static void ask_list(struct stream *stream)
{
    struct error err = {0};

    buf_reset(&stream->request);
    kinesis_add_list_shards(&stream->request, stream->context->config->stream, stream->next.next_token);
    stream->listing = true;
    if (buf_error(&stream->request) ||
        aws_call(stream->context->kinesis, "Kinesis_20131202.ListShards", buf_str(&stream->request),
                 LIST_TIMEOUT_MS, on_list, stream, &err)) {
        stream->listing = false;
        list_again(stream, AWS_RETRY, "", err.message);
    }
}

/* --- steps
 * --------------------------------------------------------------------------------------------------- */

static int64_t step_list(struct stream *stream, int64_t now_ms, bool stopping)
{
    if (stopping || stream->listing) {
        return INT64_MAX;
    }
    if (stream->list_ms <= now_ms) {
        ask_list(stream);
    }
    return stream->listing ? INT64_MAX : stream->list_ms;
}

/* A shard has ended: the lags of the others are set again as they are read, and its children are due. */
static void on_shard_end(struct stream *stream)
{
    metrics_clear_labels(stream->context->metrics, METRIC_MILLIS_BEHIND);
    stream->list_ms = 0;
}

int64_t stream_step(struct stream *stream, int64_t now_ms, bool stopping)
{
    int64_t due_ms = INT64_MAX;
    int64_t list_due_ms;

    for (size_t i = 0; i < stream->count; i++) {
        struct shard *shard = stream->shards[(stream->first + i) % stream->count];
        bool was_finished = shard_state(shard) == SHARD_FINISHED;
        int64_t shard_due_ms = was_finished ? INT64_MAX : shard_step(shard, now_ms, stopping);
        if (shard_state(shard) == SHARD_FINISHED && !was_finished) {
            on_shard_end(stream);
        }
        due_ms = shard_due_ms < due_ms ? shard_due_ms : due_ms;
    }
    stream->first = stream->count ? (stream->first + 1) % stream->count : 0;
    list_due_ms = step_list(stream, now_ms, stopping);
    return list_due_ms < due_ms ? list_due_ms : due_ms;
}

bool stream_calling(const struct stream *stream)
{
    bool calling = stream->listing;

    for (size_t i = 0; !calling && i < stream->count; i++) {
        calling = shard_calling(stream->shards[i]);
    }
    return calling;
}

bool stream_idle(const struct stream *stream)
{
    for (size_t i = 0; i < stream->count; i++) {
        enum shard_state state = shard_state(stream->shards[i]);
        if (state == SHARD_READING || state == SHARD_DELIVERING) {
            return false;
        }
    }
    return !stream_calling(stream);
}

const char *stream_problem(const struct stream *stream)
{
    if (!stream->listed) {
        return "the stream's shards have not been listed yet";
    }
    if (stream->backoff.attempts >= FAILURES_TO_TELL) {
        return "the stream's shards cannot be listed";
    }
    for (size_t i = 0; i < stream->count; i++) {
        if (shard_failures(stream->shards[i]) >= FAILURES_TO_TELL) {
            return "Firehose does not take rows";
        }
    }
    return NULL;
}

void stream_metrics(struct stream *stream)
{
    struct metrics *metrics = stream->context->metrics;
    size_t counts[SHARD_ELSEWHERE + 1] = {0};

    for (size_t i = 0; i < stream->count; i++) {
        counts[shard_state(stream->shards[i])]++;
    }
    metrics_set_label(metrics, METRIC_SHARDS, "waiting", (double)counts[SHARD_WAITING]);
    metrics_set_label(metrics, METRIC_SHARDS, "reading",
                      (double)(counts[SHARD_READING] + counts[SHARD_DELIVERING]));
    metrics_set_label(metrics, METRIC_SHARDS, "ended", (double)counts[SHARD_FINISHED]);
    metrics_set_label(metrics, METRIC_SHARDS, "elsewhere", (double)counts[SHARD_ELSEWHERE]);
    metrics_set(metrics, METRIC_BUFFERED_BYTES, (double)stream->context->buffered_bytes);
    metrics_set(metrics, METRIC_CHECKPOINT_AGE,
                (double)(clock_monotonic_ms() - stream->context->saved_ms) / 1000);
}

size_t stream_undelivered(const struct stream *stream)
{
    size_t records = 0;

    for (size_t i = 0; i < stream->count; i++) {
        records += shard_undelivered(stream->shards[i]);
    }
    return records;
}
