/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/firehose_buffer.h"

static bool waits(const struct firehose_buffer *buffer)
{
    return buffer->queues[FIREHOSE_RAW].count + buffer->queues[FIREHOSE_READY].count +
               buffer->queues[FIREHOSE_BAD].count >
           0;
}

static int64_t oldest_ms(const struct firehose_buffer *buffer)
{
    int64_t oldest = INT64_MAX;

    for (int i = 0; i < FIREHOSE_STATE_COUNT; i++) {
        const struct firehose_queue *queue = &buffer->queues[i];
        if (queue->count > 0 && queue->oldest_ms < oldest) {
            oldest = queue->oldest_ms;
        }
    }
    return oldest;
}

/* Whether a queue has records that the flush under way is to take. */
static bool in_flush(const struct firehose_buffer *buffer, enum firehose_state state)
{
    const struct firehose_queue *queue = &buffer->queues[state];

    return buffer->flush_id > 0 && queue->count > 0 && queue->first_id <= buffer->flush_id;
}

void firehose_buffer_flush(struct firehose_buffer *buffer)
{
    if (waits(buffer)) {
        buffer->flush_id = buffer->last_id;
    }
}

void firehose_buffer_update(struct firehose_buffer *buffer, const struct firehose_hints *hints,
                            int64_t now_ms)
{
    if (buffer->flush_id > 0 && !in_flush(buffer, FIREHOSE_RAW) && !in_flush(buffer, FIREHOSE_READY) &&
        !in_flush(buffer, FIREHOSE_BAD)) {
        buffer->flush_id = 0;
    }
    if (buffer->flush_id > 0 || !waits(buffer)) {
        return;
    }
    if (buffer->queues[FIREHOSE_RAW].bytes + buffer->queues[FIREHOSE_READY].bytes >= hints->bytes ||
        now_ms - oldest_ms(buffer) >= hints->interval_ms) {
        firehose_buffer_flush(buffer);
    }
}

int64_t firehose_buffer_due_in(const struct firehose_buffer *buffer, const struct firehose_hints *hints,
                               int64_t now_ms)
{
    int64_t left;

    if (buffer->flush_id > 0 || !waits(buffer)) {
        return -1;
    }
    left = hints->interval_ms - (now_ms - oldest_ms(buffer));
    return left > 0 ? left : 0;
}

bool firehose_buffer_transforms(const struct firehose_buffer *buffer, const struct firehose_hints *hints)
{
    const struct firehose_queue *raw = &buffer->queues[FIREHOSE_RAW];

    return in_flush(buffer, FIREHOSE_RAW) || (raw->count > 0 && raw->bytes >= hints->transform_bytes);
}

bool firehose_buffer_delivers(const struct firehose_buffer *buffer, const struct firehose_hints *hints,
                              enum firehose_state state)
{
    const struct firehose_queue *queue = &buffer->queues[state];

    if (queue->count > 0 && queue->bytes >= hints->bytes) {
        return true;
    }
    /* Records that are still to be transformed belong into the same object. */
    return in_flush(buffer, state) && !in_flush(buffer, FIREHOSE_RAW);
}

void firehose_queue_add(struct firehose_queue *queue, int64_t id, int64_t arrival_ms, int64_t bytes)
{
    if (queue->count++ == 0) {
        queue->first_id = id;
        queue->oldest_ms = arrival_ms;
    }
    queue->bytes += bytes;
}
