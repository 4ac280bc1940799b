/* SPDX-License-Identifier: Apache-2.0 */
/* Writing S3 objects from what waits. */
#include <stdio.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/random.h"
#include "lib/retry.h"

#include "local/aws/firehose.h"
#include "local/aws/firehose_gzip.h"
#include "local/aws/firehose_prefix.h"
#include "local/aws/s3.h"

static const struct retry_policy delivery_retry = {.base_ms = 200, .cap_ms = 10000};

/* What data that cannot be compressed grows by: zlib's bound for S3_OBJECT_CAP is below this. */
enum { PACKED_EXTRA = 1024 * 1024 };

/* Collects the records of one object. */
struct collection {
    struct buf *body;
    struct str delimiter; /* behind each record */
    int64_t limit;        /* bytes at which the object is full */
    int64_t bytes;        /* of the records taken, without delimiters */
    int64_t last_id;      /* of the records taken; 0: none */
    int64_t count;
    int64_t oldest_ms;
};

static bool take(void *ctx, const struct firehose_record *record)
{
    struct collection *collection = ctx;

    if (collection->count > 0 &&
        (collection->bytes >= collection->limit ||
         collection->body->len + record->data.len + collection->delimiter.len > S3_OBJECT_CAP)) {
        return false;
    }
    if (collection->count++ == 0) {
        collection->oldest_ms = record->arrival_ms;
    }
    buf_add(collection->body, record->data.ptr, record->data.len);
    buf_add(collection->body, collection->delimiter.ptr, collection->delimiter.len);
    collection->bytes += (int64_t)record->data.len;
    collection->last_id = record->id;
    return true;
}

static int collect(struct local *local, const struct firehose_stream *stream, enum firehose_state of,
                   int64_t last_id, struct collection *collection)
{
    if (firehose_store_read(local->state, stream->id, of, last_id, take, collection)) {
        return -ERROR_IO;
    }
    return buf_error(collection->body);
}

static const char *extension_of(const struct firehose_settings *settings)
{
    return settings->extension[0] ? settings->extension : settings->gzip ? ".gz" : "";
}

/* What stands behind each record: the parameter with its escapes resolved. */
static struct str delimiter_of(const struct firehose_settings *settings, char out[FIREHOSE_DELIMITER_CAP])
{
    static const char escaped[] = "nrt\\";
    static const char meaning[] = "\n\r\t\\";
    size_t len = 0;

    for (const char *p = settings->delimiter; *p; p++) {
        const char *found = p[0] == '\\' && p[1] ? strchr(escaped, p[1]) : NULL;
        out[len++] = found ? meaning[found - escaped] : *p;
        p += found != NULL;
    }
    return (struct str){out, len};
}

/* Decides on an object's name and stores it: from here on a restart writes this object and no other. */
static int name_object(struct local *local, struct firehose_stream *stream, enum firehose_state of,
                       const struct collection *collection, struct firehose_object *object)
{
    char uuid[RANDOM_UUID_SIZE];
    struct firehose_object_name name = {.prefix = stream->settings.prefix,
                                        .error_prefix = stream->settings.error_prefix,
                                        .error_type = of == FIREHOSE_BAD ? "processing-failed" : NULL,
                                        .stream = stream->settings.name,
                                        .version = stream->settings.version,
                                        .extension = extension_of(&stream->settings),
                                        .oldest_ms = collection->oldest_ms,
                                        .random = random_u64(),
                                        .uuid = uuid};
    struct buf key;
    int code;

    random_uuid(uuid);
    buf_init(&key, S3_KEY_CAP);
    code = firehose_object_key(&name, &key);
    if (code == 0) {
        snprintf(object->key, sizeof(object->key), "%s", key.data);
        object->last_id = collection->last_id;
        code = firehose_store_object_begin(local->state, stream->id, of, object);
    }
    buf_done(&key);
    if (code == 0) {
        stream->pending[of] = true;
    }
    return code;
}

/* The object's bytes: the records, or what compression makes of them, in `packed`. */
static int pack(const struct firehose_settings *settings, const struct buf *records, struct buf *packed,
                struct str *ret)
{
    *ret = buf_str(records);
    if (settings->gzip) {
        int code = firehose_gzip(*ret, packed);
        *ret = buf_str(packed);
        return code;
    }
    return 0;
}

/* Writes the object; enters it and lets its records go in one transaction. */
static enum s3_result write_object(struct local *local, struct firehose_stream *stream,
                                   enum firehose_state of, const struct firehose_object *object,
                                   struct str body)
{
    struct s3_object entry = {.content_type = "application/octet-stream", .metadata = "{}"};
    enum s3_result result;

    if (state_begin(local->state)) {
        return S3_FAILED;
    }
    result = s3_store_put(local->s3, stream->settings.bucket, object->key, body, &entry, clock_wall_ms());
    if (result == S3_OK && firehose_store_object_end(local->state, stream->id, of, object->last_id)) {
        result = S3_FAILED;
    }
    if (result != S3_OK) {
        state_rollback(local->state);
        return result;
    }
    return state_commit(local->state) ? S3_FAILED : S3_OK;
}

static void settle(struct local *local, struct firehose_stream *stream, enum firehose_state of,
                   const struct collection *collection, const char *key)
{
    struct firehose_queue *queue = &stream->buffer.queues[of];

    stream->pending[of] = false;
    stream->failures = 0;
    queue->count -= collection->count;
    queue->bytes -= collection->bytes;
    if (firehose_store_first(local->state, stream->id, of, queue)) {
        queue->first_id = collection->last_id + 1; /* logged; that much is certain */
    }
    metrics_add(local->metrics, METRIC_S3_OBJECTS, 1);
    metrics_add_label(local->metrics, of == FIREHOSE_BAD ? METRIC_FIREHOSE_FAILED : METRIC_FIREHOSE_DELIVERED,
                      stream->settings.name, (uint64_t)collection->count);
    LOG_INFO(of == FIREHOSE_BAD ? "failed records delivered" : "records delivered",
             LOG_STR("delivery_stream", stream->settings.name), LOG_INT("records", collection->count),
             LOG_UINT("bytes", collection->body->len), LOG_STR("key", key));
}

static int64_t put_off(struct firehose_stream *stream, enum s3_result result)
{
    int64_t delay =
        delivery_retry.base_ms + retry_delay_ms(&delivery_retry, stream->failures++, random_u64());

    LOG_WARN("delivery failed, trying again", LOG_STR("delivery_stream", stream->settings.name),
             LOG_STR("bucket", stream->settings.bucket),
             LOG_STR("reason", result == S3_NO_BUCKET ? "no such bucket" : "the object was not stored"),
             LOG_INT("retry_in_ms", delay));
    stream->retry_ms = clock_monotonic_ms() + delay;
    return delay;
}

/* Writes one object. S3_OK, or what went wrong. */
static enum s3_result deliver_one(struct local *local, struct firehose_stream *stream, enum firehose_state of)
{
    struct firehose_object object = {.last_id = INT64_MAX};
    char delimiter[FIREHOSE_DELIMITER_CAP];
    struct buf body;
    struct buf packed;
    struct str bytes;
    struct collection collection = {.body = &body, .limit = stream->settings.buffer_bytes};
    enum s3_result result = S3_FAILED;

    buf_init(&body, S3_OBJECT_CAP);
    buf_init(&packed, S3_OBJECT_CAP + PACKED_EXTRA);
    if (of == FIREHOSE_READY) {
        collection.delimiter = delimiter_of(&stream->settings, delimiter);
    }
    if (stream->pending[of]) {
        collection.limit = INT64_MAX;
        if (firehose_store_object_find(local->state, stream->id, of, &object) != 1) {
            goto out;
        }
    }
    if (collect(local, stream, of, object.last_id, &collection) || collection.count == 0) {
        goto out;
    }
    if (!stream->pending[of] && name_object(local, stream, of, &collection, &object)) {
        goto out;
    }
    if (pack(&stream->settings, &body, &packed, &bytes)) {
        goto out;
    }
    result = write_object(local, stream, of, &object, bytes);
    if (result == S3_OK) {
        settle(local, stream, of, &collection, object.key);
    }
out:
    buf_done(&packed);
    buf_done(&body);
    return result;
}

int64_t firehose_deliver(struct local *local, struct firehose_stream *stream)
{
    static const enum firehose_state states[] = {FIREHOSE_READY, FIREHOSE_BAD};
    struct firehose_hints hints = {.bytes = stream->settings.buffer_bytes,
                                   .interval_ms = stream->settings.buffer_ms,
                                   .transform_bytes = stream->settings.transform_bytes};
    int64_t left = stream->failures ? stream->retry_ms - clock_monotonic_ms() : 0;

    if (left > 0) {
        return left;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(states); i++) {
        while (stream->pending[states[i]] || firehose_buffer_delivers(&stream->buffer, &hints, states[i])) {
            enum s3_result result = deliver_one(local, stream, states[i]);
            if (result != S3_OK) {
                return put_off(stream, result);
            }
        }
    }
    return -1;
}
