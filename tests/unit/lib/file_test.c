/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void file_is_read_up_to_the_cap(void **state)
{
    char path[] = "/tmp/file_test_XXXXXX";
    int fd = mkstemp(path);
    struct error err = {0};
    struct buf out;

    (void)state;
    assert_int_equal(write(fd, "0123456789", 10), 10);
    close(fd);
    buf_init(&out, 10);
    assert_int_equal(file_read(path, &out, &err), 0);
    assert_string_equal(out.data, "0123456789");
    buf_done(&out);
    buf_init(&out, 9);
    assert_int_equal(file_read(path, &out, &err), -ERROR_LIMIT);
    assert_non_null(strstr(err.message, path));
    buf_done(&out);
    unlink(path);
    assert_int_equal(file_read(path, &out, &err), -ERROR_STATE);
}

static void only_regular_files_are_read(void **state)
{
    char path[] = "/tmp/file_test_XXXXXX";
    int fd = mkstemp(path);
    struct error err = {0};
    struct buf out;

    (void)state;
    close(fd);
    unlink(path);
    buf_init(&out, 10);
    assert_int_equal(file_read("/tmp", &out, &err), -ERROR_IO);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(file_read(path, &out, &err), -ERROR_IO); /* and does not wait for a writer */
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(file_is_read_up_to_the_cap),
        cmocka_unit_test(only_regular_files_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
