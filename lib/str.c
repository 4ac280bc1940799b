/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/str.h"

bool str_to_int64(struct str s, long long min, long long max, long long *ret)
{
    bool negative = s.len > 0 && s.ptr[0] == '-';
    size_t i = negative ? 1 : 0;
    long long value = 0;

    if (i == s.len) {
        return false;
    }
    for (; i < s.len; i++) {
        int digit = s.ptr[i] - '0';
        if (digit < 0 || digit > 9) {
            return false;
        }
        if (__builtin_mul_overflow(value, 10LL, &value) ||
            __builtin_sub_overflow(value, (long long)digit, &value)) {
            return false; /* built downwards, since the most negative number has no positive twin */
        }
    }
    if (!negative && __builtin_sub_overflow(0LL, value, &value)) {
        return false;
    }
    if (value < min || value > max) {
        return false;
    }
    *ret = value;
    return true;
}

/* Bytes of the well-formed UTF-8 sequence at p (1..4), or 0 if there is none. RFC 3629 section 4. */
static size_t utf8_sequence(const unsigned char *p, size_t left)
{
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    size_t length;

    if (p[0] < 0x80) {
        return 1;
    }
    if (p[0] >= 0xC2 && p[0] <= 0xDF) {
        length = 2;
    } else if (p[0] >= 0xE0 && p[0] <= 0xEF) {
        length = 3;
        low = p[0] == 0xE0 ? 0xA0 : low;
        high = p[0] == 0xED ? 0x9F : high;
    } else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
        length = 4;
        low = p[0] == 0xF0 ? 0x90 : low;
        high = p[0] == 0xF4 ? 0x8F : high;
    } else {
        return 0;
    }
    if (left < length || p[1] < low || p[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return length;
}

bool str_is_utf8(struct str s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    size_t i = 0;

    while (i < s.len) {
        unsigned long long word;
        if (s.len - i >= sizeof(word)) {
            memcpy(&word, p + i, sizeof(word));
            if ((word & 0x8080808080808080ULL) == 0) {
                i += sizeof(word);
                continue;
            }
        }
        size_t length = utf8_sequence(p + i, s.len - i);
        if (length == 0) {
            return false;
        }
        i += length;
    }
    return true;
}

size_t str_utf8_length(struct str s)
{
    size_t points = 0;

    for (size_t i = 0; i < s.len; i++) {
        points += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
    }
    return points;
}
