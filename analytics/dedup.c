/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/dedup.h"

#include <stdint.h>
#include <stdlib.h>

#include "lib/hash.h"

struct digest {
    unsigned char bytes[HASH_MD5_SIZE];
};

/* An open-addressing set of digests, at most half full; all zeros is a free slot. */
struct generation {
    struct digest *slots;
    size_t count;
};

struct dedup {
    struct generation young;
    struct generation old;
    size_t window;
    size_t size; /* slots of a generation, a power of two */
};

struct dedup *dedup_new(size_t window)
{
    struct dedup *dedup = calloc(1, sizeof(*dedup));

    if (!dedup) {
        return NULL;
    }
    dedup->window = window;
    dedup->size = 2;
    while (dedup->size < 2 * window) {
        dedup->size *= 2;
    }
    dedup->young.slots = calloc(dedup->size, sizeof(struct digest));
    dedup->old.slots = calloc(dedup->size, sizeof(struct digest));
    if (!dedup->young.slots || !dedup->old.slots) {
        dedup_free(dedup);
        return NULL;
    }
    return dedup;
}

void dedup_free(struct dedup *dedup)
{
    if (dedup) {
        free(dedup->young.slots);
        free(dedup->old.slots);
        free(dedup);
    }
}

/* Two digests in one, so that key and data cannot be mistaken for each other. */
static struct digest digest_of(struct str partition_key, struct str data)
{
    unsigned char both[2 * HASH_MD5_SIZE];
    struct digest digest;

    hash_md5(partition_key.ptr, partition_key.len, both);
    hash_md5(data.ptr, data.len, both + HASH_MD5_SIZE);
    hash_md5(both, sizeof(both), digest.bytes);
    digest.bytes[0] |= 1; /* never all zeros */
    return digest;
}

/* The slot that holds the digest, or the free one where it would go. */
static struct digest *find(const struct dedup *dedup, const struct generation *generation,
                           const struct digest *digest)
{
    uint64_t at;

    memcpy(&at, digest->bytes + 8, sizeof(at));
    for (;; at++) {
        struct digest *slot = &generation->slots[at & (dedup->size - 1)];
        if (slot->bytes[0] == 0 || memcmp(slot, digest, sizeof(*slot)) == 0) {
            return slot;
        }
    }
}

bool dedup_seen(struct dedup *dedup, struct str partition_key, struct str data)
{
    struct digest digest = digest_of(partition_key, data);
    struct digest *slot = find(dedup, &dedup->young, &digest);

    if (slot->bytes[0] != 0 || find(dedup, &dedup->old, &digest)->bytes[0] != 0) {
        return true;
    }
    if (dedup->young.count == dedup->window) {
        struct generation emptied = dedup->old;
        memset(emptied.slots, 0, dedup->size * sizeof(*emptied.slots));
        emptied.count = 0;
        dedup->old = dedup->young;
        dedup->young = emptied;
        slot = find(dedup, &dedup->young, &digest);
    }
    *slot = digest;
    dedup->young.count++;
    return false;
}
