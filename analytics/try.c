/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/try.h"

#include <stdlib.h>

#include "analytics/setup.h"

/* Base64 in rows stays below this. */
enum { ROW_SIZE = ROWS_ROW_CAP + 3 };

struct trial {
    struct context context;
    struct rows *rows[ENGINE_TARGETS_CAP];
    size_t count;
    char *row; /* ROW_SIZE bytes */
    FILE *out;
    FILE *problems;
};

static int prepare(struct trial *trial, const struct analytics_config *config, struct error *err)
{
    int rc = setup_engine(&trial->context, config, err);

    if (rc) {
        return rc;
    }
    trial->row = malloc(ROW_SIZE);
    for (; trial->count < engine_target_count(trial->context.engine); trial->count++) {
        trial->rows[trial->count] = rows_new(trial->context.delivery_streams[trial->count]);
        if (!trial->rows[trial->count]) {
            return error_set(err, ERROR_MEMORY, false, "out of memory");
        }
    }
    return trial->row ? 0 : error_set(err, ERROR_MEMORY, false, "out of memory");
}

static void print_rows(struct trial *trial, size_t target)
{
    const struct rows *rows = trial->rows[target];

    for (size_t i = 0; i < rows->count; i++) {
        size_t len = rows_get(rows, i, trial->row);
        if (trial->count > 1) {
            fprintf(trial->out, "%s ", engine_target_name(trial->context.engine, target));
        }
        fwrite(trial->row, 1, len, trial->out);
        fputc('\n', trial->out);
    }
}

static int run_line(struct trial *trial, struct str record, size_t line)
{
    static struct engine_failures failures;
    int rc = engine_run(trial->context.engine, &record, 1, trial->rows, &failures);

    if (rc) {
        fprintf(trial->problems, "line %zu: out of memory\n", line);
        return rc;
    }
    for (size_t i = 0; i < failures.count; i++) {
        fprintf(trial->problems, "line %zu: %s: %s\n", line, failure_reasons[failures.items[i].reason],
                failures.items[i].message);
    }
    for (size_t i = 0; i < trial->count; i++) {
        print_rows(trial, i);
        rows_reset(trial->rows[i]);
    }
    return 0;
}

static int run_lines(struct trial *trial, FILE *in)
{
    char *text = NULL;
    size_t size = 0;
    size_t line = 0;
    ssize_t len;
    int rc = 0;

    while (rc == 0 && (len = getline(&text, &size, in)) >= 0) {
        size_t end = (size_t)len;
        end -= end > 0 && text[end - 1] == '\n';
        rc = run_line(trial, (struct str){text, end}, ++line);
    }
    free(text);
    return rc;
}

int try_statements(const struct analytics_config *config, FILE *in, FILE *out, FILE *problems)
{
    struct trial trial = {.out = out, .problems = problems};
    struct error err = {0};
    int rc = prepare(&trial, config, &err);

    if (rc) {
        fprintf(problems, "%s\n", err.message);
    } else {
        rc = run_lines(&trial, in);
    }
    for (size_t i = 0; i < trial.count; i++) {
        rows_free(trial.rows[i]);
    }
    free(trial.row);
    engine_free(trial.context.engine);
    return rc == 0 ? 0 : rc == -ERROR_CONFIG ? 2 : 1;
}
