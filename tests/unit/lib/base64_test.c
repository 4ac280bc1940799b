/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/attr.h"

static void test_rfc_4648_section_10(void **state)
{
    static const struct {
        const char *plain;
        const char *encoded;
    } cases[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xFB\xEF\xFF", "++//"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct str plain = str_of(cases[i].plain), encoded = str_of(cases[i].encoded);
        char out[16];
        size_t len = 99;
        assert_int_equal(base64_encode(plain.ptr, plain.len, out), encoded.len);
        assert_memory_equal(out, encoded.ptr, encoded.len);
        assert_int_equal(base64_encoded_size(plain.len), encoded.len);
        assert_true(base64_decode(encoded, out, &len));
        assert_int_equal(len, plain.len);
        assert_memory_equal(out, plain.ptr, plain.len);
    }
}

/* Every length from 0 to 600 in memory of exactly the promised size, so that ASan sees one byte too many. */
static void test_round_trip_of_all_lengths(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 600; len++) {
        unsigned char *plain = malloc(len ? len : 1);
        char *encoded = malloc(base64_encoded_size(len) ? base64_encoded_size(len) : 1);
        unsigned char *decoded;
        size_t encoded_len, decoded_len;
        for (size_t i = 0; i < len; i++) {
            plain[i] = (unsigned char)(i * 167 + len * 31);
        }
        encoded_len = base64_encode(plain, len, encoded);
        assert_int_equal(encoded_len, base64_encoded_size(len));
        decoded = malloc(base64_decoded_size(encoded_len) ? base64_decoded_size(encoded_len) : 1);
        assert_true(base64_decode((struct str){encoded, encoded_len}, decoded, &decoded_len));
        assert_int_equal(decoded_len, len);
        assert_memory_equal(decoded, plain, len);
        free(plain);
        free(encoded);
        free(decoded);
    }
}

static void test_all_byte_values_survive(void **state)
{
    (void)state;
    for (unsigned a = 0; a < 256; a++) {
        for (unsigned b = 0; b < 256; b++) {
            unsigned char plain[3] = {(unsigned char)a, (unsigned char)b, (unsigned char)(a ^ b)}, back[3];
            char encoded[4];
            size_t len;
            base64_encode(plain, 3, encoded);
            assert_true(base64_decode((struct str){encoded, 4}, back, &len));
            assert_memory_equal(plain, back, 3);
        }
    }
}

static void test_decoding_is_strict(void **state)
{
    static const struct str cases[] = {
        STR("Z"),
        STR("Zg"),
        STR("Zg="),
        STR("Zm9"),
        STR("Zm9vY"),
        STR("Zg==Zg=="),
        STR("Zm8=A"),
        STR("===="),
        STR("Z==="),
        STR("=AAA"),
        STR("A=AA"),
        STR("AA=A"),
        STR("Zh=="),
        STR("Zm9="),
        STR("Zm 9"),
        STR("Zm9v\n"),
        STR("Zm9v\r\n"),
        STR(" Zm9v"),
        STR("Zm-_"),
        STR("Zm9v\0\0\0\0"),
        STR("Zm\0v"),
        STR("Zm9v===="),
        STR("\xFF\xFF\xFF\xFF"),
        STR("Zg=\n"),
        STR("Zm8=Zm8="),
        STR("A\x80=="),
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char out[16];
        size_t len = 77;
        if (base64_decode(cases[i], out, &len)) {
            fail_msg("decoded: %.*s", STR_ARG(cases[i]));
        }
        assert_int_equal(len, 77);
    }
}

/* In every place of a group each byte value is taken or refused as RFC 4648 section 4 says. */
static void test_alphabet(void **state)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    (void)state;
    for (unsigned place = 0; place < 4; place++) {
        for (unsigned c = 0; c < 256; c++) {
            char text[8] = {'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A'};
            char out[6];
            size_t len;
            bool expected = c != 0 && strchr(alphabet, (int)c) != NULL;
            text[place] = (char)c;
            assert_int_equal(base64_decode((struct str){text, 8}, out, &len), expected);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc_4648_section_10),
        cmocka_unit_test(test_round_trip_of_all_lengths),
        cmocka_unit_test(test_all_byte_values_survive),
        cmocka_unit_test(test_decoding_is_strict),
        cmocka_unit_test(test_alphabet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
