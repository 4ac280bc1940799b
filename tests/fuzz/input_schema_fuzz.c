/* SPDX-License-Identifier: Apache-2.0 */
/* folders: analytics */
/* Any text as an input schema; what is accepted declares one table and nothing else, or is refused by the
 * engine. */
#include "analytics/input_schema.h"

#include "analytics/engine.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct error err = {0};
    struct engine *engine;
    struct buf out;

    if (size > 2000) {
        return 0;
    }
    buf_init(&out, 65536);
    if (input_schema_to_sql(text, &out, &err)) {
        require(err.message[0] != '\0');
        buf_done(&out);
        return 0;
    }
    require(out.len > 0);
    buf_done(&out);
    engine = engine_new("schema", text, "sql",
                        STR("CREATE STREAM fuzz_target (a INTEGER);INSERT INTO fuzz_target SELECT 1"), &err);
    require(engine != NULL || err.message[0] != '\0');
    if (engine) {
        require(engine_target_count(engine) == 1);
    }
    engine_free(engine);
    return 0;
}
