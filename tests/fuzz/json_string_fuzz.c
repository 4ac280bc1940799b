/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes become a JSON string that is UTF-8 and reads back as the same text, if they were text. */
#include <cjson/cJSON.h>

#include "lib/buf.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct buf out;
    cJSON *parsed;

    buf_init(&out, size * 6 + 2);
    buf_add_json_string(&out, text.ptr, text.len);
    require(buf_error(&out) == 0);
    require(str_is_utf8(buf_str(&out)));
    if (!memchr(data, 0, size)) { /* cJSON ends its strings with NUL */
        parsed = cJSON_ParseWithLengthOpts(out.data, out.len + 1, NULL, true);
        require(cJSON_IsString(parsed));
        if (str_is_utf8(text)) {
            require(str_eq(str_of(parsed->valuestring), text));
        }
        cJSON_Delete(parsed);
    }
    buf_done(&out);
    return 0;
}
