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

#include "lib/random.h"

enum { PATH_CAP = 4096 }; /* folder 2048, bucket 63, key 1024, temporary name */

/* No bucket can have this name, and it is on the same file system. */
static const char staging[] = ".staging";

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

/* What a kill left half written. */
static void clear_staging(const char *path)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        if (entry->d_name[0] != '.') {
            unlinkat(dirfd(dir), entry->d_name, 0);
        }
    }
    if (dir) {
        closedir(dir);
    }
}

struct s3_files *s3_files_open(const char *dir, struct error *err)
{
    struct s3_files *files = calloc(1, sizeof(*files));
    char path[PATH_CAP + sizeof(staging)];
    int code = -ENOMEM;

    if (files) {
        snprintf(files->dir, sizeof(files->dir), "%s", dir);
        snprintf(path, sizeof(path), "%s/%s", files->dir, staging);
        code = s3_files_make_path(path);
    }
    if (code) {
        error_set(err, ERROR_IO, false, "the folder of the S3 objects, %s, cannot be made: %s", dir,
                  strerror(-code));
        free(files);
        return NULL;
    }
    clear_staging(path);
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

static int write_file(const char *path, struct str body)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    int code;

    if (fd < 0) {
        return -errno;
    }
    code = write_all(fd, body);
    if (close(fd) != 0 && code == 0) {
        code = -errno;
    }
    if (code) {
        unlink(path);
    }
    return code;
}

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

int s3_files_write(struct s3_files *files, const char *bucket, const char *key, struct str body)
{
    char uuid[RANDOM_UUID_SIZE];
    char temporary[PATH_CAP + 64];
    char path[PATH_CAP];
    int code;

    if (!file_path(files, bucket, key, path)) {
        return -ENAMETOOLONG;
    }
    random_uuid(uuid);
    snprintf(temporary, sizeof(temporary), "%s/%s/%s", files->dir, staging, uuid);
    code = write_file(temporary, body);
    if (code == 0 && (code = rename_into_place(temporary, path)) != 0) {
        unlink(temporary);
    }
    return code;
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
