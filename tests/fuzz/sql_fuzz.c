/* SPDX-License-Identifier: Apache-2.0 */
/* folders: analytics */
/* Any text as a file with statements; what is accepted is prepared and run over two records. */
#include "analytics/sql.h"

#include "analytics/engine.h"
#include "tests/fuzz/fuzz.h"

static const char schema[] = "CREATE VIRTUAL TABLE s USING kinesis_json(a INTEGER, b VARCHAR(8), c DOUBLE);"
                             "CREATE VIRTUAL TABLE t USING firehose_json(a)";

static void run(struct str text)
{
    static const struct str records[] = {{"{\"a\":1,\"b\":\"x\"}", 15}, {"{\"c\":\"1.5\"}", 11}};
    static struct engine_failures failures;
    struct error err = {0};
    struct engine *engine = engine_new("schema", str_of(schema), "sql", text, &err);
    struct rows *rows[ENGINE_TARGETS_CAP] = {NULL};
    int rc;

    if (!engine) {
        require(err.message[0] != '\0');
        return;
    }
    for (size_t i = 0; i < engine_target_count(engine); i++) {
        rows[i] = rows_new("s");
        require(rows[i] != NULL);
    }
    rc = engine_run(engine, records, 2, rows, &failures);
    require(rc == 0 || rc == -ERROR_LIMIT || rc == -ERROR_MEMORY);
    require(failures.count <= 2);
    for (size_t i = 0; i < engine_target_count(engine); i++) {
        rows_free(rows[i]);
    }
    engine_free(engine);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct error err = {0};
    struct sql sql;

    if (size > 2000) {
        return 0;
    }
    if (sql_read(text, &sql, &err) == 0) {
        require(sql.statement_count > 0);
        for (size_t i = 0; i < sql.statement_count; i++) {
            require(sql.statements[i].target[0] != '\0' && sql.statements[i].line > 0);
        }
        sql_done(&sql);
        run(text);
    } else {
        require(err.message[0] != '\0');
    }
    return 0;
}
