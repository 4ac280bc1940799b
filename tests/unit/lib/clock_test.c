/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "lib/attr.h"

static void test_iso_format(void **state)
{
    static const struct {
        int64_t wall_ms;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {1, "1970-01-01T00:00:00.001Z"},
        {951782399999, "2000-02-28T23:59:59.999Z"},
        {951782400000, "2000-02-29T00:00:00.000Z"},
        {1795426200123, "2026-11-23T09:30:00.123Z"},
        {253402300799999, "9999-12-31T23:59:59.999Z"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char out[CLOCK_ISO_SIZE];
        clock_format_iso(cases[i].wall_ms, out, sizeof(out));
        assert_string_equal(out, cases[i].text);
        assert_int_equal(clock_parse_iso(out), cases[i].wall_ms);
    }
}

static void test_iso_parse(void **state)
{
    static const struct {
        const char *text;
        int64_t wall_ms;
    } cases[] = {
        {"2026-11-23T09:30:00Z", 1795426200000},
        {"2026-11-23T09:30:00.5Z", 1795426200500},
        {"2026-11-23T09:30:00.05Z", 1795426200050},
        {"2026-11-23T09:30:00.1239999Z", 1795426200123},
        {"2026-11-23T09:30:00.123456789012345678901234567890Z", 1795426200123},
        {"", -1},
        {"Z", -1},
        {"2026-11-23", -1},
        {"2026-11-23T09:30:00", -1},
        {"2026-11-23T09:30:00z", -1},
        {"2026-11-23 09:30:00Z", -1},
        {"2026-11-23T09:30:00.Z", -1},
        {"2026-11-23T09:30:00,5Z", -1},
        {"2026-11-23T09:30:00+01:00", -1},
        {"2026-11-23T09:30:00Z ", -1},
        {" 2026-11-23T09:30:00Z", -1},
        {"2026-11-23T09:30Z", -1},
        {"2026-1-2T3:4:5Z", -1},
        {"2024-02-29T23:\n9:59Z", -1},
        {"2024- 2-29T23:09:59Z", -1},
        {"2026-13-01T00:00:00Z", -1},
        {"2026-02-30T00:00:00Z", -1},
        {"2026-11-31T00:00:00Z", -1},
        {"2025-02-29T00:00:00Z", -1},
        {"2026-11-23T24:00:00Z", -1},
        {"2026-11-23T09:60:00Z", -1},
        {"26-11-23T09:30:00Z", -1},
        {"+026-11-23T09:30:00Z", -1},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        int64_t wall_ms = clock_parse_iso(cases[i].text);
        if (wall_ms != cases[i].wall_ms) {
            fail_msg("%s: %lld", cases[i].text, (long long)wall_ms);
        }
    }
}

static void test_http_date(void **state)
{
    static const struct {
        const char *text;
        int64_t wall_ms;
    } cases[] = {
        {"Mon, 23 Nov 2026 09:30:00 GMT", 1795426200000},
        {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777000},
        {"", -1},
        {"120", -1},
        {"Mon, 23 Nov 2026 09:30:00", -1},
        {"Mon, 23 Nov 2026 09:30:00 CET", -1},
        {"Mon, 23 Nov 2026 09:30:00 GMT+1", -1},
        {"Sunday, 06-Nov-94 08:49:37 GMT", -1},
        {"Sun Nov  6 08:49:37 1994", -1},
        {"Mon, 31 Feb 2026 09:30:00 GMT", -1},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        int64_t wall_ms = clock_parse_http_date(cases[i].text);
        if (wall_ms != cases[i].wall_ms) {
            fail_msg("%s: %lld", cases[i].text, (long long)wall_ms);
        }
    }
}

/* Whatever the machine's time zone is, the texts are UTC. */
static void test_time_zone_plays_no_part(void **state)
{
    char out[CLOCK_ISO_SIZE];

    (void)state;
    setenv("TZ", "Asia/Kolkata", 1);
    tzset();
    clock_format_iso(1795426200123, out, sizeof(out));
    assert_string_equal(out, "2026-11-23T09:30:00.123Z");
    assert_int_equal(clock_parse_iso(out), 1795426200123);
    assert_int_equal(clock_parse_http_date("Mon, 23 Nov 2026 09:30:00 GMT"), 1795426200000);
    unsetenv("TZ");
    tzset();
}

static void test_clocks_run(void **state)
{
    int64_t us = clock_monotonic_us();
    int64_t ms = clock_monotonic_ms();

    (void)state;
    assert_true(ms >= us / 1000);
    assert_true(clock_monotonic_us() >= us);
    assert_true(clock_wall_ms() > 1700000000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_iso_format), cmocka_unit_test(test_iso_parse),
        cmocka_unit_test(test_http_date),  cmocka_unit_test(test_time_zone_plays_no_part),
        cmocka_unit_test(test_clocks_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
