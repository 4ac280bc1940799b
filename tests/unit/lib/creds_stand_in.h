/* SPDX-License-Identifier: Apache-2.0 */
/* A provider of credentials, run against tests/unit/lib/stand_in.h. Header only. */
#ifndef TESTS_UNIT_LIB_CREDS_STAND_IN_H
#define TESTS_UNIT_LIB_CREDS_STAND_IN_H

#include <stdlib.h>
#include <unistd.h>

#include "lib/creds_provider.h"
#include "tests/unit/lib/stand_in.h"

enum { VARIABLES = 16 };

/* 2026-11-23T12:00:00Z, and texts of times around it. */
#define NOW_MS 1795435200000LL
#define IN_AN_HOUR "2099-11-23T13:00:00Z"

struct provider_test {
    struct stand_in server;
    struct creds_context context;
    struct creds_provider provider;
    char *variables[VARIABLES + 1];
    char directory[64]; /* for files, removed at the end */
    bool answered;
    enum creds_outcome outcome;
    struct creds creds;
    struct error error;
};

/* Sets "NAME=" and the text; replaces a variable of that name. */
static inline void provider_test_set(struct provider_test *test, const char *name, const char *value)
{
    size_t len = strlen(name);
    size_t i = 0;

    while (test->variables[i] &&
           !(strncmp(test->variables[i], name, len) == 0 && test->variables[i][len] == '=')) {
        i++;
    }
    assert_true(i < VARIABLES);
    free(test->variables[i]);
    assert_true(asprintf(&test->variables[i], "%s=%s", name, value) > 0);
}

static inline struct provider_test *provider_test_new(void (*answer)(struct stand_in *,
                                                                     struct httpd_request *))
{
    struct provider_test *test = calloc(1, sizeof(*test));

    assert_non_null(test);
    stand_in_start(&test->server, answer);
    test->server.ctx = test;
    test->context = (struct creds_context){
        .environment = test->variables, .http = test->server.http, .region = "eu-west-1"};
    snprintf(test->directory, sizeof(test->directory), "/tmp/creds_test_XXXXXX");
    assert_non_null(mkdtemp(test->directory));
    return test;
}

static inline void provider_test_free(struct provider_test *test)
{
    char command[128];

    if (test->provider.free) {
        test->provider.free(test->provider.state);
    }
    creds_done(&test->creds);
    stand_in_stop(&test->server);
    for (size_t i = 0; i < VARIABLES; i++) {
        free(test->variables[i]);
    }
    snprintf(command, sizeof(command), "rm -rf %s", test->directory);
    assert_int_equal(system(command), 0);
    free(test);
}

/* Writes a file into the directory and returns its path in `path`. */
static inline void provider_test_write(const struct provider_test *test, const char *name, const char *text,
                                       char path[128])
{
    FILE *file;

    assert_true(snprintf(path, 128, "%s/%s", test->directory, name) < 128);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static inline void provider_test_answer(void *ctx, enum creds_outcome outcome, struct creds *creds,
                                        const struct error *err)
{
    struct provider_test *test = ctx;

    assert_false(test->answered); /* once only */
    test->answered = true;
    test->outcome = outcome;
    if (outcome == CREDS_FOUND) {
        test->creds = *creds;
    } else {
        test->error = *err;
    }
}

/* Runs the provider to its answer. */
static inline enum creds_outcome provider_test_fetch(struct provider_test *test)
{
    int64_t deadline_ms = clock_monotonic_ms() + 10000;

    test->answered = false;
    creds_done(&test->creds);
    test->error = (struct error){0};
    test->provider.fetch(test->provider.state, NOW_MS, provider_test_answer, test);
    while (!test->answered) {
        assert_true(clock_monotonic_ms() < deadline_ms);
        stand_in_turn(&test->server);
        if (test->provider.work) {
            test->provider.work(test->provider.state);
        }
    }
    return test->outcome;
}

static inline void provider_test_found(struct provider_test *test, const char *access_key, const char *token)
{
    if (provider_test_fetch(test) != CREDS_FOUND) {
        fail_msg("not found: %s", test->error.message);
    }
    assert_string_equal(test->creds.access_key, access_key);
    assert_string_equal(test->creds.secret_key, "SECRET");
    if (token) {
        assert_string_equal(test->creds.session_token, token);
    } else {
        assert_null(test->creds.session_token);
    }
}

static inline void provider_test_missed(struct provider_test *test, enum creds_outcome outcome,
                                        bool retriable, const char *message)
{
    assert_int_equal(provider_test_fetch(test), outcome);
    assert_int_equal(test->error.retriable, retriable);
    if (!strstr(test->error.message, message)) {
        fail_msg("'%s' is not in '%s'", message, test->error.message);
    }
}

#endif
