/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define SOURCE "CREATE VIRTUAL TABLE s USING kinesis_json(a INTEGER, b VARCHAR(8), c DOUBLE);"

static struct engine *make(const char *schema, const char *sql)
{
    struct error err = {0};
    struct engine *engine = engine_new("schema", str_of(schema), "sql", str_of(sql), &err);

    if (!engine) {
        fail_msg("%s", err.message);
    }
    return engine;
}

/* The text of row `index`; static. */
static const char *row(struct rows *rows, size_t index)
{
    static char text[ROWS_ROW_CAP + 4];

    assert_true(index < rows->count);
    text[rows_get(rows, index, text)] = '\0';
    return text;
}

static char *file_text(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, 65536);

    assert_non_null(file);
    assert_true(fread(text, 1, 65535, file) > 0);
    fclose(file);
    return text;
}

#define USER(first, age, gender, latitude)                                                                   \
    "{\"gender\":" gender ",\"name\":{\"title\":\"Mr\",\"first\":" first ",\"last\":\"Visser\"},"            \
    "\"location\":{\"coordinates\":{\"latitude\":" latitude ",\"longitude\":\"98.7000\"},\"postcode\":1},"   \
    "\"dob\":{\"date\":\"1970-03-04T05:06:07.089Z\",\"age\":" age "}}"

static void the_projects_query_gives_its_rows(void **state)
{
    const struct str records[] = {
        STR(USER("\"Jan\"", "18", "\"male\"", "\"-12.3456\"")),
        STR(USER("\"Tim\"", "17", "\"male\"", "\"-12.3456\"")),
        STR(USER("\"Anna\"", "44", "\"female\"", "\"-12.3456\"")),
        STR(USER("\"O'Neil \\\"X\\\"\"", "\"80\"", "\"male\"", "12")),
        STR(USER("\"J\xC3\xBCrgen \xE6\x9D\x8E\"", "19", "\"male\"", "null")),
        STR(USER("\"Nul\"", "null", "\"male\"", "\"1\"")),
        STR(USER("\"Neg\"", "-5", "\"male\"", "\"1\"")),
        STR("{\"gender\":\"male\",\"dob\":{\"age\":30}}"),
        STR(USER("\"Old\"", "2147483647", "\"male\"", "\"-1e300\"")),
        STR(USER("null", "20", "\"Male\"", "\"1\"")),
    };
    char *schema = file_text("sql/schema.sqlite.sql");
    char *sql = file_text("sql/users.sql");
    struct engine *engine = make(schema, sql);
    struct rows *rows = rows_new("s");
    static struct engine_failures failures;

    (void)state;
    assert_int_equal(engine_target_count(engine), 1);
    assert_string_equal(engine_target_name(engine, 0), "DESTINATION_USER_DATA");
    assert_int_equal(engine_run(engine, records, ARRAY_LENGTH(records), &rows, &failures), 0);
    assert_int_equal(failures.count, 0);
    assert_int_equal(rows->count, 5);
    assert_string_equal(row(rows, 0), "{\"first\":\"Jan\",\"last\":\"Visser\",\"age\":18,\"gender\":\"male\","
                                      "\"latitude\":-12.3456,\"longitude\":98.7}");
    assert_string_equal(row(rows, 1),
                        "{\"first\":\"O'Neil \\\"X\\\"\",\"last\":\"Visser\",\"age\":80,\"gender\":\"male\","
                        "\"latitude\":12.0,\"longitude\":98.7}");
    assert_string_equal(row(rows, 2),
                        "{\"first\":\"J\xC3\xBCrgen \xE6\x9D\x8E\",\"last\":\"Visser\",\"age\":19,"
                        "\"gender\":\"male\",\"latitude\":null,\"longitude\":98.7}");
    assert_string_equal(row(rows, 3),
                        "{\"first\":null,\"last\":null,\"age\":30,\"gender\":\"male\",\"latitude\":null,"
                        "\"longitude\":null}");
    assert_string_equal(row(rows, 4),
                        "{\"first\":\"Old\",\"last\":\"Visser\",\"age\":2147483647,\"gender\":\"male\","
                        "\"latitude\":-1e+300,\"longitude\":98.7}");
    rows_free(rows);
    engine_free(engine);
    free(schema);
    free(sql);
}

static void bad_records_are_noted_and_the_others_go_on(void **state)
{
    const struct str records[] = {STR("{\"a\":1}"),       STR("{\"a\":"), STR("{\"a\":\"x\"}"),
                                  STR("{\"a\":2}"),       STR(""),        STR("{\"a\":3}"),
                                  STR("{\"b\":\"\xFF\"}")};
    struct engine *engine =
        make(SOURCE "CREATE VIRTUAL TABLE t USING firehose_json(a)", "INSERT INTO t SELECT a FROM s");
    struct rows *rows = rows_new("s");
    static struct engine_failures failures;

    (void)state;
    for (int again = 1; again <= 2; again++) {
        assert_int_equal(engine_run(engine, records, ARRAY_LENGTH(records), &rows, &failures), 0);
        assert_int_equal(rows->count, 3 * again);
        assert_int_equal(failures.count, 4);
        assert_int_equal(failures.items[0].record, 1);
        assert_int_equal(failures.items[0].reason, FAILURE_BAD_JSON);
        assert_int_equal(failures.items[1].record, 2);
        assert_int_equal(failures.items[1].reason, FAILURE_BAD_VALUE);
        assert_int_equal(failures.items[2].record, 4);
        assert_int_equal(failures.items[3].record, 6);
    }
    assert_string_equal(row(rows, 2), "{\"a\":3}");
    rows_free(rows);
    engine_free(engine);
}

static void a_statement_that_fails_on_one_record_gives_the_rows_of_the_others(void **state)
{
    const struct str records[] = {STR("{\"a\":1}"), STR("{\"a\":0}"), STR("{\"a\":2}")};
    struct engine *engine =
        make(SOURCE "CREATE VIRTUAL TABLE t USING firehose_json(a)",
             "INSERT INTO t SELECT abs(CASE a WHEN 0 THEN -9223372036854775807 - 1 ELSE a END) FROM s");
    struct rows *rows = rows_new("s");
    static struct engine_failures failures;

    (void)state;
    assert_int_equal(engine_run(engine, records, 3, &rows, &failures), 0);
    assert_int_equal(rows->count, 2);
    assert_string_equal(row(rows, 1), "{\"a\":2}");
    assert_int_equal(failures.count, 1);
    assert_int_equal(failures.items[0].record, 1);
    assert_int_equal(failures.items[0].reason, FAILURE_SQL);
    assert_string_equal(failures.items[0].message, "integer overflow");
    rows_free(rows);
    engine_free(engine);
}

static void several_statements_fill_several_destinations(void **state)
{
    const struct str records[] = {STR("{\"a\":1,\"b\":\"x\",\"c\":\"1.5\"}"), STR("{\"a\":2,\"b\":\"y\"}")};
    struct engine *engine =
        make(SOURCE "CREATE VIRTUAL TABLE t USING firehose_json(a, b VARCHAR(9), \"c d\");"
                    "CREATE VIRTUAL TABLE u USING firehose_json(b)",
             "INSERT INTO u SELECT upper(b) FROM s WHERE a = 2;"
             "INSERT INTO T (b, a) SELECT b, a FROM s WHERE a = 1;"
             "INSERT INTO t SELECT a, b, c FROM s UNION ALL SELECT 0, 'all', NULL FROM s");
    struct rows *rows[2] = {rows_new("u"), rows_new("t")};
    static struct engine_failures failures;

    (void)state;
    assert_int_equal(engine_target_count(engine), 2);
    assert_string_equal(engine_target_name(engine, 0), "u");
    assert_int_equal(engine_run(engine, records, 2, rows, &failures), 0);
    assert_int_equal(rows[0]->count, 1);
    assert_string_equal(row(rows[0], 0), "{\"b\":\"Y\"}");
    assert_int_equal(rows[1]->count, 5);
    assert_string_equal(row(rows[1], 0), "{\"a\":1,\"b\":\"x\",\"c d\":null}");
    assert_string_equal(row(rows[1], 1), "{\"a\":1,\"b\":\"x\",\"c d\":1.5}");
    assert_string_equal(row(rows[1], 4), "{\"a\":0,\"b\":\"all\",\"c d\":null}");
    rows_free(rows[0]);
    rows_free(rows[1]);
    engine_free(engine);
}

static void full_rows_take_nothing_of_a_slice(void **state)
{
    static struct str records[ENGINE_SLICE_CAP];
    struct engine *engine =
        make(SOURCE "CREATE VIRTUAL TABLE t USING firehose_json(a)", "INSERT INTO t SELECT a FROM s");
    struct rows *rows = rows_new("s");
    static struct engine_failures failures;

    (void)state;
    for (size_t i = 0; i < ENGINE_SLICE_CAP; i++) {
        records[i] = STR("{\"a\":1}");
    }
    assert_int_equal(engine_run(engine, records, 300, &rows, &failures), 0);
    assert_int_equal(engine_run(engine, records, 300, &rows, &failures), -ERROR_LIMIT);
    assert_int_equal(rows->count, 300);
    assert_int_equal(engine_run(engine, records, 200, &rows, &failures), 0);
    assert_int_equal(rows->count, 500);
    assert_int_equal(engine_run(engine, records, 1, &rows, &failures), -ERROR_LIMIT);
    rows_reset(rows);
    assert_int_equal(engine_run(engine, records, ENGINE_SLICE_CAP, &rows, &failures), 0);
    assert_int_equal(rows->count, 500);
    rows_free(rows);
    engine_free(engine);
}

static void a_row_beyond_firehoses_limit_is_a_failure(void **state)
{
    const struct str records[] = {STR("{\"a\":1}"), STR("{\"a\":1100000}"), STR("{\"a\":5000000}"),
                                  STR("{\"a\":2}")};
    struct engine *engine = make(SOURCE "CREATE VIRTUAL TABLE t USING firehose_json(a)",
                                 "INSERT INTO t SELECT hex(zeroblob(a / 2)) FROM s");
    struct rows *rows = rows_new("s");
    static struct engine_failures failures;

    (void)state;
    assert_int_equal(engine_run(engine, records, 4, &rows, &failures), 0);
    assert_int_equal(rows->count, 2);
    assert_int_equal(failures.count, 2);
    assert_int_equal(failures.items[0].reason, FAILURE_ROW_TOO_LARGE);
    assert_int_equal(failures.items[1].reason, FAILURE_SQL);
    rows_free(rows);
    engine_free(engine);
}

static void escapes_are_resolved_and_cut_to_length(void **state)
{
    const struct str records[] = {STR("{\"b\":\"\\u0041\\n\\\"\\\\\\u00e9\\ud83d\\ude00xyz\"}"),
                                  STR("{\"b\":\"a\\u0000b\"}")};
    struct engine *engine =
        make(SOURCE "CREATE VIRTUAL TABLE t USING firehose_json(b)", "INSERT INTO t SELECT b FROM s");
    struct rows *rows = rows_new("s");
    static struct engine_failures failures;

    (void)state;
    assert_int_equal(engine_run(engine, records, 2, &rows, &failures), 0);
    assert_string_equal(row(rows, 0), "{\"b\":\"A\\n\\\"\\\\\xC3\xA9\xF0\x9F\x98\x80xy\"}");
    assert_string_equal(row(rows, 1), "{\"b\":\"a\\u0000b\"}");
    rows_free(rows);
    engine_free(engine);
}

static void the_old_services_files_run_unchanged(void **state)
{
    const struct str records[] = {STR("{\"x\":{\"a\":18},\"b\":\"male\"}"),
                                  STR("{\"x\":{\"a\":17},\"b\":\"male\"}")};
    struct engine *engine =
        make("{\"RecordFormat\":{\"RecordFormatType\":\"JSON\"},\"RecordColumns\":["
             "{\"Name\":\"a\",\"Mapping\":\"$.x.a\",\"SqlType\":\"INTEGER\"},"
             "{\"Name\":\"b\",\"Mapping\":\"$.b\",\"SqlType\":\"VARCHAR(8)\"}]}",
             "CREATE OR REPLACE STREAM \"OUT\" (\"a\" INTEGER, b VARCHAR(2));\n"
             "CREATE OR REPLACE PUMP \"P\" AS INSERT INTO \"OUT\"\n"
             "SELECT STREAM \"a\", \"b\" FROM \"SOURCE_SQL_STREAM_001\" WHERE \"a\" >= 18;");
    struct rows *rows = rows_new("s");
    static struct engine_failures failures;

    (void)state;
    assert_int_equal(engine_run(engine, records, 2, &rows, &failures), 0);
    assert_int_equal(rows->count, 1);
    assert_string_equal(row(rows, 0), "{\"a\":18,\"B\":\"ma\"}");
    rows_free(rows);
    engine_free(engine);
}

static void a_stream_that_another_pump_reads_is_a_step_on_the_way(void **state)
{
    const struct str records[] = {STR("{\"a\":17,\"b\":\"male\"}"), STR("{\"a\":18,\"b\":\"male\"}"),
                                  STR("{\"a\":19,\"b\":\"x\"}")};
    struct engine *engine = make(
        SOURCE,
        "CREATE STREAM step2 (n INTEGER, s VARCHAR(8)); CREATE STREAM \"step1\" (a INTEGER, b VARCHAR(8));\n"
        "CREATE STREAM \"OUT\" (\"n\" INTEGER, \"s\" VARCHAR(8));\n"
        "CREATE PUMP p3 AS INSERT INTO \"OUT\" SELECT STREAM n + 1, s FROM STEP2 WHERE n > 17;\n"
        "CREATE PUMP p2 AS INSERT INTO step2 (s, n) SELECT STREAM b, a FROM \"step1\"; -- the second\n"
        "CREATE PUMP p1 AS INSERT INTO \"step1\" SELECT STREAM a, b FROM s WHERE b = 'male' -- men\n;"
        "CREATE PUMP p1b AS INSERT INTO \"step1\" SELECT STREAM a * 10, 'other' FROM s WHERE b = 'x';");
    struct rows *rows = rows_new("s");
    static struct engine_failures failures;

    (void)state;
    assert_int_equal(engine_target_count(engine), 1);
    assert_int_equal(engine_run(engine, records, 3, &rows, &failures), 0);
    assert_int_equal(failures.count, 0);
    assert_int_equal(rows->count, 2);
    assert_string_equal(row(rows, 0), "{\"n\":19,\"s\":\"male\"}");
    assert_string_equal(row(rows, 1), "{\"n\":191,\"s\":\"other\"}");
    rows_free(rows);
    engine_free(engine);
}

static void text_for_a_destinations_varchar_is_cut(void **state)
{
    const struct str records[] = {STR("{\"b\":\"\xC3\xA9\xC3\xA9\xC3\xA9\",\"a\":12345}"),
                                  STR("{\"b\":\"x\"}")};
    struct engine *engine =
        make(SOURCE "CREATE VIRTUAL TABLE t USING firehose_json(b VARCHAR(2), `c` CHAR(1), a VARCHAR(2), d)",
             "INSERT INTO t SELECT b, b, a, b FROM s");
    struct rows *rows = rows_new("s");
    static struct engine_failures failures;

    (void)state;
    assert_int_equal(engine_run(engine, records, 2, &rows, &failures), 0);
    assert_string_equal(
        row(rows, 0),
        "{\"b\":\"\xC3\xA9\xC3\xA9\",\"c\":\"\xC3\xA9\",\"a\":12345,\"d\":\"\xC3\xA9\xC3\xA9\xC3\xA9\"}");
    assert_string_equal(row(rows, 1), "{\"b\":\"x\",\"c\":\"x\",\"a\":null,\"d\":\"x\"}");
    rows_free(rows);
    engine_free(engine);
}

static void like_tells_upper_from_lower_case(void **state)
{
    const struct str records[] = {STR("{\"b\":\"Jan\"}"), STR("{\"b\":\"jan\"}")};
    struct engine *engine = make(SOURCE "CREATE VIRTUAL TABLE t USING firehose_json(b)",
                                 "INSERT INTO t SELECT b FROM s WHERE b LIKE 'ja%'");
    struct rows *rows = rows_new("s");
    static struct engine_failures failures;

    (void)state;
    assert_int_equal(engine_run(engine, records, 2, &rows, &failures), 0);
    assert_int_equal(rows->count, 1);
    assert_string_equal(row(rows, 0), "{\"b\":\"jan\"}");
    rows_free(rows);
    engine_free(engine);
}

static void mistakes_are_told_with_file_and_place(void **state)
{
    static const struct {
        const char *schema;
        const char *sql;
        const char *message;
    } cases[] = {
        {"CREATE TABLE x(", "INSERT INTO t SELECT 1", "schema: incomplete input"},
        {"SELECT 1", "INSERT INTO t SELECT 1", "schema: there is no table USING kinesis_json in it"},
        {"CREATE VIRTUAL TABLE s USING kinesis_json(a WHAT)", "INSERT INTO t SELECT 1",
         "schema: column 'a WHAT' is not"},
        {"CREATE VIRTUAL TABLE s USING kinesis_json", "INSERT INTO t SELECT 1",
         "schema: a kinesis_json table needs columns"},
        {SOURCE, "INSERT INTO t SELECT 1", "sql: line 1: t is not a table USING firehose_json"},
        {SOURCE "CREATE VIRTUAL TABLE t USING firehose_json(a)", "\nINSERT INTO t\n SELECT agee FROM s",
         "sql: line 3, column 9: no such column: agee"},
        {SOURCE "CREATE VIRTUAL TABLE t USING firehose_json(a)",
         "CREATE STREAM x (n INTEGER);\nINSERT INTO x SELECT aa FROM s; INSERT INTO t SELECT n FROM x",
         "sql: line 2, column 22: no such column: aa"},
        {SOURCE "CREATE VIRTUAL TABLE t USING firehose_json(a)",
         "CREATE STREAM x (n INTEGER); INSERT INTO t SELECT n FROM x",
         "sql: stream x: is read, but nothing is inserted into it"},
        {SOURCE, "CREATE STREAM x (n INTEGER); INSERT INTO x SELECT n FROM x", "sql: line 1, column 44: "},
        {SOURCE "CREATE VIRTUAL TABLE t USING firehose_json(a)",
         "CREATE STREAM x (n INTEGER);INSERT INTO x SELECT a FROM s;\nINSERT INTO x (N) SELECT a FROM s;"
         "INSERT INTO t SELECT n FROM x",
         "sql: line 2, column 1: all pumps into x must name the same columns"},
        {SOURCE,
         "CREATE STREAM x (n INTEGER); CREATE STREAM y (n INTEGER); INSERT INTO x SELECT a FROM s;"
         "INSERT INTO y SELECT n FROM x; INSERT INTO x SELECT n FROM y",
         "sql: "},
        {SOURCE "CREATE VIRTUAL TABLE t USING firehose_json(a WHAT)", "INSERT INTO t SELECT 1",
         "schema: the columns of t are not name [SQL type], ..."},
        {"{\"RecordFormat\":{\"RecordFormatType\":\"CSV\"}}", "INSERT INTO t SELECT 1",
         "schema: only the RecordFormatType JSON can be read: CSV"},
        {SOURCE "CREATE VIRTUAL TABLE t USING firehose_json(a)",
         "INSERT INTO t\nSELECT a FROM s WHERE \"bb\" = 'x'", "sql: line 2, column 23: no such column: bb"},
        {SOURCE "CREATE VIRTUAL TABLE t USING firehose_json(a)", "INSERT INTO t SELECT a, b FROM s",
         "table t has 1 columns but 2 values were supplied"},
        {SOURCE "CREATE VIRTUAL TABLE t USING firehose_json(a)",
         "INSERT INTO t SELECT tumble_start(a) FROM s",
         "sql: line 1, column 22: no such function: tumble_start"},
        {SOURCE
         "CREATE VIRTUAL TABLE t USING firehose_json(a); CREATE VIRTUAL TABLE u USING firehose_json(a)",
         "INSERT INTO t SELECT a FROM u", "u is a destination and cannot be read"},
        {SOURCE "CREATE VIRTUAL TABLE t USING firehose_json(a)", "INSERT INTO t SELECT a FROM s GROUP BY a",
         "Apache Flink"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct error err = {0};
        struct engine *engine =
            engine_new("schema", str_of(cases[i].schema), "sql", str_of(cases[i].sql), &err);
        assert_null(engine);
        assert_int_equal(err.code, ERROR_CONFIG);
        if (!strstr(err.message, cases[i].message)) {
            fail_msg("expected %s: %s", cases[i].message, err.message);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_projects_query_gives_its_rows),
        cmocka_unit_test(bad_records_are_noted_and_the_others_go_on),
        cmocka_unit_test(a_statement_that_fails_on_one_record_gives_the_rows_of_the_others),
        cmocka_unit_test(several_statements_fill_several_destinations),
        cmocka_unit_test(full_rows_take_nothing_of_a_slice),
        cmocka_unit_test(a_row_beyond_firehoses_limit_is_a_failure),
        cmocka_unit_test(escapes_are_resolved_and_cut_to_length),
        cmocka_unit_test(the_old_services_files_run_unchanged),
        cmocka_unit_test(a_stream_that_another_pump_reads_is_a_step_on_the_way),
        cmocka_unit_test(text_for_a_destinations_varchar_is_cut),
        cmocka_unit_test(like_tells_upper_from_lower_case),
        cmocka_unit_test(mistakes_are_told_with_file_and_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
