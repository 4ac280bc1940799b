/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One user's JSON as a cJSON tree whose memory is a block that stays: the nodes of a user are some fifty
 * small allocations, and allocating them one by one costs as much as parsing. One tree at a time, read only.
 * Not for threads: cJSON's allocator is switched meanwhile, and it is the process's.
 */
#ifndef FETCHER_TREE_H
#define FETCHER_TREE_H

#include <cjson/cJSON.h>

#include "lib/str.h"

/* NULL if the text is not one JSON value and nothing else. tree_done() is due in any case. */
const cJSON *tree_parse(struct str text);
void tree_done(void);

#endif
