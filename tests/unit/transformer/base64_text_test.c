/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "lib/base64.h"
#include "lib/str.h"
#include "transformer/base64_text.h"

enum { MOST = 300 };

/* Adds a newline to `bytes` in the text, and in the bytes, and compares. */
static void check_newline(const unsigned char *bytes, size_t count)
{
    unsigned char with[MOST + 1];
    char text[MOST * 2];
    char expected[MOST * 2];
    char result[MOST * 2];
    struct str encoded = {text, base64_encode(bytes, count, text)};
    size_t expected_length;

    memcpy(with, bytes, count);
    with[count] = '\n';
    expected_length = base64_encode(with, count + 1, expected);
    assert_true(base64_text_valid(encoded));
    assert_int_equal(base64_text_ends_in_newline(encoded), count > 0 && bytes[count - 1] == '\n');
    assert_int_equal(base64_text_add_newline(encoded, result), expected_length);
    assert_memory_equal(result, expected, expected_length);
}

static void the_newline_equals_decode_append_encode_for_all_short_data(void **state)
{
    unsigned char bytes[3] = {0};

    (void)state;
    check_newline(bytes, 0);
    for (unsigned a = 0; a < 256; a++) {
        bytes[0] = (unsigned char)a;
        check_newline(bytes, 1);
        for (unsigned b = 0; b < 256; b++) {
            bytes[1] = (unsigned char)b;
            check_newline(bytes, 2);
            bytes[2] = (unsigned char)(a ^ b);
            check_newline(bytes, 3);
        }
    }
}

static void the_newline_equals_decode_append_encode_for_every_length(void **state)
{
    unsigned char bytes[MOST];

    (void)state;
    for (size_t i = 0; i < MOST; i++) {
        bytes[i] = (unsigned char)(i * 197 + 31);
    }
    for (size_t count = 0; count < MOST; count++) {
        check_newline(bytes, count);
        bytes[count] = '\n';
        check_newline(bytes, count + 1 < MOST ? count + 1 : count);
    }
}

/* What the decoder of lib/ says, which knows nothing of blocks. */
static bool decodes(struct str text)
{
    unsigned char bytes[MOST * 2];
    size_t length;

    return base64_decode(text, bytes, &length);
}

static void every_byte_at_every_place_is_judged_like_the_decoder_does(void **state)
{
    (void)state;
    for (size_t length = 4; length <= 144; length += 4) {
        for (size_t place = 0; place < length; place++) {
            for (unsigned c = 0; c < 256; c++) {
                /* Just as long as needed, so that the sanitizer sees a read behind the end. */
                char *text = malloc(length);
                bool valid;
                assert_non_null(text);
                memset(text, 'A', length);
                text[place] = (char)c;
                valid = decodes((struct str){text, length});
                if (base64_text_valid((struct str){text, length}) != valid) {
                    fail_msg("byte %u at %zu of %zu", c, place, length);
                }
                free(text);
            }
        }
    }
}

static void every_last_group_is_judged_like_the_decoder_does(void **state)
{
    static const char set[] = "ABgwQoK/+09z=-_ \n.";
    const size_t count = sizeof(set) - 1;

    (void)state;
    for (size_t i = 0; i < count * count * count * count; i++) {
        const char text[] = {'e',
                             'A',
                             '8',
                             '=',
                             set[i % count],
                             set[i / count % count],
                             set[i / count / count % count],
                             set[i / count / count / count]};
        struct str group = {text + 4, 4};
        assert_int_equal(base64_text_valid(group), decodes(group));
        assert_false(base64_text_valid((struct str){text, 8}));
    }
}

static void a_length_that_is_no_multiple_of_4_is_refused(void **state)
{
    const char text[] = "eA==eAA=eAAAeAAAeAAAeAAA";

    (void)state;
    for (size_t from = 0; from < sizeof(text) - 1; from++) {
        for (size_t length = 0; from + length < sizeof(text); length++) {
            struct str part = {text + from, length};
            assert_int_equal(base64_text_valid(part), decodes(part));
        }
    }
}

static size_t span(const char *text, bool *ret_valid)
{
    return base64_text_span(text, text + strlen(text), '"', ret_valid);
}

static void the_span_ends_at_the_quote(void **state)
{
    bool valid = false;

    (void)state;
    assert_int_equal(span("\"", &valid), 0);
    assert_true(valid);
    assert_int_equal(span("eAA=\"eAAA", &valid), 4);
    assert_true(valid);
    assert_int_equal(span("eA==\"", &valid), 4);
    assert_true(valid);
    assert_int_equal(span("eA=\"", &valid), 3);
    assert_false(valid);
    (void)span("eAAA", &valid);
    assert_false(valid);
    (void)span("eA===\"", &valid);
    assert_false(valid);
    (void)span("eA\\/A\"", &valid);
    assert_false(valid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newline_equals_decode_append_encode_for_all_short_data),
        cmocka_unit_test(the_newline_equals_decode_append_encode_for_every_length),
        cmocka_unit_test(every_byte_at_every_place_is_judged_like_the_decoder_does),
        cmocka_unit_test(every_last_group_is_judged_like_the_decoder_does),
        cmocka_unit_test(a_length_that_is_no_multiple_of_4_is_refused),
        cmocka_unit_test(the_span_ends_at_the_quote),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
