/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_STEP = 16384 };

static int read_all(int fd, const char *path, struct buf *out, struct error *err)
{
    char part[READ_STEP];
    ssize_t n;

    while ((n = read(fd, part, sizeof(part))) != 0) {
        if (n > 0) {
            buf_add(out, part, (size_t)n);
        } else if (errno != EINTR) {
            return error_set(err, ERROR_IO, false, "%s: %s", path, strerror(errno));
        }
        if (buf_error(out) < 0) {
            return error_set(err, (enum error_code) - buf_error(out), false, "%s is longer than %zu bytes",
                             path, out->cap);
        }
    }
    buf_wipe(part, sizeof(part)); /* it may have been a secret */
    return 0;
}

int file_read(const char *path, struct buf *out, struct error *err)
{
    /* Not blocking, so that a pipe in the file's place is refused instead of waited for. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat info;
    int r;

    if (fd < 0) {
        return error_set(err, errno == ENOENT || errno == ENOTDIR ? ERROR_STATE : ERROR_IO, false, "%s: %s",
                         path, strerror(errno));
    }
    if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode)) {
        r = error_set(err, ERROR_IO, false, "%s is not a regular file", path);
    } else {
        if ((size_t)info.st_size <= out->cap - out->len) {
            buf_reserve(out, (size_t)info.st_size); /* so that no copy of a secret is left by growing */
        }
        r = read_all(fd, path, out, err);
    }
    close(fd);
    return r;
}
