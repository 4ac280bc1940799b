/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/checkpoint.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[] = "/tmp/checkpoint_test.XXXXXX";
static char path[64];

static int make_directory(void **state)
{
    (void)state;
    memcpy(directory + sizeof(directory) - 7, "XXXXXX", 6);
    if (!mkdtemp(directory)) {
        return -1;
    }
    snprintf(path, sizeof(path), "%s/state.db", directory);
    return 0;
}

static int remove_directory(void **state)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal", ".lock"};
    char name[96];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(suffixes); i++) {
        snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
        unlink(name);
    }
    return rmdir(directory);
}

static struct checkpoint *open_it(const char *stream)
{
    struct error err = {0};
    struct checkpoint *checkpoint = checkpoint_open(path, stream, &err);

    if (!checkpoint) {
        fail_msg("%s", err.message);
    }
    return checkpoint;
}

static void collect(void *ctx, struct str line)
{
    struct buf *out = ctx;

    buf_add(out, line.ptr, line.len);
    buf_add_char(out, '\n');
}

static void positions_are_there_after_a_restart(void **state)
{
    struct shard_position first[] = {{.shard = "a", .progress = SHARD_FROM_OLDEST},
                                     {.shard = "b", .progress = SHARD_FROM_TIME, .since_ms = 5}};
    struct shard_position later = {.shard = "a", .progress = SHARD_AFTER, .sequence = "4965"};
    struct shard_position *loaded = NULL;
    size_t count = 0;
    struct error err = {0};
    struct checkpoint *checkpoint = open_it("users");

    (void)state;
    assert_int_equal(checkpoint_load(checkpoint, &loaded, &count, &err), 0);
    assert_int_equal(count, 0);
    free(loaded);
    assert_int_equal(checkpoint_save_all(checkpoint, first, 2, 1, &err), 0);
    assert_int_equal(checkpoint_save(checkpoint, &later, NULL, 0, 2, &err), 0);
    checkpoint_close(checkpoint);
    checkpoint = open_it("users");
    assert_int_equal(checkpoint_load(checkpoint, &loaded, &count, &err), 0);
    assert_int_equal(count, 2);
    assert_true(loaded[0].progress == SHARD_AFTER && strcmp(loaded[0].sequence, "4965") == 0);
    assert_true(loaded[1].progress == SHARD_FROM_TIME && loaded[1].since_ms == 5);
    free(loaded);
    assert_int_equal(checkpoint_forget(checkpoint, "a", &err), 0);
    assert_int_equal(checkpoint_load(checkpoint, &loaded, &count, &err), 0);
    assert_int_equal(count, 1);
    free(loaded);
    checkpoint_close(checkpoint);
}

static void streams_do_not_mix(void **state)
{
    struct shard_position position = {.shard = "a", .progress = SHARD_ENDED};
    struct shard_position *loaded = NULL;
    size_t count = 0;
    struct error err = {0};
    struct checkpoint *checkpoint = open_it("users");

    (void)state;
    assert_int_equal(checkpoint_save(checkpoint, &position, NULL, 0, 1, &err), 0);
    checkpoint_close(checkpoint);
    checkpoint = open_it("other");
    assert_int_equal(checkpoint_load(checkpoint, &loaded, &count, &err), 0);
    assert_int_equal(count, 0);
    free(loaded);
    checkpoint_close(checkpoint);
}

static void errors_are_kept_with_their_record(void **state)
{
    struct shard_position position = {.shard = "a", .progress = SHARD_AFTER, .sequence = "2"};
    static char large[CHECKPOINT_ERROR_DATA_CAP + 100];
    struct checkpoint_error errors[] = {
        {STR("1"), 0, STR("k\"1"), FAILURE_BAD_JSON, "byte 0: not a JSON value", STR("\xFF\0x")},
        {STR("2"), 7, STR(""), FAILURE_BAD_VALUE, "m", {large, sizeof(large)}}};
    struct checkpoint *checkpoint = open_it("users");
    struct error err = {0};
    struct buf out;

    (void)state;
    memset(large, 'x', sizeof(large));
    buf_init(&out, 1 << 20);
    errors[0].data.len = 3;
    assert_int_equal(checkpoint_save(checkpoint, &position, errors, 2, 1795392000123, &err), 0);
    /* Readable while the process runs. */
    assert_int_equal(checkpoint_errors(path, collect, &out, &err), 0);
    assert_non_null(strstr(out.data,
                           "{\"time\":\"2026-11-23T00:00:00.123Z\",\"stream\":\"users\",\"shard\":\"a\","
                           "\"sequence\":\"1\",\"subsequence\":0,\"partition_key\":\"k\\\"1\","
                           "\"reason\":\"bad_json\",\"message\":\"byte 0: not a JSON value\",\"size\":3,"
                           "\"data\":\"\xEF\xBF\xBD\\u0000x\"}\n"));
    assert_non_null(strstr(out.data, "\"subsequence\":7"));
    assert_non_null(strstr(out.data, "\"size\":16484,\"data\":\"xxx"));
    assert_in_range(out.len, CHECKPOINT_ERROR_DATA_CAP, CHECKPOINT_ERROR_DATA_CAP + 700);
    buf_done(&out);
    checkpoint_close(checkpoint);
}

static void the_error_table_keeps_the_latest(void **state)
{
    struct shard_position position = {.shard = "a", .progress = SHARD_AFTER, .sequence = "2"};
    static struct checkpoint_error errors[1000];
    struct checkpoint *checkpoint = open_it("users");
    struct error err = {0};
    struct buf out;
    size_t lines = 0;

    (void)state;
    buf_init(&out, 16 << 20);
    for (size_t i = 0; i < ARRAY_LENGTH(errors); i++) {
        errors[i] = (struct checkpoint_error){STR("1"), 0, STR("k"), FAILURE_SQL, "m", STR("x")};
    }
    for (int i = 0; i < 11; i++) {
        errors[0].message = i == 0 ? "the first" : "m";
        assert_int_equal(checkpoint_save(checkpoint, &position, errors, ARRAY_LENGTH(errors), 1, &err), 0);
    }
    assert_int_equal(checkpoint_errors(path, collect, &out, &err), 0);
    for (size_t i = 0; i < out.len; i++) {
        lines += out.data[i] == '\n';
    }
    assert_int_equal(lines, CHECKPOINT_ERRORS_KEPT);
    assert_null(strstr(out.data, "the first"));
    buf_done(&out);
    checkpoint_close(checkpoint);
}

static void a_second_process_is_kept_out(void **state)
{
    struct checkpoint *checkpoint = open_it("users");
    struct error err = {0};

    (void)state;
    assert_null(checkpoint_open(path, "users", &err));
    assert_non_null(strstr(err.message, "another analytics process"));
    checkpoint_close(checkpoint);
    checkpoint_close(open_it("users"));
}

static void what_cannot_be_opened_is_told(void **state)
{
    struct error err = {0};
    sqlite3 *db;
    FILE *file;

    (void)state;
    assert_null(checkpoint_open("/nonexistent/state.db", "users", &err));
    assert_non_null(strstr(err.message, "create the directory first"));
    assert_int_not_equal(checkpoint_errors("/nonexistent/state.db", collect, NULL, &err), 0);
    file = fopen(path, "w");
    fputs("this is no database, but a text that is long enough to be looked at", file);
    fclose(file);
    assert_null(checkpoint_open(path, "users", &err));
    assert_non_null(strstr(err.message, "not a database"));
    unlink(path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_exec(db, "PRAGMA user_version = 7", NULL, NULL, NULL);
    sqlite3_close(db);
    assert_null(checkpoint_open(path, "users", &err));
    assert_non_null(strstr(err.message, "version 7"));
}

#define FILE_TEST(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FILE_TEST(positions_are_there_after_a_restart), FILE_TEST(streams_do_not_mix),
        FILE_TEST(errors_are_kept_with_their_record),   FILE_TEST(the_error_table_keeps_the_latest),
        FILE_TEST(a_second_process_is_kept_out),        FILE_TEST(what_cannot_be_opened_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
