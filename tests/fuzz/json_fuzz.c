/* SPDX-License-Identifier: Apache-2.0 */
/* A document that was read can be written and read again; all getters stand any shape. */
#include "lib/json.h"

#include "tests/fuzz/fuzz.h"

static void read_with_all_getters(const cJSON *json)
{
    long long number = 4711;

    (void)json_get(json, "a");
    (void)json_path(json, "a.b.c");
    (void)json_string(json, "a");
    (void)json_bool(json, "a", true);
    if (json_int64(json, "a", -5, 5000, &number)) {
        require(number >= -5 && number <= 5000);
    } else {
        require(number == 4711);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *exact = malloc(size ? size : 1); /* without a NUL: the length counts */
    struct error err = {0};
    cJSON *json;

    if (size > 0) {
        memcpy(exact, data, size);
    }
    json = json_parse(exact, size, &err);
    if (json) {
        char *text = cJSON_PrintUnformatted(json);
        cJSON *again = text ? json_parse(text, strlen(text), NULL) : NULL;
        read_with_all_getters(json);
        require(again != NULL); /* not always the same: 1e400 is written as null */
        cJSON_Delete(again);
        cJSON_free(text);
        cJSON_Delete(json);
    } else {
        require(err.code != ERROR_NONE && err.message[0] != '\0');
    }
    free(exact);
    return 0;
}
