/* SPDX-License-Identifier: Apache-2.0 */
/* folders: transformer */
/*
 * Any bytes as a Firehose event. An answer keeps to its cap and is JSON with as many records as were counted;
 * the data of those that are Ok is strict base64 that ends in a newline.
 */
#include "transformer/transform.h"

#include "lib/base64.h"
#include "lib/json.h"
#include "tests/fuzz/fuzz.h"

static void check_record(const cJSON *record, uint64_t *ok)
{
    const char *result = json_string(record, "result");
    const char *data = json_string(record, "data");
    char *plain;
    size_t len = 0;

    data = data ? data : json_string(record, "kafkaRecordValue");
    require(result && data && json_get(record, "recordId"));
    if (strcmp(result, "Ok") == 0) {
        plain = malloc(strlen(data) + 1);
        require(base64_decode(str_of(data), plain, &len));
        require(len > 0 && plain[len - 1] == '\n');
        free(plain);
        (*ok)++;
    } else {
        require(strcmp(result, "ProcessingFailed") == 0);
    }
}

static void check_answer(const struct buf *answer, const struct transform_counts *counts)
{
    cJSON *json = cJSON_ParseWithLengthOpts(answer->data, answer->len + 1, NULL, true);
    const cJSON *records = json_get(json, "records");
    const cJSON *record;
    uint64_t ok = 0, all = 0;

    require(cJSON_IsArray(records));
    cJSON_ArrayForEach(record, records)
    {
        check_record(record, &ok);
        all++;
    }
    require(ok == counts->ok && all == counts->ok + counts->failed);
    cJSON_Delete(json);
}

/* The first byte chooses the options. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct transform_options options = {.if_missing = size > 0 && data[0] & 1,
                                        .payload_cap = size > 0 && data[0] & 2 ? 150 : 100000};
    struct str event = {(const char *)data + (size > 0), size - (size > 0)};
    struct transform_counts counts = {0};
    struct error err = {0};
    struct buf out;

    buf_init(&out, options.payload_cap);
    if (transform_event(event, &options, &out, &counts, &err) == 0) {
        require(out.len <= options.payload_cap);
        require(str_is_utf8(buf_str(&out)));
        if (!memmem(out.data, out.len, "\\u", 2)) { /* cJSON takes no lone surrogates and ends text at NUL */
            check_answer(&out, &counts);
        }
    } else {
        require(out.len == 0 && err.message[0] != '\0');
    }
    buf_done(&out);
    return 0;
}
