/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scanner against cJSON: what the scanner takes as a whole value, cJSON takes too (up to what only cJSON
 * checks: lone surrogates in escapes).
 */
#include "lib/jscan.h"

#include "lib/json.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct jscan scan = jscan_start(text);
    struct error err;

    jscan_skip(&scan);
    if (jscan_end(&scan) && !memchr(data, 0, size) && !memmem(data, size, "\\u", 2)) {
        cJSON *json = json_parse(text.ptr, text.len, &err);
        require(json != NULL);
        cJSON_Delete(json);
    }
    return 0;
}
