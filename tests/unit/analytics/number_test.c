/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/number.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/attr.h"

static const char *written(double value)
{
    static struct buf buf;

    buf_done(&buf);
    buf_init(&buf, 100);
    number_add_real(&buf, value);
    return buf.data;
}

static void reads_decimals(void **state)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {{"0", 0},           {"-12.3456", -12.3456},
                 {"180.0000", 180},  {"1e3", 1000},
                 {"+1.5", 1.5},      {".5", 0.5},
                 {"5.", 5},          {"1E-2", 0.01},
                 {"0.1", 0.1},       {"1e308", 1e308},
                 {"5e-324", 5e-324}, {"123456789012345678901", 123456789012345678901.0},
                 {"-0.0001", -1e-4}, {"999999999999999", 999999999999999.0}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        double value = -1;
        assert_true(number_parse_real(str_of(cases[i].text), &value));
        assert_true(value == cases[i].value);
    }
}

static void refuses_what_is_no_number(void **state)
{
    static const char *const bad[] = {"",      "-",      "+",   ".",   "e5",   "1e",   "1e+",
                                      "1.2.3", "12a",    " 1",  "1 ",  "0x10", "inf",  "nan",
                                      "1e400", "-1e400", "1,5", "--1", "1-2",  "1e5.", "٣"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        double value;
        int64_t whole;
        if (number_parse_real(str_of(bad[i]), &value) || number_parse_whole(str_of(bad[i]), &whole)) {
            fail_msg("accepted: %s", bad[i]);
        }
    }
}

static void reads_whole_numbers_however_they_are_written(void **state)
{
    int64_t value;

    (void)state;
    assert_true(number_parse_whole(STR("18"), &value) && value == 18);
    assert_true(number_parse_whole(STR("+18"), &value) && value == 18);
    assert_true(number_parse_whole(STR("18.0"), &value) && value == 18);
    assert_true(number_parse_whole(STR("1.8e1"), &value) && value == 18);
    assert_true(number_parse_whole(STR("-9223372036854775808"), &value) && value == INT64_MIN);
    assert_true(number_parse_whole(STR("9223372036854775807"), &value) && value == INT64_MAX);
    assert_false(number_parse_whole(STR("9223372036854775808"), &value));
    assert_false(number_parse_whole(STR("18.5"), &value));
    assert_false(number_parse_whole(STR("1e30"), &value));
}

static void writes_the_shortest_form_that_reads_back(void **state)
{
    (void)state;
    assert_string_equal(written(0), "0.0");
    assert_string_equal(written(10), "10.0");
    assert_string_equal(written(-12.3456), "-12.3456");
    assert_string_equal(written(0.0001), "0.0001");
    assert_string_equal(written(-0.05), "-0.05");
    assert_string_equal(written(0.1), "0.1");
    assert_string_equal(written(0.1 + 0.2), "0.30000000000000004");
    assert_string_equal(written(1e300), "1e+300");
    assert_string_equal(written(1e16), "1e+16");
    assert_string_equal(written(12345678901234567890.0), "1.2345678901234567e+19");
    assert_string_equal(written(5e-324), "5e-324");
    assert_string_equal(written(123456.789), "123456.789");
    assert_string_equal(written(1e15), "1000000000000000.0");
    assert_string_equal(written(INFINITY), "null");
    assert_string_equal(written(NAN), "null");
}

static void every_double_reads_back_the_same(void **state)
{
    uint64_t bits = 88172645463325252u;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        double value;
        double back;
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        if (i % 2) {
            memcpy(&value, &bits, sizeof(value));
        } else { /* the pipeline's own: four decimals */
            value = (double)((int64_t)(bits % 3600000) - 1800000) / 10000;
        }
        if (!isfinite(value)) {
            continue;
        }
        assert_true(number_parse_real(str_of(written(value)), &back));
        assert_true(back == value);
        assert_true(strtod(written(value), NULL) == value);
    }
    written(0);
}

static void writes_whole_numbers(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf, 100);
    number_add_whole(&buf, 0);
    number_add_whole(&buf, -7);
    number_add_whole(&buf, INT64_MAX);
    number_add_whole(&buf, INT64_MIN);
    assert_string_equal(buf.data, "0-79223372036854775807-9223372036854775808");
    buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_decimals),
        cmocka_unit_test(refuses_what_is_no_number),
        cmocka_unit_test(reads_whole_numbers_however_they_are_written),
        cmocka_unit_test(writes_the_shortest_form_that_reads_back),
        cmocka_unit_test(every_double_reads_back_the_same),
        cmocka_unit_test(writes_whole_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
