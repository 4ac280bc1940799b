/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* FIPS 180-4 appendix B and the empty text. */
static void sha256_known_answers(void **state)
{
    char hex[HASH_SHA256_HEX_SIZE];

    (void)state;
    hash_sha256_hex("", 0, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    hash_sha256_hex("abc", 3, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    hash_sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, hex);
    assert_string_equal(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

/* RFC 1321 section A.5; twice, since the context is used again. */
static void md5_known_answers(void **state)
{
    unsigned char md5[HASH_MD5_SIZE];
    char hex[2 * HASH_MD5_SIZE + 1];

    (void)state;
    for (int i = 0; i < 2; i++) {
        hash_md5("", 0, md5);
        hash_hex(md5, sizeof(md5), hex);
        assert_string_equal(hex, "d41d8cd98f00b204e9800998ecf8427e");
        hash_md5("message digest", 14, md5);
        hash_hex(md5, sizeof(md5), hex);
        assert_string_equal(hex, "f96b697d7cb7938d525a2f31aaf161d0");
    }
}

/* RFC 4231 cases 2 and 6 (a key longer than a block), and an empty key. */
static void hmac_known_answers(void **state)
{
    unsigned char mac[HASH_SHA256_SIZE];
    char hex[HASH_SHA256_HEX_SIZE];
    unsigned char key[131];

    (void)state;
    hash_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, mac);
    hash_hex(mac, sizeof(mac), hex);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof(key));
    hash_hmac_sha256(key, sizeof(key), "Test Using Larger Than Block-Size Key - Hash Key First", 54, mac);
    hash_hex(mac, sizeof(mac), hex);
    assert_string_equal(hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    hash_hmac_sha256(NULL, 0, "", 0, mac);
    hash_hex(mac, sizeof(mac), hex);
    assert_string_equal(hex, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void equal_compares_all_bytes(void **state)
{
    (void)state;
    assert_true(hash_equal("abcd", "abcd", 4));
    assert_false(hash_equal("abcd", "abce", 4));
    assert_false(hash_equal("xbcd", "abcd", 4));
    assert_true(hash_equal("a", "b", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_known_answers),
        cmocka_unit_test(md5_known_answers),
        cmocka_unit_test(hmac_known_answers),
        cmocka_unit_test(equal_compares_all_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
