/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/kpl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/buf.h"
#include "lib/hash.h"

/* One of two keys, two records "alpha" (key 1) and "" (key 0); then an explicit hash key and a tag, ignored.
 */
static const unsigned char message[] = {0x0A, 2, 'k', '0', 0x0A, 2,   'k', '1',  0x12, 1, '5', 0x1A, 9, 8, 1,
                                        0x1A, 5, 'a', 'l', 'p',  'h', 'a', 0x1A, 4,    8, 0,   0x1A, 0};

static struct buf aggregate(const void *bytes, size_t len)
{
    unsigned char digest[HASH_MD5_SIZE];
    struct buf buf;

    buf_init(&buf, 1 << 20);
    buf_add(&buf, "\xF3\x89\x9A\xC2", 4);
    buf_add(&buf, bytes, len);
    hash_md5(bytes, len, digest);
    buf_add(&buf, digest, sizeof(digest));
    return buf;
}

static bool opens(const void *bytes, size_t len)
{
    struct buf buf = aggregate(bytes, len);
    struct kpl kpl = {0};
    bool ok = kpl_open(&kpl, buf_str(&buf));

    kpl_done(&kpl);
    buf_done(&buf);
    return ok;
}

static void takes_an_aggregate_apart_in_order(void **state)
{
    struct buf buf = aggregate(message, sizeof(message));
    struct kpl kpl = {0};
    struct str data;
    struct str key;

    (void)state;
    for (int again = 0; again < 2; again++) {
        assert_true(kpl_open(&kpl, buf_str(&buf)));
        assert_int_equal(kpl.record_count, 2);
        assert_true(kpl_next(&kpl, &data, &key));
        assert_true(str_eq(data, STR("alpha")) && str_eq(key, STR("k1")));
        assert_true(kpl_next(&kpl, &data, &key));
        assert_true(data.len == 0 && str_eq(key, STR("k0")));
        assert_false(kpl_next(&kpl, &data, &key));
    }
    kpl_done(&kpl);
    buf_done(&buf);
}

static void a_record_with_a_wrong_digest_or_magic_stays_whole(void **state)
{
    struct buf buf = aggregate(message, sizeof(message));
    struct kpl kpl = {0};

    (void)state;
    for (size_t i = 0; i < buf.len; i++) {
        buf.data[i] ^= 1;
        assert_false(kpl_open(&kpl, buf_str(&buf)));
        buf.data[i] ^= 1;
    }
    for (size_t len = 0; len < buf.len; len++) {
        assert_false(kpl_open(&kpl, (struct str){buf.data, len}));
    }
    assert_false(kpl_open(&kpl, STR("{\"gender\":\"male\"}")));
    kpl_done(&kpl);
    buf_done(&buf);
}

static void a_broken_message_stays_whole_though_its_digest_fits(void **state)
{
    static const unsigned char no_such_key[] = {0x0A, 1, 'k', 0x1A, 4, 8, 1, 0x1A, 0};
    static const unsigned char no_data[] = {0x0A, 1, 'k', 0x1A, 2, 8, 0};
    static const unsigned char no_key[] = {0x0A, 1, 'k', 0x1A, 2, 0x1A, 0};
    static const unsigned char number_for_record[] = {0x18, 1};
    static const unsigned char endless_varint[] = {0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                                   0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1};
    static const unsigned char field_zero[] = {0x02, 0};
    static const unsigned char group[] = {0x0B};
    static const unsigned char huge_length[] = {0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F};

    (void)state;
    assert_true(opens(message, sizeof(message)));
    for (size_t len = 1; len < sizeof(message); len++) {
        /* Cut behind the first record it is a smaller aggregate; elsewhere it is none. */
        bool whole = len == 22;
        assert_int_equal(opens(message, len), whole);
    }
    assert_false(opens(no_such_key, sizeof(no_such_key)));
    assert_false(opens(no_data, sizeof(no_data)));
    assert_false(opens(no_key, sizeof(no_key)));
    assert_false(opens(number_for_record, sizeof(number_for_record)));
    assert_false(opens(endless_varint, sizeof(endless_varint)));
    assert_false(opens(field_zero, sizeof(field_zero)));
    assert_false(opens(group, sizeof(group)));
    assert_false(opens(huge_length, sizeof(huge_length)));
}

static void fields_of_later_versions_are_skipped(void **state)
{
    static const unsigned char later[] = {0x0A, 1,    'k', 0x20, 0x96, 1, 0x29, 1, 2, 3, 4,    5, 6,    7,
                                          8,    0x35, 1,   2,    3,    4, 0x1A, 6, 8, 0, 0x1A, 0, 0x58, 7};

    (void)state;
    assert_true(opens(later, sizeof(later)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_an_aggregate_apart_in_order),
        cmocka_unit_test(a_record_with_a_wrong_digest_or_magic_stays_whole),
        cmocka_unit_test(a_broken_message_stays_whole_though_its_digest_fits),
        cmocka_unit_test(fields_of_later_versions_are_skipped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
