/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/arrival.h"

#include "lib/random.h"

static struct str partition_key(const struct engine *engine, struct arrival *arrival)
{
    const struct consumer_record *record = arrival->record;

    switch (engine->key_source) {
    case KEY_FROM_PARTITION:
        return key_of_partition(record->partition, arrival->scratch);
    case KEY_RANDOM:
        return key_random(random_u64(), arrival->scratch);
    case KEY_FROM_HEADER:
        return key_map(consumer_header(engine->consumer, engine->key_header), record->partition,
                       record->offset, arrival->scratch);
    case KEY_FROM_KEY:
        break;
    }
    return key_map(record->key, record->partition, record->offset, arrival->scratch);
}

static void read_null_value(const struct engine *engine, struct arrival *arrival)
{
    if (arrival->record->value.ptr) {
        return;
    }
    if (engine->config->null_value == NULL_VALUE_DLQ) {
        arrival->poison = "null-value";
        arrival->poison_text = "the record has no value, and FORWARDER_NULL_VALUE is dlq";
    }
    arrival->dropped = engine->config->null_value == NULL_VALUE_DROP;
}

static void read_hash_key(const struct engine *engine, struct arrival *arrival)
{
    struct str value;

    if (!engine->config->hash_key_header) {
        return;
    }
    value = consumer_header(engine->consumer, engine->config->hash_key_header);
    if (!value.ptr) {
        return;
    }
    if (key_is_hash_key(value)) {
        arrival->put.hash_key = value;
    } else {
        arrival->poison = "bad-hash-key";
        arrival->poison_text =
            "the header named by FORWARDER_HASH_KEY_HEADER is no decimal number below 2^128";
    }
}

void arrival_read(const struct engine *engine, const struct consumer_record *record,
                  struct partition *partition, struct arrival *arrival)
{
    size_t raw;

    arrival->record = record;
    arrival->put.data = record->value;
    arrival->put.partition_key = partition_key(engine, arrival);
    read_null_value(engine, arrival);
    read_hash_key(engine, arrival);
    raw = batch_raw_size(&arrival->put);
    if (raw > engine->stream.record_cap) {
        arrival->poison = "too-large";
        arrival->poison_text = "value and partition key are larger than the stream's record limit";
    }
    arrival->entry = (struct batch_entry){
        .partition = partition,
        .offset = record->offset,
        .timestamp_ms = record->timestamp_ms,
        .lane = engine->config->order == ORDER_KEY && engine->key_source != KEY_RANDOM
                    ? lanes_index(key_hash(arrival->put.partition_key))
                    : LANE_NONE,
        .raw = (uint32_t)raw,
    };
}

struct dlq_letter arrival_letter(const struct engine *engine, const struct arrival *arrival,
                                 struct kafka_header headers[DLQ_HEADERS_MAX])
{
    const struct consumer_record *record = arrival->record;

    return (struct dlq_letter){
        .key = record->key,
        .value = record->value,
        .headers = headers,
        .header_count = consumer_headers(engine->consumer, headers, DLQ_HEADERS_MAX),
        .partition = record->partition,
        .offset = record->offset,
        .timestamp_ms = record->timestamp_ms,
        .reason = arrival->poison,
        .message = arrival->poison_text,
        .owner = arrival->entry.partition,
        .ticket = arrival->entry.ticket,
    };
}
