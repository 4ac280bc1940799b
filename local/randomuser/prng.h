/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counter-based random numbers (the splitmix64 finaliser over a counter): a stream is a start value, so
 * every user and every group of fields has its own and none depends on how much another one drew.
 */
#ifndef LOCAL_RANDOMUSER_PRNG_H
#define LOCAL_RANDOMUSER_PRNG_H

#include <stdint.h>

#include "lib/str.h"

struct prng {
    uint64_t state;
};

static inline uint64_t prng_mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31);
}

/* FNV-1a over the bytes of a text, mixed: the start value that a seed stands for. */
static inline uint64_t prng_seed(struct str text)
{
    uint64_t hash = 0xCBF29CE484222325ULL;

    for (size_t i = 0; i < text.len; i++) {
        hash = (hash ^ (unsigned char)text.ptr[i]) * 0x100000001B3ULL;
    }
    return prng_mix(hash + text.len);
}

/* The stream with number `index` under a start value. */
static inline struct prng prng_stream(uint64_t start, uint64_t index)
{
    return (struct prng){prng_mix(start ^ prng_mix(index + 0x9E3779B97F4A7C15ULL))};
}

static inline uint64_t prng_next(struct prng *prng)
{
    prng->state += 0x9E3779B97F4A7C15ULL;
    return prng_mix(prng->state);
}

/* A number from 0 to limit - 1; limit is at least 1 and far below 2^32, so the bias does not matter. */
static inline uint32_t prng_below(struct prng *prng, uint32_t limit)
{
    return (uint32_t)(((prng_next(prng) >> 32) * limit) >> 32);
}

/* A number from low to high, both included. */
static inline uint32_t prng_between(struct prng *prng, uint32_t low, uint32_t high)
{
    return low + prng_below(prng, high - low + 1);
}

#endif
