/* SPDX-License-Identifier: Apache-2.0 */
/* also: analytics/kpl.c */
/* What is written here is read back by the parser of the analytics, which was written for the KPL's own. */
#include "forwarder/aggregate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analytics/kpl.h"
#include "lib/base64.h"
#include "lib/hash.h"

enum { CAP = 1 << 22 };

static void add(struct buf *out, struct str data, bool has_hash_key)
{
    size_t before = out->len;

    aggregate_add_head(out, data.len, has_hash_key);
    buf_add(out, data.ptr, data.len);
    assert_int_equal(out->len - before, aggregate_record_size(data.len, has_hash_key));
}

static void test_the_bytes_are_those_of_the_format(void **state)
{
    static const unsigned char expected[] = {0xF3, 0x89, 0x9A, 0xC2,      /* magic */
                                             0x0A, 2,    'k',  '1',       /* partition_key_table */
                                             0x12, 2,    '4',  '2',       /* explicit_hash_key_table */
                                             0x1A, 7,    0x08, 0,         /* records: partition_key_index */
                                             0x10, 0,    0x1A, 1,    'a', /* explicit_hash_key_index, data */
                                             0x1A, 6,    0x08, 0,         /* the second, empty */
                                             0x10, 0,    0x1A, 0};
    unsigned char digest[HASH_MD5_SIZE];
    struct buf out;

    (void)state;
    hash_md5(expected + 4, sizeof(expected) - 4, digest);
    buf_init(&out, CAP);
    aggregate_start(&out, STR("k1"), STR("42"));
    add(&out, STR("a"), true);
    add(&out, STR(""), true);
    aggregate_end(&out);
    assert_int_equal(buf_error(&out), 0);
    assert_int_equal(out.len, sizeof(expected) + sizeof(digest));
    assert_memory_equal(out.data, expected, sizeof(expected));
    assert_memory_equal(out.data + sizeof(expected), digest, sizeof(digest));
    buf_done(&out);
}

/* Data of `len` bytes that differ with the length. */
static struct str data_of(size_t len, char *bytes)
{
    memset(bytes, (int)(len % 251), len);
    return (struct str){bytes, len};
}

static void test_what_is_written_is_read_back(void **state)
{
    /* Around the lengths at which a length takes a byte more. */
    static const size_t lengths[] = {0,   1,   120, 121,   122,   123,   124,    125,
                                     126, 127, 128, 16370, 16383, 16384, 2097140};
    const struct str hash_keys[] = {STR(""), STR("340282366920938463463374607431768211455")};
    char *bytes = malloc(CAP);
    struct kpl kpl = {0};
    struct str data;
    struct str key;
    struct buf out;

    (void)state;
    buf_init(&out, CAP);
    for (size_t h = 0; h < ARRAY_LENGTH(hash_keys); h++) {
        size_t size = aggregate_base_size(STR("schl\xC3\xBCssel"), hash_keys[h]);

        buf_reset(&out);
        aggregate_start(&out, STR("schl\xC3\xBCssel"), hash_keys[h]);
        for (size_t i = 0; i < ARRAY_LENGTH(lengths); i++) {
            add(&out, data_of(lengths[i], bytes), hash_keys[h].len > 0);
            size += aggregate_record_size(lengths[i], hash_keys[h].len > 0);
        }
        aggregate_end(&out);
        assert_int_equal(buf_error(&out), 0);
        assert_int_equal(out.len, size);
        assert_true(kpl_open(&kpl, buf_str(&out)));
        assert_int_equal(kpl.record_count, ARRAY_LENGTH(lengths));
        for (size_t i = 0; i < ARRAY_LENGTH(lengths); i++) {
            assert_true(kpl_next(&kpl, &data, &key));
            assert_true(str_eq(data, data_of(lengths[i], bytes)));
            assert_true(str_eq(key, STR("schl\xC3\xBCssel")));
        }
        assert_false(kpl_next(&kpl, &data, &key));
    }
    kpl_done(&kpl);
    buf_done(&out);
    free(bytes);
}

static void test_a_failed_buffer_stays_failed(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 20);
    aggregate_start(&out, STR("a key that is longer than 20 bytes"), STR(""));
    aggregate_end(&out);
    assert_int_not_equal(buf_error(&out), 0);
    buf_done(&out);
}

static bool is_one(const unsigned char *data, size_t len)
{
    char text[64];

    return aggregate_is_one((struct str){text, base64_encode(data, len, text)});
}

static void test_an_aggregate_is_known_by_its_base64(void **state)
{
    (void)state;
    for (unsigned last = 0; last < 256; last++) {
        for (unsigned behind = 0; behind < 256; behind += 15) {
            const unsigned char data[] = {0xF3, 0x89, 0x9A, (unsigned char)last, (unsigned char)behind};

            assert_int_equal(is_one(data, sizeof(data)), last == 0xC2);
            assert_int_equal(is_one(data, 4), last == 0xC2);
        }
    }
    assert_false(is_one((const unsigned char *)"\xF3\x89\x9A", 3));
    assert_false(is_one((const unsigned char *)"", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_bytes_are_those_of_the_format),
        cmocka_unit_test(test_what_is_written_is_read_back),
        cmocka_unit_test(test_a_failed_buffer_stays_failed),
        cmocka_unit_test(test_an_aggregate_is_known_by_its_base64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
