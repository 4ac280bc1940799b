/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/attr.h"

#include "local/aws/cbor.h"

#define BYTES(literal) ((struct str){(literal), sizeof(literal) - 1})

/* NULL expected: refused. */
static void expect_read(struct str document, const char *expected)
{
    char *exact = malloc(document.len + 1);
    cJSON *root;
    char *text;

    assert_non_null(exact);
    memcpy(exact, document.ptr, document.len);
    root = cbor_read((struct str){exact, document.len});
    free(exact);
    if (!expected) {
        assert_null(root);
        return;
    }
    assert_non_null(root);
    text = cJSON_PrintUnformatted(root);
    assert_string_equal(text, expected);
    cJSON_free(text);
    cJSON_Delete(root);
}

/* Appendix A of RFC 8949, as far as JSON has it; blobs are base64 and times seconds. */
static void examples_of_the_rfc_are_read(void **state)
{
    (void)state;
    expect_read(BYTES("\x00"), "0");
    expect_read(BYTES("\x17"), "23");
    expect_read(BYTES("\x18\x18"), "24");
    expect_read(BYTES("\x1a\x00\x0f\x42\x40"), "1000000");
    expect_read(BYTES("\x1b\x00\x00\x00\xe8\xd4\xa5\x10\x00"), "1000000000000");
    expect_read(BYTES("\x20"), "-1");
    expect_read(BYTES("\x39\x03\xe7"), "-1000");
    expect_read(BYTES("\xf9\x3e\x00"), "1.5");
    expect_read(BYTES("\xf9\xc4\x00"), "-4");
    expect_read(BYTES("\xfa\x47\xc3\x50\x00"), "100000");
    expect_read(BYTES("\xfb\xc0\x10\x66\x66\x66\x66\x66\x66"), "-4.1");
    expect_read(BYTES("\xf4"), "false");
    expect_read(BYTES("\xf5"), "true");
    expect_read(BYTES("\xf6"), "null");
    expect_read(BYTES("\x44\x01\x02\x03\x04"), "\"AQIDBA==\"");
    expect_read(BYTES("\x64IETF"), "\"IETF\"");
    expect_read(BYTES("\x62\xc3\xbc"), "\"\xc3\xbc\"");
    expect_read(BYTES("\x83\x01\x02\x03"), "[1,2,3]");
    expect_read(BYTES("\xa2\x61"
                      "a\x01\x61"
                      "b\x82\x02\x03"),
                "{\"a\":1,\"b\":[2,3]}");
    expect_read(BYTES("\x5f\x42\x01\x02\x43\x03\x04\x05\xff"), "\"AQIDBAU=\"");
    expect_read(BYTES("\x7f\x65strea\x64ming\xff"), "\"streaming\"");
    expect_read(BYTES("\x9f\x01\x82\x02\x03\x9f\x04\x05\xff\xff"), "[1,[2,3],[4,5]]");
    expect_read(BYTES("\xbf\x63"
                      "Fun\xf5\x63"
                      "Amt\x21\xff"),
                "{\"Fun\":true,\"Amt\":-2}");
}

static void times_are_milliseconds_under_tag_1(void **state)
{
    (void)state;
    expect_read(BYTES("\xc1\x1b\x00\x00\x01\xa2\x07\x1c\x2c\x00"), "1795415616.512");
    expect_read(BYTES("\xc2\x41\x01"), "\"AQ==\""); /* any other tag is looked through */
}

static void what_is_not_whole_is_refused(void **state)
{
    static const struct str wrong[] = {STR(""),
                                       STR("\x18"),
                                       STR("\x42\x01"),
                                       STR("\x5f\x41\x01"),
                                       STR("\x82\x01"),
                                       STR("\xa1\x01\x02"),
                                       STR("\xa1\x61"
                                           "a"),
                                       STR("\xff"),
                                       STR("\x1f"),
                                       STR("\x1c"),
                                       STR("\x01\x02"),
                                       STR("\xf9\x7c\x00"),
                                       STR("\x62\xff\xff"),
                                       STR("\x5f\x61"
                                           "a\xff"),
                                       STR("\xbb\xff\xff\xff\xff\xff\xff\xff\xff"),
                                       STR("\x5b\xff\xff\xff\xff\xff\xff\xff\xff")};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        expect_read(wrong[i], NULL);
    }
    expect_read(BYTES("\x61\x00"), NULL); /* a NUL in a text */
}

static void depth_and_items_are_bounded(void **state)
{
    char deep[CBOR_DEPTH_CAP + 2];
    char *many = malloc(CBOR_ITEMS_CAP + 2);

    (void)state;
    assert_non_null(many);
    memset(deep, '\x81', sizeof(deep));
    deep[CBOR_DEPTH_CAP] = '\x01';
    expect_read((struct str){deep, CBOR_DEPTH_CAP + 1}, NULL);
    memset(many, '\x01', CBOR_ITEMS_CAP + 2);
    many[0] = '\x9f';
    many[CBOR_ITEMS_CAP + 1] = '\xff';
    expect_read((struct str){many, CBOR_ITEMS_CAP + 2}, NULL);
    free(many);
}

static void answers_are_written(void **state)
{
    static const char json[] = "{\"Records\":[{\"Data\":\"AQI=\",\"ApproximateArrivalTimestamp\":1.5,"
                               "\"PartitionKey\":\"k\"}],\"MillisBehindLatest\":300,\"n\":-2,\"t\":true,"
                               "\"f\":false,\"z\":null}";
    static const char expected[] = "\xa6\x67Records\x81\xa3\x64"
                                   "Data\x42\x01\x02\x78\x1b"
                                   "ApproximateArrivalTimestamp\xc1\x19\x05\xdc\x6c"
                                   "PartitionKey\x61k\x72MillisBehindLatest\x19\x01\x2c\x61n\x21\x61t\xf5\x61"
                                   "f\xf4\x61z\xf6";
    struct buf out;

    (void)state;
    buf_init(&out, 1000);
    assert_int_equal(cbor_write(str_of(json), &out), 0);
    assert_int_equal(out.len, sizeof(expected) - 1);
    assert_memory_equal(out.data, expected, out.len);
    buf_done(&out);
    buf_init(&out, 100);
    assert_int_equal(cbor_write(STR("[1e300,1.5]"), &out), 0);
    assert_int_equal(out.len, 19);
    assert_memory_equal(out.data, "\x82\xfb\x7e\x37\xe4\x3c\x88\x00\x75\x9c\xfb\x3f\xf8", 13);
    buf_done(&out);
    buf_init(&out, 10);
    assert_int_not_equal(cbor_write(str_of(json), &out), 0);
    assert_int_not_equal(cbor_write(STR("{"), &out), 0);
    buf_done(&out);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_of_the_rfc_are_read), cmocka_unit_test(times_are_milliseconds_under_tag_1),
        cmocka_unit_test(what_is_not_whole_is_refused), cmocka_unit_test(depth_and_items_are_bounded),
        cmocka_unit_test(answers_are_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
