/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/kinesis.h"

#include <stdlib.h>

#include "analytics/number.h"
#include "analytics/scan.h"
#include "lib/base64.h"
#include "lib/json.h"

enum { RECORDS_FIRST_SIZE = 256, SHARDS_FIRST_SIZE = 16 };

/* --- GetRecords ------------------------------------------------------------------------------------------
 */

void kinesis_add_get_records(struct buf *out, struct str iterator, unsigned limit)
{
    buf_add_str(out, "{\"ShardIterator\":");
    buf_add_json_string(out, iterator.ptr, iterator.len);
    buf_addf(out, ",\"Limit\":%u}", limit);
}

/* The member's text with escapes resolved where it stands. False if it is no string. */
static bool read_text(struct scan *scan, struct str *ret)
{
    struct scan_value value;
    char *place;

    if (!scan_value(scan, &value)) {
        return false;
    }
    if (value.kind != SCAN_STRING) {
        return value.kind == SCAN_NULL || scan_fail(scan, "not a string");
    }
    *ret = value.text;
    if (value.escaped) {
        place = (char *)(uintptr_t)value.text.ptr; /* the body is ours to overwrite */
        ret->len = scan_unescape(value.text, place);
    }
    return true;
}

/*
 * "Data" is nearly all of an answer. Its alphabet has nothing that needs a closer look, so the closing quote
 * is searched for, and the strict decoder judges what lies before it.
 */
static bool read_data(struct scan *scan, struct kinesis_record *record)
{
    struct str text = {"", 0};
    const char *quote = NULL;
    size_t len = 0;

    if (scan_next_is(scan, '"')) {
        text.ptr = scan->at + 1;
        quote = memchr(text.ptr, '"', (size_t)(scan->end - text.ptr));
        text.len = quote ? (size_t)(quote - text.ptr) : 0;
    }
    if (quote && !memchr(text.ptr, '\\', text.len)) {
        scan->at = quote + 1;
    } else if (!read_text(scan, &text)) { /* some encoders write "\/" */
        return false;
    }
    if (!base64_decode(text, (char *)(uintptr_t)text.ptr, &len)) {
        len = 0;
    }
    record->data = (struct str){text.ptr, len};
    return true;
}

static bool read_arrival(struct scan *scan, int64_t *ret)
{
    struct scan_value value;
    double seconds;

    if (!scan_value(scan, &value)) {
        return false;
    }
    if (value.kind == SCAN_NUMBER && number_parse_real(value.text, &seconds) && seconds > 0 &&
        seconds < 1e12) {
        *ret = (int64_t)(seconds * 1000 + 0.5);
    }
    return true;
}

static bool read_record(struct scan *scan, struct kinesis_record *record)
{
    struct scan_value key;
    struct scan_value ignored;
    bool first = true;

    *record = (struct kinesis_record){.data = {"", 0}, .partition_key = {"", 0}};
    if (!scan_enter(scan, '{')) {
        return scan_fail(scan, "a record is not an object");
    }
    while (scan_member(scan, &first, &key)) {
        if (scan_text_is(&key, STR("Data"))) {
            read_data(scan, record);
        } else if (scan_text_is(&key, STR("SequenceNumber"))) {
            read_text(scan, &record->sequence);
        } else if (scan_text_is(&key, STR("PartitionKey"))) {
            read_text(scan, &record->partition_key);
        } else if (scan_text_is(&key, STR("ApproximateArrivalTimestamp"))) {
            read_arrival(scan, &record->arrival_ms);
        } else {
            scan_value(scan, &ignored);
        }
    }
    if (!scan->problem && (record->sequence.len == 0 || record->sequence.len >= KINESIS_SEQUENCE_SIZE)) {
        return scan_fail(scan, "a record without a SequenceNumber");
    }
    return !scan->problem;
}

static bool grow_records(struct kinesis_records *records)
{
    size_t size = records->size ? records->size * 2 : RECORDS_FIRST_SIZE;
    struct kinesis_record *grown;

    if (records->count < records->size) {
        return true;
    }
    if (records->count >= KINESIS_RECORDS_CAP) {
        return false;
    }
    grown = realloc(records->records, size * sizeof(*grown));
    if (!grown) {
        return false;
    }
    records->records = grown;
    records->size = size;
    return true;
}

static void read_record_list(struct scan *scan, struct kinesis_records *ret)
{
    bool first = true;

    if (!scan_enter(scan, '[')) {
        scan_fail(scan, "Records is not an array");
        return;
    }
    while (scan_element(scan, &first)) {
        if (!grow_records(ret)) {
            scan_fail(scan, "more records than memory or the API allows");
            return;
        }
        if (!read_record(scan, &ret->records[ret->count])) {
            return;
        }
        ret->data_bytes += ret->records[ret->count].data.len;
        ret->count++;
    }
}

static void read_millis_behind(struct scan *scan, int64_t *ret)
{
    struct scan_value value;

    if (scan_value(scan, &value) && value.kind == SCAN_NUMBER) {
        number_parse_whole(value.text, ret);
    }
}

int kinesis_read_records(char *body, size_t len, struct kinesis_records *ret, struct error *err)
{
    struct scan scan;
    struct scan_value key;
    struct scan_value ignored;
    bool first = true;
    bool has_records = false;

    ret->count = 0;
    ret->data_bytes = 0;
    ret->next_iterator = (struct str){NULL, 0};
    ret->millis_behind = 0;
    scan_init(&scan, (struct str){body, len});
    if (!scan_enter(&scan, '{')) {
        scan_fail(&scan, "not a JSON object");
    }
    while (scan_member(&scan, &first, &key)) {
        if (scan_text_is(&key, STR("Records"))) {
            ret->count = 0;
            ret->data_bytes = 0;
            has_records = true;
            read_record_list(&scan, ret);
        } else if (scan_text_is(&key, STR("NextShardIterator"))) {
            read_text(&scan, &ret->next_iterator);
        } else if (scan_text_is(&key, STR("MillisBehindLatest"))) {
            read_millis_behind(&scan, &ret->millis_behind);
        } else {
            scan_value(&scan, &ignored);
        }
    }
    if (!scan.problem && !has_records) {
        scan_fail(&scan, "there are no Records in it");
    }
    if (!scan.problem && ret->next_iterator.len >= KINESIS_ITERATOR_SIZE) {
        scan_fail(&scan, "the iterator is too long");
    }
    if (!scan_end(&scan)) {
        return error_set(err, ERROR_SYNTAX, true, "answer of GetRecords, byte %zu: %s", scan_position(&scan),
                         scan.problem);
    }
    return 0;
}

void kinesis_records_done(struct kinesis_records *records)
{
    free(records->records);
    *records = (struct kinesis_records){0};
}

/* --- the small answers, read with cJSON --------------------------------------------------------------------
 */

static void add_stream(struct buf *out, const char *stream)
{
    buf_add_str(out, str_starts_with(str_of(stream), STR("arn:")) ? "\"StreamARN\":" : "\"StreamName\":");
    buf_add_json_string(out, stream, strlen(stream));
}

void kinesis_add_get_shard_iterator(struct buf *out, const char *stream, const char *shard,
                                    const struct kinesis_position *position)
{
    static const char *const types[] = {
        [KINESIS_TRIM_HORIZON] = "TRIM_HORIZON",
        [KINESIS_LATEST] = "LATEST",
        [KINESIS_AT_TIMESTAMP] = "AT_TIMESTAMP",
        [KINESIS_AT_SEQUENCE] = "AT_SEQUENCE_NUMBER",
        [KINESIS_AFTER_SEQUENCE] = "AFTER_SEQUENCE_NUMBER",
    };

    buf_add_char(out, '{');
    add_stream(out, stream);
    buf_add_str(out, ",\"ShardId\":");
    buf_add_json_string(out, shard, strlen(shard));
    buf_addf(out, ",\"ShardIteratorType\":\"%s\"", types[position->start]);
    if (position->start == KINESIS_AT_TIMESTAMP) {
        buf_addf(out, ",\"Timestamp\":%lld.%03d", (long long)(position->timestamp_ms / 1000),
                 (int)(position->timestamp_ms % 1000));
    } else if (position->start == KINESIS_AT_SEQUENCE || position->start == KINESIS_AFTER_SEQUENCE) {
        buf_add_str(out, ",\"StartingSequenceNumber\":");
        buf_add_json_string(out, position->sequence, strlen(position->sequence));
    }
    buf_add_char(out, '}');
}

int kinesis_read_shard_iterator(struct str body, char *out, struct error *err)
{
    cJSON *root = json_parse(body.ptr, body.len, err);
    const char *iterator = json_string(root, "ShardIterator");
    size_t len = iterator ? strlen(iterator) : 0;
    int rc = 0;

    if (len == 0 || len >= KINESIS_ITERATOR_SIZE) {
        rc = error_set(err, ERROR_SYNTAX, true, "answer of GetShardIterator has no usable ShardIterator");
    } else {
        memcpy(out, iterator, len + 1);
    }
    cJSON_Delete(root);
    return rc;
}

void kinesis_add_list_shards(struct buf *out, const char *stream, const char *next_token)
{
    buf_add_char(out, '{');
    if (next_token) {
        buf_add_str(out, "\"NextToken\":");
        buf_add_json_string(out, next_token, strlen(next_token));
    } else {
        add_stream(out, stream);
    }
    buf_add_char(out, '}');
}

/* Copies an id; an absent one is empty. False if it does not fit. */
static bool copy_id(const char *id, char out[KINESIS_SHARD_ID_SIZE])
{
    size_t len = id ? strlen(id) : 0;

    if (len >= KINESIS_SHARD_ID_SIZE) {
        return false;
    }
    memcpy(out, id ? id : "", len + 1);
    return true;
}

static bool read_shard(const cJSON *from, struct kinesis_shard *to)
{
    const cJSON *range = json_get(from, "SequenceNumberRange");

    to->closed = json_string(range, "EndingSequenceNumber") != NULL;
    return copy_id(json_string(from, "ShardId"), to->id) && to->id[0] != '\0' &&
           copy_id(json_string(from, "ParentShardId"), to->parent) &&
           copy_id(json_string(from, "AdjacentParentShardId"), to->adjacent_parent);
}

static bool grow_shards(struct kinesis_shards *shards)
{
    size_t size = shards->size ? shards->size * 2 : SHARDS_FIRST_SIZE;
    struct kinesis_shard *grown;

    if (shards->count < shards->size) {
        return true;
    }
    grown = size <= KINESIS_SHARDS_CAP ? realloc(shards->shards, size * sizeof(*grown)) : NULL;
    if (!grown) {
        return false;
    }
    shards->shards = grown;
    shards->size = size;
    return true;
}

int kinesis_read_shards(struct str body, struct kinesis_shards *shards, struct error *err)
{
    cJSON *root = json_parse(body.ptr, body.len, err);
    const cJSON *list = json_get(root, "Shards");
    const char *token = json_string(root, "NextToken");
    const cJSON *item;
    int rc = 0;

    if (!cJSON_IsArray(list) || (token && strlen(token) > KINESIS_TOKEN_CAP)) {
        rc = error_set(err, ERROR_SYNTAX, true, "answer of ListShards has no Shards");
        goto out;
    }
    cJSON_ArrayForEach(item, list)
    {
        if (!grow_shards(shards) || !read_shard(item, &shards->shards[shards->count])) {
            rc = error_set(err, ERROR_SYNTAX, true, "answer of ListShards has a shard that cannot be read");
            goto out;
        }
        shards->count++;
    }
    free(shards->next_token);
    shards->next_token = token ? strdup(token) : NULL;
    if (token && !shards->next_token) {
        rc = error_set(err, ERROR_MEMORY, true, "out of memory");
    }
out:
    cJSON_Delete(root);
    return rc;
}

void kinesis_shards_done(struct kinesis_shards *shards)
{
    free(shards->shards);
    free(shards->next_token);
    *shards = (struct kinesis_shards){0};
}
