/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "local/aws/s3_chunked.h"

static void expect(const char *body, bool good, const char *expected)
{
    struct buf out;

    buf_init(&out, 20);
    assert_int_equal(s3_chunked_decode(str_of(body), &out), good);
    if (good) {
        assert_string_equal(buf_str(&out).ptr, expected);
    }
    buf_done(&out);
}

static void chunks_are_joined_and_trailers_left_out(void **state)
{
    (void)state;
    expect("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:abc=\r\n\r\n", true, "hello");
    expect("1\r\na\r\nA;ext=1\r\n0123456789\r\n0\r\n\r\n", true, "a0123456789");
    expect("0\r\n\r\n", true, "");
}

static void broken_framing_is_refused(void **state)
{
    (void)state;
    expect("", false, NULL);
    expect("5\r\nhell", false, NULL);
    expect("5\r\nhelloXX0\r\n", false, NULL);
    expect("x\r\nhello\r\n0\r\n", false, NULL);
    expect("5\r\nhello\r\n", false, NULL);
    expect("ffffffffffffffffffff\r\nhello\r\n0\r\n", false, NULL);
    expect("16\r\n0123456789012345678901\r\n0\r\n\r\n", false, NULL); /* longer than the cap */
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_are_joined_and_trailers_left_out),
        cmocka_unit_test(broken_framing_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
