/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char long_text[2000];

static int fill_long_text(void **state)
{
    (void)state;
    memset(long_text, 'x', sizeof(long_text) - 1);
    return 0;
}

static void test_set(void **state)
{
    struct error err;

    (void)state;
    assert_int_equal(error_set(&err, ERROR_NETWORK, true, "%s port %d", "host", 80), -ERROR_NETWORK);
    assert_int_equal(err.code, ERROR_NETWORK);
    assert_true(err.retriable);
    assert_string_equal(err.message, "host port 80");
    assert_int_equal(error_set(NULL, ERROR_LIMIT, false, "nobody asks"), -ERROR_LIMIT);
    assert_int_equal(error_set(&err, ERROR_SYNTAX, false, "%s", long_text), -ERROR_SYNTAX);
    assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
}

static void test_prefix(void **state)
{
    struct error err;

    (void)state;
    error_set(&err, ERROR_IO, true, "no space left");
    error_prefix(&err, "%s", "var/state.db");
    assert_string_equal(err.message, "var/state.db: no space left");
    error_prefix(&err, "checkpoint %d", 7);
    assert_string_equal(err.message, "checkpoint 7: var/state.db: no space left");
    assert_int_equal(err.code, ERROR_IO);
    assert_true(err.retriable);
    error_set(&err, ERROR_IO, true, "%s", "");
    error_prefix(&err, "alone");
    assert_string_equal(err.message, "alone: ");
}

/* Prefixes of every length around the message's size: cut off, never over the end. */
static void test_prefix_that_does_not_fit(void **state)
{
    (void)state;
    for (int len = 490; len <= 520; len++) {
        struct error err;
        size_t expected = (size_t)len + 2 + 12;
        error_set(&err, ERROR_IO, false, "twelve bytes");
        error_prefix(&err, "%.*s", len, long_text);
        if (len + 2 >= (int)sizeof(err.message)) {
            expected = len < (int)sizeof(err.message) ? (size_t)len : sizeof(err.message) - 1;
        } else if (expected > sizeof(err.message) - 1) {
            expected = sizeof(err.message) - 1;
        }
        assert_int_equal(strnlen(err.message, sizeof(err.message)), expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_prefix),
        cmocka_unit_test(test_prefix_that_does_not_fit),
    };

    return cmocka_run_group_tests(tests, fill_long_text, NULL);
}
