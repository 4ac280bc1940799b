/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the files that the configuration names. */
#ifndef ANALYTICS_FILES_H
#define ANALYTICS_FILES_H

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

/* Appends a whole file to `out`; err names `option` and the file. */
int files_read(const char *option, const char *path, struct buf *out, struct error *err) MUST_USE;

#endif
