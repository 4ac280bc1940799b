/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "local/aws/s3_chunked.h"

static void expect(const char *body, enum s3_chunked_result expected, const char *bytes, const char *trailers)
{
    struct buf out;
    struct str rest = STR("");

    buf_init(&out, 20);
    assert_int_equal(s3_chunked_decode(str_of(body), NULL, &out, &rest), expected);
    if (expected == S3_CHUNKED_OK) {
        assert_string_equal(buf_str(&out).ptr, bytes);
        assert_string_equal(rest.ptr, trailers);
    }
    buf_done(&out);
}

static void chunks_are_joined_and_trailers_handed_back(void **state)
{
    (void)state;
    expect("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:abc=\r\n\r\n", S3_CHUNKED_OK, "hello",
           "x-amz-checksum-crc32:abc=\r\n\r\n");
    expect("1\r\na\r\nA;ext=1\r\n0123456789\r\n0\r\n\r\n", S3_CHUNKED_OK, "a0123456789", "\r\n");
    expect("0\r\n\r\n", S3_CHUNKED_OK, "", "\r\n");
}

static void broken_framing_is_refused(void **state)
{
    (void)state;
    expect("", S3_CHUNKED_BROKEN, NULL, NULL);
    expect("5\r\nhell", S3_CHUNKED_BROKEN, NULL, NULL);
    expect("5\r\nhelloXX0\r\n", S3_CHUNKED_BROKEN, NULL, NULL);
    expect("x\r\nhello\r\n0\r\n", S3_CHUNKED_BROKEN, NULL, NULL);
    expect("5\r\nhello\r\n", S3_CHUNKED_BROKEN, NULL, NULL);
    expect("ffffffffffffffffffff\r\nhello\r\n0\r\n", S3_CHUNKED_BROKEN, NULL, NULL);
    /* longer than the cap */
    expect("16\r\n0123456789012345678901\r\n0\r\n\r\n", S3_CHUNKED_BROKEN, NULL, NULL);
}

static void trailers_are_read_one_by_one(void **state)
{
    struct str rest = STR("a: 1 \r\nx-amz-trailer-signature:ff\r\nno colon\r\nB:2\n\r\n");
    struct str name;
    struct str value;

    (void)state;
    assert_true(s3_chunked_trailer(&rest, &name, &value));
    assert_true(str_eq(name, STR("a")) && str_eq(value, STR("1")));
    assert_true(s3_chunked_trailer(&rest, &name, &value));
    assert_true(str_eq(name, STR("B")) && str_eq(value, STR("2")));
    assert_false(s3_chunked_trailer(&rest, &name, &value));
}

/* The example of the S3 API reference: 66,560 bytes 'a' in chunks of 64 KiB, signed. */
static const struct s3_chunk_signer example = {
    .identity = {.secret_key = {"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", 40},
                 .region = {"us-east-1", 9},
                 .service = {"s3", 2}},
    .date = "20130524T000000Z",
    .seed = {"4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9", 64}};

static const char *const example_signatures[] = {
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"};

/* The example's body; `spoil` < 0, or the offset of a byte that is changed. */
static enum s3_chunked_result decode_example(long spoil, size_t *ret_len)
{
    static const size_t sizes[] = {65536, 1024, 0};
    struct str trailers;
    struct buf body;
    struct buf out;
    enum s3_chunked_result result;

    buf_init(&body, 70000);
    buf_init(&out, 70000);
    for (size_t i = 0; i < 3; i++) {
        buf_addf(&body, "%zx;chunk-signature=%s\r\n", sizes[i], example_signatures[i]);
        memset(buf_reserve(&body, sizes[i] + 1), 'a', sizes[i]);
        buf_commit(&body, sizes[i]);
        buf_add_str(&body, "\r\n");
    }
    if (spoil >= 0) {
        body.data[spoil] = body.data[spoil] == 'b' ? 'c' : 'b';
    }
    result = s3_chunked_decode(buf_str(&body), &example, &out, &trailers);
    *ret_len = out.len;
    buf_done(&body);
    buf_done(&out);
    return result;
}

static void the_signed_example_of_aws_is_accepted(void **state)
{
    size_t len = 0;

    (void)state;
    assert_int_equal(decode_example(-1, &len), S3_CHUNKED_OK);
    assert_int_equal(len, 66560);
}

static void a_changed_chunk_or_signature_is_refused(void **state)
{
    size_t len = 0;

    (void)state;
    assert_int_equal(decode_example(30, &len), S3_CHUNKED_UNSIGNED);    /* in the first signature */
    assert_int_equal(decode_example(10000, &len), S3_CHUNKED_UNSIGNED); /* in the first chunk */
    assert_int_equal(decode_example(66000, &len), S3_CHUNKED_UNSIGNED); /* in the second */
}

static void chunks_without_signatures_are_refused_where_they_must_be_signed(void **state)
{
    struct str trailers;
    struct buf out;

    (void)state;
    buf_init(&out, 100);
    assert_int_equal(s3_chunked_decode(STR("1\r\na\r\n0\r\n\r\n"), &example, &out, &trailers),
                     S3_CHUNKED_UNSIGNED);
    buf_done(&out);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_are_joined_and_trailers_handed_back),
        cmocka_unit_test(broken_framing_is_refused),
        cmocka_unit_test(trailers_are_read_one_by_one),
        cmocka_unit_test(the_signed_example_of_aws_is_accepted),
        cmocka_unit_test(a_changed_chunk_or_signature_is_refused),
        cmocka_unit_test(chunks_without_signatures_are_refused_where_they_must_be_signed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
