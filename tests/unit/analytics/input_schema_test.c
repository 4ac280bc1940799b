/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/input_schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define JSON_FORMAT "\"RecordFormat\":{\"RecordFormatType\":\"JSON\"}"
#define COLUMN "{\"Name\":\"a\",\"Mapping\":\"$.x.a\",\"SqlType\":\"VARCHAR(8)\"}"

static void check(const char *json, const char *sql)
{
    struct error err = {0};
    struct buf out;

    buf_init(&out, 65536);
    if (input_schema_to_sql(str_of(json), &out, &err)) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(out.len, strlen(sql));
    assert_memory_equal(out.data, sql, out.len);
    buf_done(&out);
}

static void columns_become_declarations(void **state)
{
    (void)state;
    check("{" JSON_FORMAT ",\"RecordEncoding\":\"UTF-8\",\"RecordColumns\":[" COLUMN
          ",{\"Name\":\"b c\",\"SqlType\":\"DECIMAL(5,2)\"}]}",
          "CREATE VIRTUAL TABLE \"SOURCE_SQL_STREAM_001\" USING kinesis_json(\n"
          "    \"a\" VARCHAR(8) '$.x.a',\n    \"b c\" DECIMAL(5,2));\n");
}

static void the_schema_may_be_a_member_and_the_prefix_names_the_table(void **state)
{
    (void)state;
    check("{\"NamePrefix\":\"ORDERS\",\"InputSchema\":{"
          "\"RecordFormat\":{\"RecordFormatType\":\"JSON\",\"MappingParameters\":"
          "{\"JSONMappingParameters\":{\"RecordRowPath\":\"$\"}}},\"RecordColumns\":[" COLUMN "]}}",
          "CREATE VIRTUAL TABLE \"ORDERS_001\" USING kinesis_json(\n    \"a\" VARCHAR(8) '$.x.a');\n");
}

static void only_an_object_is_a_schema(void **state)
{
    (void)state;
    assert_true(input_schema_is(STR(" \n{}")));
    assert_false(input_schema_is(STR("CREATE TABLE")));
    assert_false(input_schema_is(STR("")));
}

static void what_cannot_be_done_is_refused_with_its_reason(void **state)
{
    static const struct {
        const char *json;
        const char *message;
    } cases[] = {
        {"{", "byte"},
        {"{}", "only the RecordFormatType JSON can be read: there is none"},
        {"{\"RecordFormat\":{\"RecordFormatType\":\"CSV\"}}",
         "only the RecordFormatType JSON can be read: CSV"},
        {"{" JSON_FORMAT ",\"RecordEncoding\":\"UTF-16\"}", "only the RecordEncoding UTF-8"},
        {"{\"RecordFormat\":{\"RecordFormatType\":\"JSON\",\"MappingParameters\":{\"JSONMappingParameters\":"
         "{\"RecordRowPath\":\"$.users[0:]\"}}},\"RecordColumns\":[" COLUMN "]}",
         "only the RecordRowPath $ can be read, one row a record: $.users[0:]"},
        {"{" JSON_FORMAT "}", "there are no RecordColumns in it"},
        {"{" JSON_FORMAT ",\"RecordColumns\":[]}", "there are no RecordColumns in it"},
        {"{" JSON_FORMAT ",\"RecordColumns\":[1]}", "a column needs Name and SqlType"},
        {"{" JSON_FORMAT ",\"RecordColumns\":[{\"Name\":\"a\"}]}", "a column needs Name and SqlType"},
        {"{" JSON_FORMAT ",\"RecordColumns\":[{\"Name\":\"a\\\"b\",\"SqlType\":\"INTEGER\"}]}",
         "a column needs Name and SqlType, without quotes: a\"b"},
        {"{" JSON_FORMAT ",\"RecordColumns\":[{\"Name\":\"a\",\"SqlType\":\"INTEGER, b INTEGER\"}]}",
         "this is no SqlType: INTEGER, b INTEGER"},
        {"{" JSON_FORMAT
         ",\"RecordColumns\":[{\"Name\":\"a\",\"Mapping\":\"$['a']\",\"SqlType\":\"INTEGER\"}]}",
         "a Mapping with quotes cannot be read: $['a']"},
        {"{\"NamePrefix\":\"a\\\"\",\"InputSchema\":{" JSON_FORMAT ",\"RecordColumns\":[" COLUMN "]}}",
         "a NamePrefix with quotes"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct error err = {0};
        struct buf out;
        buf_init(&out, 65536);
        assert_true(input_schema_to_sql(str_of(cases[i].json), &out, &err) < 0);
        if (!strstr(err.message, cases[i].message)) {
            fail_msg("expected %s: %s", cases[i].message, err.message);
        }
        buf_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_become_declarations),
        cmocka_unit_test(the_schema_may_be_a_member_and_the_prefix_names_the_table),
        cmocka_unit_test(only_an_object_is_a_schema),
        cmocka_unit_test(what_cannot_be_done_is_refused_with_its_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
