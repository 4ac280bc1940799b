/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int read_cap(const char *text, size_t *cap)
{
    struct error err;

    return stream_read_cap(str_of(text), cap, &err);
}

static void test_the_cap_of_the_stream(void **state)
{
    size_t cap = 0;

    (void)state;
    assert_int_equal(
        read_cap("{\"StreamDescriptionSummary\":{\"StreamName\":\"x\",\"MaxRecordSizeInKiB\":4096}}", &cap),
        0);
    assert_int_equal(cap, 4096 * 1024);
}

static void test_one_mebibyte_if_it_is_not_told(void **state)
{
    size_t cap = 0;

    (void)state;
    assert_int_equal(read_cap("{\"StreamDescriptionSummary\":{\"OpenShardCount\":1}}", &cap), 0);
    assert_int_equal(cap, 1024 * 1024);
}

static void test_nonsense_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "{",
        "null",
        "{\"StreamDescriptionSummary\":{\"MaxRecordSizeInKiB\":0}}",
        "{\"StreamDescriptionSummary\":{\"MaxRecordSizeInKiB\":10241}}",
        "{\"StreamDescriptionSummary\":{\"MaxRecordSizeInKiB\":1.5}}",
    };
    size_t cap = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(read_cap(texts[i], &cap), -ERROR_SYNTAX);
        assert_int_equal(cap, 7);
    }
}

static void test_requests_name_the_stream(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 100);
    stream_request("users", &out);
    assert_string_equal(out.data, "{\"StreamName\":\"users\"}");
    buf_reset(&out);
    stream_request("arn:aws:kinesis:x:1:stream/users", &out);
    assert_string_equal(out.data, "{\"StreamARN\":\"arn:aws:kinesis:x:1:stream/users\"}");
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_cap_of_the_stream),
        cmocka_unit_test(test_one_mebibyte_if_it_is_not_told),
        cmocka_unit_test(test_nonsense_is_refused),
        cmocka_unit_test(test_requests_name_the_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
