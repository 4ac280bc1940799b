/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/s3_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PATH_CAP = 4096, /* folder 2048, bucket 63, key 1024 */
    STAGED_CAP = PATH_CAP + 64,
    BLOCK = 256 * 1024
};

/* No bucket can have these names, and they are on the same file system. */
static const char *const folders[] = {[S3_STAGING] = ".staging", [S3_PARTS] = ".parts"};

struct s3_files {
    char dir[PATH_CAP];
};

int s3_files_make_path(const char *path)
{
    char copy[PATH_CAP];
    size_t len = strlen(path);

    if (len == 0 || len >= sizeof(copy)) {
        return -ENAMETOOLONG;
    }
    memcpy(copy, path, len + 1);
    for (size_t i = 1; i <= len; i++) {
        if (copy[i] != '/' && copy[i] != '\0') {
            continue;
        }
        char end = copy[i];
        copy[i] = '\0';
        if (mkdir(copy, 0777) != 0 && errno != EEXIST) {
            return -errno;
        }
        copy[i] = end;
    }
    return 0;
}

struct s3_files *s3_files_open(const char *dir, struct error *err)
{
    struct s3_files *files = calloc(1, sizeof(*files));
    int code = files ? 0 : -ENOMEM;

    for (size_t i = 0; code == 0 && i < ARRAY_LENGTH(folders); i++) {
        char path[PATH_CAP + 16];
        snprintf(files->dir, sizeof(files->dir), "%s", dir);
        snprintf(path, sizeof(path), "%s/%s", files->dir, folders[i]);
        code = s3_files_make_path(path);
    }
    if (code) {
        error_set(err, ERROR_IO, false, "the folder of the S3 objects, %s, cannot be made: %s", dir,
                  strerror(-code));
        free(files);
        return NULL;
    }
    return files;
}

void s3_files_close(struct s3_files *files)
{
    free(files);
}

/* False if the path does not fit. */
static bool file_path(const struct s3_files *files, const char *bucket, const char *key, char out[PATH_CAP])
{
    int len = snprintf(out, PATH_CAP, "%s/%s%s%s", files->dir, bucket, key[0] ? "/" : "", key);

    return len > 0 && len < PATH_CAP;
}

int s3_files_make_bucket(struct s3_files *files, const char *bucket)
{
    char path[PATH_CAP];

    return file_path(files, bucket, "", path) ? s3_files_make_path(path) : -ENAMETOOLONG;
}

void s3_files_remove_bucket(struct s3_files *files, const char *bucket)
{
    char path[PATH_CAP];

    if (file_path(files, bucket, "", path)) {
        rmdir(path);
    }
}

static int write_all(int fd, struct str body)
{
    while (body.len > 0) {
        ssize_t written = write(fd, body.ptr, body.len);
        if (written < 0 && errno != EINTR) {
            return -errno;
        }
        if (written > 0) {
            body.ptr += written;
            body.len -= (size_t)written;
        }
    }
    return 0;
}

/* --- files under names of their own ----------------------------------------------------------------------
 */

static void staged_path(const struct s3_files *files, enum s3_folder folder, const char *name,
                        char out[STAGED_CAP])
{
    snprintf(out, STAGED_CAP, "%s/%s/%s", files->dir, folders[folder], name);
}

/* The descriptor, or a negative errno. */
static int stage_open(const struct s3_files *files, enum s3_folder folder, char ret_name[RANDOM_UUID_SIZE])
{
    char path[STAGED_CAP];
    int fd;

    random_uuid(ret_name);
    staged_path(files, folder, ret_name, path);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return fd < 0 ? -errno : fd;
}

/* Closes it; a file that was not wholly written goes. */
static int stage_close(struct s3_files *files, enum s3_folder folder, const char *name, int fd, int code)
{
    if (close(fd) != 0 && code == 0) {
        code = -errno;
    }
    if (code) {
        s3_files_unstage(files, folder, name);
    }
    return code;
}

int s3_files_stage(struct s3_files *files, enum s3_folder folder, struct str body,
                   char ret_name[RANDOM_UUID_SIZE])
{
    int fd = stage_open(files, folder, ret_name);

    return fd < 0 ? fd : stage_close(files, folder, ret_name, fd, write_all(fd, body));
}

static int copy_part(struct s3_files *files, const char *part, s3_block_fn *fn, void *ctx, int to)
{
    static char block[BLOCK];
    char path[STAGED_CAP];
    ssize_t got = 1;
    int code = 0;
    int fd;

    staged_path(files, S3_PARTS, part, path);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    while (code == 0 && got != 0) {
        got = read(fd, block, sizeof(block));
        if (got < 0) {
            code = errno == EINTR ? 0 : -errno;
        } else {
            fn(ctx, block, (size_t)got);
            code = write_all(to, (struct str){block, (size_t)got});
        }
    }
    close(fd);
    return code;
}

int s3_files_join(struct s3_files *files, const char (*parts)[RANDOM_UUID_SIZE], size_t count,
                  s3_block_fn *fn, void *ctx, char ret_name[RANDOM_UUID_SIZE])
{
    int fd = stage_open(files, S3_STAGING, ret_name);
    int code = 0;

    if (fd < 0) {
        return fd;
    }
    for (size_t i = 0; code == 0 && i < count; i++) {
        code = copy_part(files, parts[i], fn, ctx, fd);
    }
    return stage_close(files, S3_STAGING, ret_name, fd, code);
}

bool s3_files_is_staged(const struct s3_files *files, enum s3_folder folder, const char *name)
{
    char path[STAGED_CAP];

    staged_path(files, folder, name, path);
    return access(path, F_OK) == 0;
}

void s3_files_unstage(struct s3_files *files, enum s3_folder folder, const char *name)
{
    char path[STAGED_CAP];

    staged_path(files, folder, name, path);
    unlink(path);
}

void s3_files_clear(struct s3_files *files, enum s3_folder folder, bool (*keeps)(void *ctx, const char *name),
                    void *ctx)
{
    char path[STAGED_CAP];
    const struct dirent *entry;
    DIR *dir;

    staged_path(files, folder, "", path);
    dir = opendir(path);
    while (dir && (entry = readdir(dir))) {
        if (entry->d_name[0] != '.' && !keeps(ctx, entry->d_name)) {
            unlinkat(dirfd(dir), entry->d_name, 0);
        }
    }
    if (dir) {
        closedir(dir);
    }
}

/* --- objects ---------------------------------------------------------------------------------------------
 */

/* Makes the folders of a path whose last part is a file. */
static int make_parents(char *path)
{
    char *slash = strrchr(path, '/');
    int code;

    *slash = '\0';
    code = s3_files_make_path(path);
    *slash = '/';
    return code == -EEXIST ? -ENOTDIR : code;
}

static int rename_into_place(const char *from, char *to)
{
    int code = make_parents(to);

    if (code) {
        return code;
    }
    if (rename(from, to) == 0) {
        return 0;
    }
    /* What stands there may be a folder that lost its last object. */
    if (errno == EISDIR && rmdir(to) == 0 && rename(from, to) == 0) {
        return 0;
    }
    return errno == ENOTEMPTY || errno == EEXIST ? -EISDIR : -errno;
}

int s3_files_place(struct s3_files *files, const char *name, const char *bucket, const char *key)
{
    char from[STAGED_CAP];
    char to[PATH_CAP];

    staged_path(files, S3_STAGING, name, from);
    return file_path(files, bucket, key, to) ? rename_into_place(from, to) : -ENAMETOOLONG;
}

static int read_all(int fd, int64_t offset, int64_t len, char *out)
{
    while (len > 0) {
        ssize_t got = pread(fd, out, (size_t)len, offset);
        if (got < 0 && errno != EINTR) {
            return -errno;
        }
        if (got == 0) {
            return -EIO;
        }
        if (got > 0) {
            out += got;
            offset += got;
            len -= got;
        }
    }
    return 0;
}

int s3_files_read(struct s3_files *files, const char *bucket, const char *key, int64_t offset, int64_t len,
                  struct buf *out)
{
    char path[PATH_CAP];
    char *end = buf_reserve(out, (size_t)len);
    int code;
    int fd;

    if (!end) {
        return -ENOMEM;
    }
    fd = file_path(files, bucket, key, path) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) {
        return -errno;
    }
    code = read_all(fd, offset, len, end);
    close(fd);
    if (code == 0) {
        buf_commit(out, (size_t)len);
    }
    return code;
}

void s3_files_remove(struct s3_files *files, const char *bucket, const char *key)
{
    char path[PATH_CAP];
    size_t top;

    if (!file_path(files, bucket, key, path)) {
        return;
    }
    top = strlen(files->dir) + 1 + strlen(bucket);
    unlink(path);
    for (char *slash = strrchr(path, '/'); slash && (size_t)(slash - path) > top;
         slash = strrchr(path, '/')) {
        *slash = '\0';
        if (rmdir(path) != 0) {
            break;
        }
    }
}
