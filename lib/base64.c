/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base64.h"

#include <stdint.h>

#if defined(__x86_64__) && defined(__GNUC__)
#define BASE64_AVX2 1
#include <immintrin.h>
#endif

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* 255 where the character is not in the alphabet. */
static const uint8_t *decode_table(void)
{
    static uint8_t table[256];
    static bool ready;

    if (!ready) {
        for (size_t i = 0; i < sizeof(table); i++) {
            table[i] = 255;
        }
        for (uint8_t i = 0; i < 64; i++) {
            table[(unsigned char)alphabet[i]] = i;
        }
        ready = true;
    }
    return table;
}

/*
 * The characters of every 12-bit value, so that three bytes take two look-ups. 8 KiB, filled once; it
 * stays in the first-level cache while a batch is encoded.
 */
static const char (*encode_table(void))[2]
{
    static char table[4096][2];
    static bool ready;

    if (!ready) {
        for (size_t i = 0; i < 4096; i++) {
            table[i][0] = alphabet[i >> 6];
            table[i][1] = alphabet[i & 63];
        }
        ready = true;
    }
    return (const char(*)[2])table;
}

#ifdef BASE64_AVX2
/*
 * 24 bytes become 32 characters: the bytes of each group of three are spread over four, cut into six-bit
 * values by multiplication, and turned into characters by adding the distance between value and character,
 * which depends only on the value's range. Returns the bytes used up, a multiple of 24; at least 4 are left.
 */
__attribute__((target("avx2"))) static size_t encode_avx2(const unsigned char *in, size_t len, char *out)
{
    const __m256i spread = _mm256_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10, 1, 0, 2, 1, 4,
                                            3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
    const __m256i distances =
        _mm256_setr_epi8('a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                         '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0, 'a' - 26, '0' - 52,
                         '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                         '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0);
    size_t used = 0;

    for (; len - used >= 28; used += 24, out += 32) {
        /* Two loads of 16 bytes, of which 12 count. */
        __m256i bytes = _mm256_set_m128i(_mm_loadu_si128((const __m128i *)(const void *)(in + used + 12)),
                                         _mm_loadu_si128((const __m128i *)(const void *)(in + used)));
        __m256i groups = _mm256_shuffle_epi8(bytes, spread);
        __m256i high = _mm256_mulhi_epu16(_mm256_and_si256(groups, _mm256_set1_epi32(0x0FC0FC00)),
                                          _mm256_set1_epi32(0x04000040));
        __m256i low = _mm256_mullo_epi16(_mm256_and_si256(groups, _mm256_set1_epi32(0x003F03F0)),
                                         _mm256_set1_epi32(0x01000010));
        __m256i values = _mm256_or_si256(high, low);
        /* 0 for a to z, 1 to 10 for digits, 11, 12 for the last two, 13 for A to Z. */
        __m256i range = _mm256_subs_epu8(values, _mm256_set1_epi8(51));
        __m256i capital = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), values);
        range = _mm256_or_si256(range, _mm256_and_si256(capital, _mm256_set1_epi8(13)));
        _mm256_storeu_si256((__m256i *)(void *)out,
                            _mm256_add_epi8(_mm256_shuffle_epi8(distances, range), values));
    }
    return used;
}
#endif

size_t base64_encode(const void *data, size_t len, char *out)
{
    const char(*pairs)[2] = encode_table();
    const unsigned char *in = data;
    char *start = out;

#ifdef BASE64_AVX2
    if (len >= 28 && __builtin_cpu_supports("avx2")) {
        size_t used = encode_avx2(in, len, out);
        in += used;
        len -= used;
        out += used / 3 * 4;
    }
#endif
    for (; len >= 3; len -= 3, in += 3, out += 4) {
        uint32_t group = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
        memcpy(out, pairs[group >> 12], 2);
        memcpy(out + 2, pairs[group & 4095], 2);
    }
    if (len > 0) {
        uint32_t group = (uint32_t)in[0] << 16 | (len == 2 ? (uint32_t)in[1] << 8 : 0);
        memcpy(out, pairs[group >> 12], 2);
        out[2] = len == 2 ? alphabet[(group >> 6) & 63] : '=';
        out[3] = '=';
        out += 4;
    }
    return (size_t)(out - start);
}

bool base64_decode(struct str text, void *out, size_t *ret_len)
{
    const uint8_t *table = decode_table();
    const unsigned char *in = (const unsigned char *)text.ptr;
    unsigned char *dst = out;
    size_t groups = text.len / 4;
    size_t padding = 0;

    if (text.len % 4 != 0) {
        return false;
    }
    if (text.len == 0) {
        *ret_len = 0;
        return true;
    }
    padding = in[text.len - 1] == '=' ? (in[text.len - 2] == '=' ? 2 : 1) : 0;
    for (size_t i = 0; i + (padding > 0) < groups; i++, in += 4, dst += 3) {
        uint8_t a = table[in[0]], b = table[in[1]], c = table[in[2]], d = table[in[3]];
        if ((a | b | c | d) & 0xC0) {
            return false;
        }
        dst[0] = (unsigned char)(a << 2 | b >> 4);
        dst[1] = (unsigned char)(b << 4 | c >> 2);
        dst[2] = (unsigned char)(c << 6 | d);
    }
    if (padding > 0) {
        uint8_t a = table[in[0]], b = table[in[1]], c = padding == 1 ? table[in[2]] : 0;
        if ((a | b | c) & 0xC0 || (padding == 2 && (b & 15)) || (padding == 1 && (c & 3))) {
            return false;
        }
        *dst++ = (unsigned char)(a << 2 | b >> 4);
        if (padding == 1) {
            *dst++ = (unsigned char)(b << 4 | c >> 2);
        }
    }
    *ret_len = (size_t)(dst - (unsigned char *)out);
    return true;
}
