/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/refusal.h"

#include "forwarder/settle.h"
#include "lib/json.h"

void refusal_bury(struct engine *engine, const struct request *request, const char *text)
{
    const struct batch_entry *entry = &request->batch.entries[request->from];
    struct str json = batch_json(&request->batch, request->from);
    cJSON *put = json_parse(json.ptr, json.len, NULL);
    struct buf data;
    struct dlq_letter letter = {.partition = entry->partition->id,
                                .offset = entry->offset,
                                .timestamp_ms = entry->timestamp_ms,
                                .reason = entry->raw > engine->stream.record_cap ? "too-large" : "refused",
                                .message = text,
                                .owner = entry->partition,
                                .ticket = entry->ticket};

    buf_init(&data, BATCH_RAW_MAX);
    if (batch_decode_data(json, &data)) {
        engine_fail_memory(engine);
    } else {
        letter.value = buf_str(&data);
        if (engine->key_source == KEY_FROM_KEY && json_string(put, "PartitionKey")) {
            letter.key = str_of(json_string(put, "PartitionKey"));
        }
        entry->partition->in_requests--;
        settle_leave_lane(engine, entry->lane);
        settle_poison(engine, &letter);
    }
    cJSON_Delete(put);
    buf_done(&data);
}
