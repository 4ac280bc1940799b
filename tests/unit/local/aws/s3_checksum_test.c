/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "local/aws/s3_checksum.h"

static void the_check_values_of_the_catalogues(void **state)
{
    /* Of "123456789": reveng.sourceforge.io's catalogue for the CRCs, NIST's algorithms for SHA. */
    static const struct {
        enum s3_checksum kind;
        const char *expected;
    } cases[] = {{S3_CRC32, "y/Q5Jg=="},
                 {S3_CRC32C, "4waSgw=="},
                 {S3_CRC64NVME, "rosUhgp5mIg="},
                 {S3_SHA1, "98O8HYCOBHMq32eZZczDTKeuNEE="},
                 {S3_SHA256, "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char text[S3_CHECKSUM_SIZE];
        s3_checksum_text(cases[i].kind, STR("123456789"), text);
        assert_string_equal(text, cases[i].expected);
    }
}

static void a_crc_is_the_same_in_pieces_of_any_length(void **state)
{
    unsigned char data[100];

    (void)state;
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (unsigned char)(i * 37);
    }
    for (int kind = S3_CRC32; kind <= S3_CRC64NVME; kind++) {
        uint64_t whole = s3_crc((enum s3_checksum)kind, 0, data, sizeof(data));
        for (size_t cut = 0; cut <= sizeof(data); cut++) {
            uint64_t crc = s3_crc((enum s3_checksum)kind, 0, data, cut);
            assert_true(s3_crc((enum s3_checksum)kind, crc, data + cut, sizeof(data) - cut) == whole);
        }
    }
}

static void names_and_headers_are_found_in_any_case(void **state)
{
    (void)state;
    for (int i = S3_CRC32; i < S3_CHECKSUM_COUNT; i++) {
        enum s3_checksum kind = (enum s3_checksum)i;
        assert_int_equal(s3_checksum_named(str_of(s3_checksum_name(kind))), kind);
        assert_int_equal(s3_checksum_of_header(str_of(s3_checksum_header(kind))), kind);
    }
    assert_int_equal(s3_checksum_named(STR("crc32c")), S3_CRC32C);
    assert_int_equal(s3_checksum_of_header(STR("X-Amz-Checksum-SHA256")), S3_SHA256);
    assert_int_equal(s3_checksum_named(STR("")), S3_CHECKSUM_NONE);
    assert_int_equal(s3_checksum_of_header(STR("x-amz-checksum-md5")), S3_CHECKSUM_NONE);
}

static void a_text_must_have_the_length_of_its_kind(void **state)
{
    unsigned char bytes[S3_CHECKSUM_BYTES];
    size_t len = 0;

    (void)state;
    assert_true(s3_checksum_bytes(S3_CRC32, STR("y/Q5Jg=="), bytes, &len));
    assert_int_equal(len, 4);
    assert_int_equal(bytes[0], 0xCB);
    assert_false(s3_checksum_bytes(S3_CRC64NVME, STR("y/Q5Jg=="), bytes, &len));
    assert_false(s3_checksum_bytes(S3_CRC32, STR("y/Q5Jg"), bytes, &len));
    assert_false(s3_checksum_bytes(S3_CRC32, STR(""), bytes, &len));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_check_values_of_the_catalogues),
        cmocka_unit_test(a_crc_is_the_same_in_pieces_of_any_length),
        cmocka_unit_test(names_and_headers_are_found_in_any_case),
        cmocka_unit_test(a_text_must_have_the_length_of_its_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
