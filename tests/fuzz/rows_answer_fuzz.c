/* SPDX-License-Identifier: Apache-2.0 */
/* folders: analytics */
/*
 * Any bytes as the answer of PutRecordBatch to as many rows as the first byte says: those that failed are
 * counted right, and the next body is made of exactly them.
 */
#include "analytics/rows.h"

#include "tests/fuzz/fuzz.h"

static struct rows *make_rows(size_t count)
{
    struct rows *rows = rows_new("s");

    require(rows != NULL);
    for (size_t i = 0; i < count; i++) {
        char text[16];
        int len = snprintf(text, sizeof(text), "%zu", i);
        require(rows_add(rows, (struct str){text, (size_t)len}) == ROWS_ADDED);
    }
    return rows;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t count = size > 0 ? 1 + data[0] % 8 : 1;
    struct rows *rows = make_rows(count);
    struct str answer = {size > 0 ? (const char *)data + 1 : "", size > 0 ? size - 1 : 0};
    char code[ROWS_CODE_SIZE];
    struct error err = {0};
    size_t failed = count + 1;

    if (rows_read_answer(rows, answer, &failed, code, &err) == 0) {
        struct rows *expected = rows_new("s");
        struct str body, expected_body;
        require(failed <= count && rows->count == count);
        require(expected != NULL && (failed == 0) == (code[0] == '\0'));
        for (size_t i = 0; i < count; i++) {
            char text[16];
            int len = snprintf(text, sizeof(text), "%zu", i);
            if (rows->failed[i]) {
                require(rows_add(expected, (struct str){text, (size_t)len}) == ROWS_ADDED);
            }
        }
        rows_keep_failed(rows);
        body = rows_body(rows);
        expected_body = rows_body(expected);
        require(rows->count == failed && rows->raw_bytes == expected->raw_bytes);
        require(str_eq(body, expected_body));
        rows_free(expected);
    } else {
        require(err.message[0] != '\0');
    }
    rows_free(rows);
    return 0;
}
