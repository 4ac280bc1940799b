/* SPDX-License-Identifier: Apache-2.0 */
/* Compact JSON that this program made, laid out for people: format=pretty. Pure. */
#ifndef LOCAL_RANDOMUSER_PRETTY_H
#define LOCAL_RANDOMUSER_PRETTY_H

#include "lib/buf.h"

/* Appends `json`, which is valid and without white space, with line breaks and two blanks per level. */
void pretty_print(struct str json, struct buf *out);

#endif
