/* SPDX-License-Identifier: Apache-2.0 */
/* folders: analytics */
/* Any bytes as a record, read into one column of each type; and a column declaration of any text. */
#include "analytics/columns.h"

#include "analytics/number.h"
#include "lib/buf.h"
#include "tests/fuzz/fuzz.h"

static const char *const declarations[] = {
    "t VARCHAR(5) '$.name.first'", "w INTEGER '$.dob.age'", "r DOUBLE '$.location.latitude'",
    "b BOOLEAN '$.flag'",          "s SMALLINT '$.a'",      "o VARCHAR(10) '$.name'",
};

static void check_value(const struct value *value, struct str record)
{
    if (value->kind == VALUE_TEXT || value->kind == VALUE_ESCAPED_TEXT) {
        struct str text = value->as.text;
        require(text.len == 0 || (text.ptr >= record.ptr && text.ptr + text.len <= record.ptr + record.len));
        require(str_is_utf8(text));
        require(columns_cut(text, 3) <= text.len);
    }
}

static void check_record(struct str record)
{
    enum { COUNT = sizeof(declarations) / sizeof(declarations[0]) };
    struct columns *columns = columns_new();
    struct value values[COUNT];
    char message[COLUMNS_MESSAGE_SIZE] = "";

    require(columns != NULL);
    for (size_t i = 0; i < COUNT; i++) {
        require(columns_add(columns, str_of(declarations[i]), NULL) == 0);
    }
    if (columns_read(columns, record, values, message) == COLUMNS_OK) {
        for (size_t i = 0; i < COUNT; i++) {
            check_value(&values[i], record);
        }
    } else {
        require(message[0] != '\0');
    }
    columns_free(columns);
}

static void check_declaration(struct str text)
{
    struct columns *columns = columns_new();
    struct error err = {0};

    if (columns_add(columns, text, &err) == 0) {
        require(columns_count(columns) == 1 && columns_at(columns, 0)->name[0] != '\0');
    } else {
        require(err.message[0] != '\0');
    }
    columns_free(columns);
}

static void check_number(struct str text)
{
    struct buf out;
    double value = 0, again = 0;

    buf_init(&out, 400);
    if (number_parse_real(text, &value)) {
        number_add_real(&out, value);
        require(buf_error(&out) == 0);
        require(number_parse_real(buf_str(&out), &again) && memcmp(&value, &again, sizeof(value)) == 0);
    }
    buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *exact = malloc(size ? size : 1);
    struct str text = {exact, size};

    if (size > 0) {
        memcpy(exact, data, size);
    }
    check_record(text);
    check_declaration(text);
    check_number(text);
    free(exact);
    return 0;
}
