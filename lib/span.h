/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far a run of harmless bytes goes, 16 bytes at a time. Written with the compilers' vector extension:
 * SSE2 on x86_64, NEON on arm64, from one source and without intrinsics. All functions look at bytes within
 * [from, end) only. Little-endian machines.
 */
#ifndef LIB_SPAN_H
#define LIB_SPAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "span.h finds the first byte of a block by counting trailing zeros"
#endif

typedef uint8_t span_block __attribute__((vector_size(16)));
typedef uint64_t span_halves __attribute__((vector_size(16)));
typedef int8_t span_signed __attribute__((vector_size(16)));

static inline span_block span_load(const char *from)
{
    span_block block;

    memcpy(&block, from, sizeof(block));
    return block;
}

/* Index of the first byte of a mask that is not 0, or 16. */
static inline size_t span_first(span_block mask)
{
    span_halves half = (span_halves)mask;

    if (half[0] != 0) {
        return (size_t)__builtin_ctzll(half[0]) / 8;
    }
    return half[1] != 0 ? 8 + (size_t)__builtin_ctzll(half[1]) / 8 : 16;
}

/* 0xFF where a byte is not of the base64 alphabet (RFC 4648 section 4); '/' and the digits are neighbours. */
static inline span_block span_base64_outside(span_block c)
{
    span_block letter = (c | 0x20) - 'a';
    span_block slash_or_digit = c - '/';

    return (span_block) ~((letter < 26) | (slash_or_digit < 11) | (c == '+'));
}

/*
 * 0xFF where a byte inside a JSON string needs a closer look (RFC 8259 section 7): a quote, a backslash, a
 * control character, and everything that is not ASCII.
 */
static inline span_block span_plain_outside(span_block c)
{
    return (span_block)(((span_signed)c < 0x20) | (c == '"') | (c == '\\'));
}

/* The same two questions about fewer bytes than a block has. */
static inline size_t span_base64_tail(const char *from, const char *end)
{
    const char *at = from;

    for (; at < end; at++) {
        uint8_t c = (uint8_t)*at;
        if ((uint8_t)((c | 0x20) - 'a') >= 26 && (uint8_t)(c - '/') >= 11 && c != '+') {
            break;
        }
    }
    return (size_t)(at - from);
}

static inline size_t span_plain_tail(const char *from, const char *end)
{
    const char *at = from;

    while (at < end && (int8_t)*at >= 0x20 && *at != '"' && *at != '\\') {
        at++;
    }
    return (size_t)(at - from);
}

/* Characters of the base64 alphabet at the start of [from, end). '=' is not one of them. */
static inline size_t span_base64(const char *from, const char *end)
{
    const char *at = from;

    for (; end - at >= 64; at += 64) {
        span_block outside = span_base64_outside(span_load(at)) | span_base64_outside(span_load(at + 16)) |
                             span_base64_outside(span_load(at + 32)) |
                             span_base64_outside(span_load(at + 48));
        if (span_first(outside) < 16) {
            break;
        }
    }
    for (; end - at >= 16; at += 16) {
        size_t first = span_first(span_base64_outside(span_load(at)));
        if (first < 16) {
            return (size_t)(at - from) + first;
        }
    }
    return (size_t)(at - from) + span_base64_tail(at, end);
}

/* Bytes at the start of [from, end) that stand for themselves in a JSON string. */
static inline size_t span_plain(const char *from, const char *end)
{
    const char *at = from;

    for (; end - at >= 16; at += 16) {
        size_t first = span_first(span_plain_outside(span_load(at)));
        if (first < 16) {
            return (size_t)(at - from) + first;
        }
    }
    return (size_t)(at - from) + span_plain_tail(at, end);
}

/* Decimal digits at the start of [from, end). */
static inline size_t span_digits(const char *from, const char *end)
{
    const char *at = from;

    for (; end - at >= 16; at += 16) {
        size_t first = span_first((span_block)(span_load(at) - '0' > 9));
        if (first < 16) {
            return (size_t)(at - from) + first;
        }
    }
    while (at < end && (uint8_t)(*at - '0') <= 9) {
        at++;
    }
    return (size_t)(at - from);
}

#endif
