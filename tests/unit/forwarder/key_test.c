/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/hash.h"

static void assert_key(struct str key, const char *expected)
{
    char scratch[KEY_SCRATCH_SIZE];
    struct str mapped = key_map(key, 3, 42, scratch);

    assert_true(str_eq(mapped, str_of(expected)));
}

static void test_a_usable_key_is_itself(void **state)
{
    static const struct str key = {"seed:1:7", 8};
    char scratch[KEY_SCRATCH_SIZE];

    (void)state;
    assert_ptr_equal(key_map(key, 0, 0, scratch).ptr, key.ptr);
    assert_key(STR("ключ"), "ключ");
}

static void test_without_a_key_partition_and_offset_spread(void **state)
{
    (void)state;
    assert_key((struct str){NULL, 0}, "3-42");
    assert_key(STR(""), "3-42");
}

static void test_binary_and_long_keys_are_hashed(void **state)
{
    char digest[HASH_SHA256_HEX_SIZE];
    char expected[KEY_SCRATCH_SIZE];
    char ascii[258];
    char wide[2 * 257];

    (void)state;
    hash_sha256_hex("\xff\xfe", 2, digest);
    snprintf(expected, sizeof(expected), "sha256-%s", digest);
    assert_key((struct str){"\xff\xfe", 2}, expected);

    memset(ascii, 'a', sizeof(ascii));
    ascii[256] = '\0';
    assert_key((struct str){ascii, 256}, ascii);
    ascii[256] = 'a';
    hash_sha256_hex(ascii, 257, digest);
    snprintf(expected, sizeof(expected), "sha256-%s", digest);
    assert_key((struct str){ascii, 257}, expected);

    for (size_t i = 0; i < sizeof(wide); i += 2) {
        memcpy(wide + i, "\xC3\xA4", 2);
    }
    {
        char scratch[KEY_SCRATCH_SIZE];
        assert_ptr_equal(key_map((struct str){wide, 512}, 0, 0, scratch).ptr, wide); /* 256 characters */
        assert_int_equal(key_map((struct str){wide, 514}, 0, 0, scratch).len, 71);
    }
}

static void test_sources(void **state)
{
    enum key_source source;
    const char *header = NULL;

    (void)state;
    assert_true(key_parse_source("key", &source, &header) && source == KEY_FROM_KEY);
    assert_true(key_parse_source("partition", &source, &header) && source == KEY_FROM_PARTITION);
    assert_true(key_parse_source("random", &source, &header) && source == KEY_RANDOM);
    assert_true(key_parse_source("header:tenant", &source, &header) && source == KEY_FROM_HEADER);
    assert_string_equal(header, "tenant");
    assert_false(key_parse_source("header:", &source, &header));
    assert_false(key_parse_source("Key", &source, &header));
}

static void test_hash_keys(void **state)
{
    (void)state;
    assert_true(key_is_hash_key(STR("0")));
    assert_true(key_is_hash_key(STR("340282366920938463463374607431768211455")));
    assert_false(key_is_hash_key(STR("340282366920938463463374607431768211456")));
    assert_false(key_is_hash_key(STR("1340282366920938463463374607431768211455")));
    assert_false(key_is_hash_key(STR("01")));
    assert_false(key_is_hash_key(STR("-1")));
    assert_false(key_is_hash_key(STR("")));
    assert_false(key_is_hash_key(STR("1e3")));
}

static void test_hashes_of_like_keys_differ(void **state)
{
    (void)state;
    assert_true(key_hash(STR("a")) != key_hash(STR("b")));
    assert_true(key_hash(STR("seed:1:1")) != key_hash(STR("seed:1:2")));
    assert_true(key_hash((struct str){"a\0", 2}) != key_hash(STR("a")));
    assert_true(key_hash(STR("12345678a")) == key_hash(STR("12345678a")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_usable_key_is_itself),
        cmocka_unit_test(test_without_a_key_partition_and_offset_spread),
        cmocka_unit_test(test_binary_and_long_keys_are_hashed),
        cmocka_unit_test(test_sources),
        cmocka_unit_test(test_hash_keys),
        cmocka_unit_test(test_hashes_of_like_keys_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
