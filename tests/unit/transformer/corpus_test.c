/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The events of tests/data/firehose/ through the core. The same files are run through the HTTP service, the
 * Lambda and lambda/index.js.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/json.h"
#include "transformer/transform.h"

#define CORPUS "tests/data/firehose/*.json"

enum { FILE_CAP = 1 << 20, CASES_CAP = 1000 };

static void check_case(void **state)
{
    const cJSON *item = *state;
    const char *event = json_string(item, "event");
    const char *expected = json_string(item, "expected");
    const char *message = json_string(item, "error");
    const struct transform_options options = {.if_missing = json_bool(item, "if_missing", false),
                                              .payload_cap = TRANSFORM_PAYLOAD_CAP};
    struct transform_counts counts;
    struct error err = {0};
    struct buf out;
    int rc;

    assert_non_null(event);
    assert_true((expected != NULL) != (message != NULL));
    buf_init(&out, TRANSFORM_PAYLOAD_CAP);
    rc = transform_event(str_of(event), &options, &out, &counts, &err);
    if (expected) {
        assert_string_equal(err.message, "");
        assert_int_equal(rc, 0);
        assert_string_equal(out.data, expected);
    } else {
        assert_int_equal(rc, -ERROR_SYNTAX);
        assert_string_equal(err.message, message);
        assert_int_equal(out.len, 0);
    }
    buf_done(&out);
}

static cJSON *read_file(const char *path)
{
    struct error err;
    char *text = malloc(FILE_CAP);
    FILE *file = fopen(path, "rb");
    size_t length;
    cJSON *cases;

    if (!text || !file) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(1);
    }
    length = fread(text, 1, FILE_CAP, file);
    fclose(file);
    cases = json_parse(text, length, &err);
    if (!cJSON_IsArray(cases)) {
        fprintf(stderr, "%s: %s\n", path, cases ? "not an array" : err.message);
        exit(1);
    }
    free(text);
    return cases;
}

int main(void)
{
    static struct CMUnitTest tests[CASES_CAP];
    cJSON *files[64];
    size_t count = 0;
    glob_t found;
    int failed;

    if (glob(CORPUS, 0, NULL, &found) != 0 || found.gl_pathc > ARRAY_LENGTH(files)) {
        fprintf(stderr, "no corpus in " CORPUS "\n");
        return 1;
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        cJSON *item;
        files[i] = read_file(found.gl_pathv[i]);
        cJSON_ArrayForEach(item, files[i])
        {
            if (count < CASES_CAP) {
                tests[count++] = (struct CMUnitTest){json_string(item, "name"), check_case, NULL, NULL, item};
            }
        }
    }
    failed = _cmocka_run_group_tests("the corpus of Firehose events", tests, count, NULL, NULL);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        cJSON_Delete(files[i]);
    }
    globfree(&found);
    return failed;
}
