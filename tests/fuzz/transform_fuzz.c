/* SPDX-License-Identifier: Apache-2.0 */
/* folders: transformer */
/*
 * The transform, differentially. The first byte chooses the options; the rest is the event. What the
 * transform accepts is compared with a naive one: cJSON builds the tree, base64 is decoded, a newline
 * appended, and encoded again. What it refuses is not: cJSON is laxer than RFC 8259.
 */
#include "transformer/transform.h"

#include "lib/base64.h"
#include "lib/json.h"
#include "tests/fuzz/fuzz.h"

/* The last member of that name, as JSON.parse has it; cJSON's own getter takes the first. */
static const cJSON *last_member(const cJSON *object, const char *name)
{
    const cJSON *found = NULL;
    const cJSON *member;

    cJSON_ArrayForEach(member, object)
    {
        if (member->string && strcmp(member->string, name) == 0) {
            found = member;
        }
    }
    return found;
}

static bool is_none(const cJSON *item)
{
    return !item || cJSON_IsNull(item);
}

/* The new text, to be freed; NULL if the value is not base64. */
static char *naive_text(const cJSON *value, bool if_missing)
{
    struct str text = str_of(value->valuestring);
    unsigned char *bytes = malloc(base64_decoded_size(text.len) + 1);
    char *result = malloc(base64_encoded_size(base64_decoded_size(text.len) + 1) + 1);
    size_t length;

    require(bytes && result);
    if (!base64_decode(text, bytes, &length)) {
        free(bytes);
        free(result);
        return NULL;
    }
    if (!(if_missing && length > 0 && bytes[length - 1] == '\n')) {
        bytes[length++] = '\n';
    }
    result[base64_encode(bytes, length, result)] = '\0';
    free(bytes);
    return result;
}

static void compare_record(const cJSON *in, const cJSON *out, bool if_missing, bool may_not_fit)
{
    const cJSON *data = last_member(in, "data");
    const cJSON *kafka = last_member(in, "kafkaRecordValue");
    bool is_kafka = is_none(data) && !is_none(kafka);
    const cJSON *value = is_kafka ? kafka : data;
    const char *got = json_string(out, is_kafka ? "kafkaRecordValue" : "data");
    const char *result = json_string(out, "result");
    char *text = cJSON_IsString(value) ? naive_text(value, if_missing) : NULL;
    const char *echo = cJSON_IsString(value) ? value->valuestring : "";

    require(cJSON_GetArraySize(out) == 3 && got && result);
    require(strcmp(json_string(out, "recordId"), last_member(in, "recordId")->valuestring) == 0);
    if (may_not_fit && strcmp(result, "ProcessingFailed") == 0 && *got == '\0') {
        echo = "";
    } else {
        require(strcmp(result, text ? "Ok" : "ProcessingFailed") == 0);
        require(strcmp(got, text ? text : echo) == 0);
    }
    free(text);
}

static void compare(struct str event, const struct buf *out, const struct transform_counts *counts,
                    bool if_missing, bool may_not_fit)
{
    cJSON *in = json_parse(event.ptr, event.len, NULL);
    cJSON *answer = json_parse(out->data, out->len, NULL);
    const cJSON *records = last_member(in, "records");
    const cJSON *answers = json_get(answer, "records");
    int count = cJSON_GetArraySize(records);

    require(answer && cJSON_IsArray(answers));
    require((size_t)cJSON_GetArraySize(answers) == counts->ok + counts->failed);
    if (in) { /* cJSON refuses half surrogate pairs and deep nesting */
        require(cJSON_GetArraySize(answers) == count);
        const cJSON *record = records->child;
        for (const cJSON *item = answers->child; item; item = item->next, record = record->next) {
            compare_record(record, item, if_missing, may_not_fit);
        }
    }
    cJSON_Delete(in);
    cJSON_Delete(answer);
}

static bool contains(struct str text, struct str what)
{
    return memmem(text.ptr, text.len, what.ptr, what.len) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t caps[] = {TRANSFORM_PAYLOAD_CAP, TRANSFORM_PAYLOAD_CAP, 200, 500};
    struct transform_options options = {.payload_cap = TRANSFORM_PAYLOAD_CAP};
    struct transform_counts counts = {0};
    struct error err = {0};
    struct buf out;
    struct str event;

    if (size == 0) {
        return 0;
    }
    options.if_missing = (data[0] & 1) != 0;
    options.payload_cap = caps[data[0] >> 1 & 3];
    event = (struct str){(const char *)data + 1, size - 1};
    buf_init(&out, TRANSFORM_PAYLOAD_CAP);
    if (transform_event(event, &options, &out, &counts, &err) == 0) {
        require(out.len <= options.payload_cap);
        require(str_is_utf8(buf_str(&out)));
        /* cJSON's strings end at a NUL character, and it refuses half a surrogate pair. */
        if (!contains(event, STR("\\u0000")) && !contains(event, STR("\\uD")) &&
            !contains(event, STR("\\ud"))) {
            compare(event, &out, &counts, options.if_missing, options.payload_cap < TRANSFORM_PAYLOAD_CAP);
        }
    } else {
        require(out.len == 0 && err.code != ERROR_NONE && err.message[0] != '\0');
    }
    buf_done(&out);
    return 0;
}
