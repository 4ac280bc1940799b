/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/batch.h"

#include "lib/base64.h"
#include "lib/error.h"

static const char data_head[] = "{\"Data\":\"";
static const char key_head[] = "\",\"PartitionKey\":";
static const char hash_head[] = ",\"ExplicitHashKey\":\"";
static const char tail[] = "]}";

enum {
    ENCODED_FIXED = sizeof(data_head) + sizeof(key_head) + sizeof(hash_head) + 45 /* hash key and ends */
};

int batch_init(struct batch *batch, const char *stream)
{
    bool arn = strncmp(stream, "arn:", 4) == 0;

    buf_init(&batch->body, BATCH_BODY_CAP);
    buf_addf(&batch->body, "{\"%s\":", arn ? "StreamARN" : "StreamName");
    buf_add_json_string(&batch->body, stream, strlen(stream));
    buf_add_str(&batch->body, ",\"Records\":[");
    batch->head_len = batch->body.len;
    batch->raw = 0;
    batch->count = 0;
    return buf_error(&batch->body);
}

void batch_done(struct batch *batch)
{
    buf_done(&batch->body);
    batch->count = 0;
}

void batch_reset(struct batch *batch)
{
    batch->body.len = batch->head_len;
    batch->body.failure = 0;
    batch->raw = 0;
    batch->count = 0;
}

size_t batch_raw_size(const struct batch_record *record)
{
    return record->data.len + record->partition_key.len;
}

size_t batch_encoded_bound(const struct batch_record *record)
{
    return base64_encoded_size(record->data.len) + 6 * record->partition_key.len + ENCODED_FIXED;
}

void batch_encode(const struct batch_record *record, struct buf *out)
{
    buf_add(out, data_head, sizeof(data_head) - 1);
    buf_add_base64(out, record->data.ptr, record->data.len);
    buf_add(out, key_head, sizeof(key_head) - 1);
    buf_add_json_string(out, record->partition_key.ptr, record->partition_key.len);
    if (record->hash_key.len > 0) {
        buf_add(out, hash_head, sizeof(hash_head) - 1);
        buf_add(out, record->hash_key.ptr, record->hash_key.len);
        buf_add_char(out, '"');
    }
    buf_add_char(out, '}');
}

bool batch_fits(const struct batch *batch, size_t raw)
{
    return batch->count < BATCH_RECORDS_MAX && batch->raw + raw <= BATCH_RAW_MAX;
}

/* Takes in what was appended to the body from `start` on, or takes it back after a failure. */
static int add_entry(struct batch *batch, size_t start, const struct batch_entry *entry)
{
    int failure = buf_error(&batch->body);
    struct batch_entry *added;

    if (failure) {
        batch->body.failure = 0;
        batch->body.len = start;
        return failure;
    }
    added = &batch->entries[batch->count++];
    *added = *entry;
    added->start = (uint32_t)(start + (start > batch->head_len));
    added->len = (uint32_t)(batch->body.len - added->start);
    batch->raw += entry->raw;
    return 0;
}

static size_t start_record(struct batch *batch)
{
    size_t start = batch->body.len;

    if (batch->count > 0) {
        buf_add_char(&batch->body, ',');
    }
    return start;
}

int batch_add(struct batch *batch, const struct batch_record *record, const struct batch_entry *entry)
{
    size_t start = start_record(batch);

    batch_encode(record, &batch->body);
    return add_entry(batch, start, entry);
}

int batch_add_encoded(struct batch *batch, struct str json, const struct batch_entry *entry)
{
    size_t start = start_record(batch);

    buf_add(&batch->body, json.ptr, json.len);
    return add_entry(batch, start, entry);
}

struct str batch_json(const struct batch *batch, size_t index)
{
    const struct batch_entry *entry = &batch->entries[index];

    return (struct str){batch->body.data + entry->start, entry->len};
}

struct str batch_body(struct batch *batch, size_t from, size_t to, struct buf *part)
{
    const struct batch_entry *first = &batch->entries[from];
    const struct batch_entry *last = &batch->entries[to - 1];
    size_t records_end = batch->body.len;

    if (from == 0 && to == batch->count) {
        /* The tail goes behind the records for the time of the request; len stays where records go. */
        buf_add(&batch->body, tail, sizeof(tail) - 1);
        if (buf_error(&batch->body)) {
            return (struct str){"", 0};
        }
        batch->body.len = records_end;
        return (struct str){batch->body.data, records_end + sizeof(tail) - 1};
    }
    buf_reset(part);
    buf_add(part, batch->body.data, batch->head_len);
    buf_add(part, batch->body.data + first->start, (size_t)(last->start + last->len) - first->start);
    buf_add(part, tail, sizeof(tail) - 1);
    return buf_error(part) ? (struct str){"", 0} : buf_str(part);
}

void batch_split(struct str json, struct str *ret_data, struct str *ret_keys)
{
    const size_t head = sizeof(data_head) - 1;
    const char *end = memchr(json.ptr + head, '"', json.len - head);
    size_t len = end ? (size_t)(end - json.ptr) - head : json.len - head;

    *ret_data = (struct str){json.ptr + head, len};
    *ret_keys = (struct str){json.ptr + head + len, json.len - head - len};
}

void batch_encode_like(struct str json, struct str data, struct buf *out)
{
    struct str other;
    struct str keys;

    batch_split(json, &other, &keys);
    buf_add(out, data_head, sizeof(data_head) - 1);
    buf_add_base64(out, data.ptr, data.len);
    buf_add(out, keys.ptr, keys.len);
}

int batch_decode_data(struct str json, struct buf *out)
{
    struct str text;
    struct str keys;
    char *place;
    size_t len;

    batch_split(json, &text, &keys);
    place = buf_reserve(out, base64_decoded_size(text.len));
    if (!place) {
        return buf_error(out);
    }
    if (!base64_decode(text, place, &len)) {
        return -ERROR_STATE;
    }
    buf_commit(out, len);
    return 0;
}

cJSON *batch_decode_keys(struct str json, struct str *ret_partition_key, struct str *ret_hash_key)
{
    struct buf text;
    struct str data;
    struct str keys;
    cJSON *document;
    const char *hash_key;

    batch_split(json, &data, &keys);
    buf_init(&text, keys.len);
    buf_add(&text, "{", 1);
    buf_add(&text, keys.ptr + 2, keys.len - 2); /* without the end of the data and its comma */
    document = buf_error(&text) ? NULL : json_parse(text.data, text.len, NULL);
    buf_done(&text);
    if (document) {
        hash_key = json_string(document, "ExplicitHashKey");
        *ret_partition_key = str_of(json_string(document, "PartitionKey"));
        *ret_hash_key = str_of(hash_key ? hash_key : "");
    }
    return document;
}
