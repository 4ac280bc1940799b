/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int files_read(const char *option, const char *path, struct buf *out, struct error *err)
{
    FILE *file = fopen(path, "re");
    char chunk[4096];
    size_t len;
    int failure;

    if (!file) {
        return error_set(err, ERROR_CONFIG, false, "%s=%s: %s", option, path, strerror(errno));
    }
    while ((len = fread(chunk, 1, sizeof(chunk), file)) > 0) {
        buf_add(out, chunk, len);
    }
    failure = ferror(file) ? errno : 0;
    fclose(file);
    if (failure) {
        return error_set(err, ERROR_CONFIG, false, "%s=%s: %s", option, path, strerror(failure));
    }
    if (buf_error(out)) {
        return error_set(err, ERROR_CONFIG, false, "%s=%s: is larger than %zu bytes", option, path, out->cap);
    }
    return 0;
}
