/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void reads_one_statement_with_comments(void **state)
{
    struct sql sql;
    struct error err = {0};

    (void)state;
    assert_int_equal(
        sql_read(STR("-- it's a comment; INSERT\n/* GROUP BY */ INSERT INTO out SELECT first, 'GROUP BY; x'\n"
                     "FROM SOURCE_SQL_STREAM_001 -- the end"),
                 &sql, &err),
        0);
    assert_int_equal(sql.statement_count, 1);
    assert_string_equal(sql.statements[0].target, "out");
    assert_int_equal(sql.statements[0].line, 2);
    assert_int_equal(sql.statements[0].column, 16);
    assert_non_null(strstr(sql.statements[0].text, "INSERT INTO out SELECT first, 'GROUP BY; x'"));
    sql_done(&sql);
}

static void reads_several_statements(void **state)
{
    struct sql sql;
    struct error err = {0};

    (void)state;
    assert_int_equal(
        sql_read(
            STR(";insert into \"a b\" (x, y) select max(1, age), count FROM (SELECT age, count FROM s) "
                "UNION ALL SELECT 1, t.limit FROM t;\nINSERT INTO `b` SELECT replace(a, ',', ';') FROM s;"),
            &sql, &err),
        0);
    assert_int_equal(sql.statement_count, 2);
    assert_string_equal(sql.statements[0].target, "a b");
    assert_string_equal(sql.statements[1].target, "b");
    assert_int_equal(sql.statements[1].line, 2);
    sql_done(&sql);
}

static void accepts_the_wrappings_of_kinesis_analytics(void **state)
{
    struct sql sql;
    struct error err = {0};

    (void)state;
    assert_int_equal(
        sql_read(
            STR("CREATE OR REPLACE STREAM \"OUT\" (first VARCHAR(16), age INTEGER);\n"
                "CREATE OR REPLACE PUMP \"P\" AS\n  INSERT INTO \"OUT\"\nSELECT STREAM \"first\", \"age\"\n"
                "FROM \"SOURCE_SQL_STREAM_001\" WHERE \"age\" >= 18;"),
            &sql, &err),
        0);
    assert_int_equal(sql.stream_count, 1);
    assert_string_equal(sql.streams[0].name, "OUT");
    assert_string_equal(sql.streams[0].columns, "\"FIRST\" VARCHAR(16),\"AGE\" INTEGER");
    assert_int_equal(sql.statement_count, 1);
    assert_int_equal(sql.statements[0].line, 3);
    assert_string_equal(sql.statements[0].text, "INSERT INTO \"OUT\"\nSELECT        \"first\", \"age\"\n"
                                                "FROM \"SOURCE_SQL_STREAM_001\" WHERE \"age\" >= 18");
    sql_done(&sql);
}

static void names_of_a_streams_columns_are_in_upper_case_unless_quoted(void **state)
{
    struct sql sql;
    struct error err = {0};

    (void)state;
    assert_int_equal(
        sql_read(STR("CREATE STREAM s ( Age INTEGER, -- years; or (so)\n \"Given name\" VARCHAR ( 16 ),\n"
                     "price DECIMAL(5,2) /* of it */ , a\n);INSERT INTO s SELECT 1 FROM x"),
                 &sql, &err),
        0);
    assert_string_equal(sql.streams[0].columns,
                        "\"AGE\" INTEGER,\"Given name\" VARCHAR ( 16 ),\"PRICE\" DECIMAL(5,2),\"A\" ");
    sql_done(&sql);
}

static void what_looks_at_a_whole_batch_is_refused_and_flink_named(void **state)
{
    static const char *const refused[] = {
        "SELECT gender, count(*) FROM s",
        "SELECT gender FROM s GROUP BY gender",
        "SELECT DISTINCT gender FROM s",
        "SELECT max(age) FROM s",
        "SELECT MIN ( age ) FROM s",
        "SELECT avg(age) FROM s",
        "SELECT row_number() OVER (ORDER BY age) FROM s",
        "SELECT a.age FROM s a JOIN s b ON a.age = b.age",
        "SELECT a.age FROM s a, s b",
        "SELECT age FROM s ORDER BY age",
        "SELECT age FROM s LIMIT 1",
        "SELECT age FROM s UNION SELECT age FROM s",
        "SELECT age FROM s EXCEPT SELECT age FROM s",
        "SELECT age FROM s WHERE EXISTS (SELECT 1 FROM s)",
        "SELECT (SELECT age FROM s) FROM s",
        "SELECT age FROM (SELECT count(*) FROM s)",
        "SELECT age FROM s WHERE age IN (SELECT age FROM s)",
        "SELECT STREAM gender, COUNT(*) OVER W1 FROM s WINDOW W1 AS (RANGE INTERVAL '1' MINUTE PRECEDING)",
        "SELECT STREAM age FROM s GROUP BY STEP(s.ROWTIME BY INTERVAL '60' SECOND)",
        "SELECT STREAM age FROM TABLE(RANDOM_CUT_FOREST(CURSOR(SELECT STREAM age FROM s)))",
        "SELECT jsonb_group_array(age) FROM s",
        "SELECT median(age) FROM s",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
        char text[256] = "INSERT INTO out ";
        struct sql sql;
        struct error err = {0};
        memcpy(text + strlen(text), refused[i], strlen(refused[i]) + 1);
        if (sql_read(str_of(text), &sql, &err) == 0) {
            fail_msg("accepted: %s", refused[i]);
        }
        if (!strstr(err.message, "Apache Flink") || !strstr(err.message, "line 1, column ")) {
            fail_msg("%s: %s", refused[i], err.message);
        }
    }
}

static void other_statements_are_refused_with_their_place(void **state)
{
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {"", "there is no statement in it"},
        {"-- nothing", "there is no statement in it"},
        {"SELECT 1", "line 1, column 1: a statement here is"},
        {"INSERT INTO a SELECT 1;\n  DROP TABLE a", "line 2, column 3: a statement here is"},
        {"INSERT INTO a VALUES (1)", "line 1, column 15: SELECT is expected here, not 'VALUES'"},
        {"INSERT INTO a (b SELECT 1", "line 1, column 15: a parenthesis is not closed"},
        {"INSERT INTO", "line 1, column 12: a name of"},
        {"INSERT INTO a SELECT 'x", "line 1, column 22: a quote is not closed"},
        {"CREATE TABLE a (b)", "a statement here is"},
        {"CREATE STREAM a", "columns in parentheses"},
        {"CREATE STREAM a ()", "line 1, column 18: a name of"},
        {"CREATE STREAM a (b INTEGER", "columns are not closed"},
        {"CREATE STREAM a (b INTEGER,)", "line 1, column 28: a name of"},
        {"CREATE STREAM a (\"b\"\"c\" INTEGER)", "line 1, column 18: a column's name cannot hold a quote"},
        {"CREATE STREAM a (b INTEGER) x", "line 1, column 29: a semicolon is expected here"},
        {"CREATE OR REPLACE FUNCTION f", "a statement here is"},
        {"CREATE OR REPLACE PUMP p AS SELECT 1", "INSERT is expected"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct sql sql;
        struct error err = {0};
        assert_int_not_equal(sql_read(str_of(cases[i].text), &sql, &err), 0);
        if (!strstr(err.message, cases[i].message)) {
            fail_msg("%s: %s", cases[i].text, err.message);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_one_statement_with_comments),
        cmocka_unit_test(reads_several_statements),
        cmocka_unit_test(accepts_the_wrappings_of_kinesis_analytics),
        cmocka_unit_test(names_of_a_streams_columns_are_in_upper_case_unless_quoted),
        cmocka_unit_test(what_looks_at_a_whole_batch_is_refused_and_flink_named),
        cmocka_unit_test(other_statements_are_refused_with_their_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
