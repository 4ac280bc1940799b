/* SPDX-License-Identifier: Apache-2.0 */
/* Reading small local files whole: configuration, tokens, statements. */
#ifndef LIB_FILE_H
#define LIB_FILE_H

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

/*
 * Appends a regular file's bytes to `out`, whose cap bounds them. Returns 0, or a negative code with err
 * filled: ERROR_STATE if there is no such file, ERROR_LIMIT if it is longer, else ERROR_IO.
 */
int file_read(const char *path, struct buf *out, struct error *err) MUST_USE;

#endif
