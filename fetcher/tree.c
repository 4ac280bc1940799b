/* SPDX-License-Identifier: Apache-2.0 */
#include "fetcher/tree.h"

#include <stdlib.h>

enum { BLOCK_BYTES = 64 * 1024 /* a user takes about 8 KiB */, ALIGNMENT = 16 };

/* What does not fit into the block comes from the heap. */
static struct {
    _Alignas(ALIGNMENT) char block[BLOCK_BYTES];
    size_t used;
    size_t outside; /* allocations on the heap */
    cJSON *root;
} memory;

static void *take(size_t size)
{
    size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    void *place;

    if (rounded < size || rounded > BLOCK_BYTES - memory.used) {
        place = malloc(size);
        memory.outside += place != NULL;
        return place;
    }
    place = memory.block + memory.used;
    memory.used += rounded;
    return place;
}

static void give_back(void *place)
{
    const char *at = place;

    if (at && (at < memory.block || at >= memory.block + BLOCK_BYTES)) {
        free(place);
        memory.outside--;
    }
}

const cJSON *tree_parse(struct str text)
{
    cJSON_Hooks hooks = {.malloc_fn = take, .free_fn = give_back};
    const char *end = NULL;

    cJSON_InitHooks(&hooks);
    memory.root = cJSON_ParseWithLengthOpts(text.ptr, text.len, &end, false);
    return end == text.ptr + text.len ? memory.root : NULL;
}

void tree_done(void)
{
    if (memory.outside > 0) {
        cJSON_Delete(memory.root);
    }
    memory.root = NULL;
    memory.used = 0;
    cJSON_InitHooks(NULL);
}
