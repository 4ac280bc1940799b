/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { CAP = 4 };

static void assert_words(const char *line, const char *a, const char *b, const char *c)
{
    const char *expected[] = {a, b, c, NULL};
    char *words[CAP + 1];
    char *memory = words_split(line, words, CAP);

    assert_non_null(memory);
    for (size_t i = 0; i < CAP; i++) {
        if (!expected[i]) {
            assert_null(words[i]);
            break;
        }
        assert_non_null(words[i]);
        assert_string_equal(words[i], expected[i]);
    }
    free(memory);
}

static void words_are_split_at_blanks(void **state)
{
    (void)state;
    assert_words("one", "one", NULL, NULL);
    assert_words("  /bin/x \t --a=b\n c  ", "/bin/x", "--a=b", "c");
}

static void quotes_hold_words_together(void **state)
{
    (void)state;
    assert_words("'a b' \"c d\" e\\ f", "a b", "c d", "e f");
    assert_words("a'b c'\"d\"e", "ab cde", NULL, NULL);
    assert_words("'' x", "", "x", NULL);
    assert_words("'\\n\"' \"\\\"\\\\\\n'\"", "\\n\"", "\"\\\\n'", NULL);
}

static void nothing_of_the_shell_is_expanded(void **state)
{
    (void)state;
    assert_words("$HOME `id` *;|&", "$HOME", "`id`", "*;|&");
}

static void what_is_no_command_line_is_refused(void **state)
{
    static const char *const bad[] = {"", "   ", "'a", "\"a", "a\\", "\"a\\\"", "1 2 3 4 5"};
    char *words[CAP + 1];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_null(words_split(bad[i], words, CAP));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_split_at_blanks),
        cmocka_unit_test(quotes_hold_words_together),
        cmocka_unit_test(nothing_of_the_shell_is_expanded),
        cmocka_unit_test(what_is_no_command_line_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
