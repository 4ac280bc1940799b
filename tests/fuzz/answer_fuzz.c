/* SPDX-License-Identifier: Apache-2.0 */
/* folders: forwarder */
/*
 * Any bytes as PutRecords answer. What is accepted, cJSON accepts as well, with as many results as were asked
 * for and as many failures as were told.
 */
#include "forwarder/answer.h"

#include "forwarder/stream.h"
#include "lib/json.h"
#include "tests/fuzz/fuzz.h"

enum { RECORDS = 3 };

struct told {
    size_t count;
    size_t last;
};

static void on_failed(void *ctx, size_t index, enum answer_result result, struct str code, struct str message)
{
    struct told *told = ctx;

    require(index < RECORDS && (told->count == 0 || index > told->last));
    require(result == ANSWER_THROTTLED || result == ANSWER_FAILED);
    require(code.len > 0);
    require(answer_shard(message).len <= message.len);
    told->count++;
    told->last = index;
}

static size_t failures(const cJSON *results)
{
    const cJSON *result;
    size_t count = 0;

    cJSON_ArrayForEach(result, results)
    {
        count += cJSON_IsString(json_get(result, "ErrorCode"));
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct told told = {0};
    struct error err;
    size_t cap;

    if (answer_read(text, RECORDS, on_failed, &told, &err) == 0 && !memchr(data, 0, size)) {
        cJSON *json = json_parse(text.ptr, text.len, &err);
        /* Twice the same name: the two parsers keep different ones, which says nothing. */
        if (json && cJSON_GetArraySize(json_get(json, "Records")) == RECORDS) {
            require(failures(json_get(json, "Records")) <= RECORDS);
        }
        require(told.count <= RECORDS);
        cJSON_Delete(json);
    }
    if (stream_read_cap(text, &cap, &err) == 0) {
        require(cap >= 1024 && cap <= 10240 * 1024);
    }
    return 0;
}
