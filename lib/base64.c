/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base64.h"

#include <stdint.h>

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

size_t base64_encode(const void *data, size_t len, char *out)
{
    const char(*pairs)[2] = encode_table();
    const unsigned char *in = data;
    char *start = out;

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
