/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transformer as nothing but a Lambda: `make lambda` links this, transformer/lambda.c and the transform
 * into one static executable that needs no library, and so runs on provided.al2023 and in an empty image. It
 * is the same code that the transformer service runs when AWS_LAMBDA_RUNTIME_API is set.
 */
#include <stdio.h>

#include "lib/config.h"
#include "lib/log.h"
#include "lib/service.h"
#include "lib/stop.h"
#include "transformer/lambda.h"
#include "transformer/metrics.h"

struct bootstrap_config {
    int log_level;
    bool if_missing;
    const char *runtime_api;
};

static const char *const levels[] = {"error", "warn", "info", "debug", NULL};

static const struct config_option options[] = {
    {.name = "LOG_LEVEL",
     .type = CONFIG_CHOICE,
     .default_value = "info",
     .choices = levels,
     .offset = offsetof(struct bootstrap_config, log_level),
     .help = "Least severe level that is logged."},
    {.name = "TRANSFORM_IF_MISSING",
     .type = CONFIG_BOOL,
     .default_value = "false",
     .offset = offsetof(struct bootstrap_config, if_missing),
     .help = "Leave data alone that ends in a newline already."},
    {.name = "AWS_LAMBDA_RUNTIME_API",
     .type = CONFIG_TEXT,
     .required = true,
     .max = 255,
     .offset = offsetof(struct bootstrap_config, runtime_api),
     .help = "Set by Lambda: where it hands out events."},
};
static const struct config_table table = {.options = options, .count = ARRAY_LENGTH(options)};

enum { PROBLEMS_CAP = 4096 };

extern char **environ;

static int load(struct bootstrap_config *config)
{
    const char *runtime_api = config_lookup(environ, "AWS_LAMBDA_RUNTIME_API");
    struct buf problems;
    int rc;

    buf_init(&problems, PROBLEMS_CAP);
    rc = config_load(&table, environ, config, &problems);
    if (rc != 0) {
        struct str text = buf_str(&problems);
        LOG_ERROR("the configuration is wrong, the process ends", LOG_STRN("problems", text));
        if (runtime_api) {
            lambda_init_failed(runtime_api, "Runtime.BadConfiguration", text.ptr);
        }
    }
    buf_done(&problems);
    return rc;
}

static int run(const struct bootstrap_config *config)
{
    struct metrics *metrics = metrics_new(transformer_metrics, TRANSFORMER_METRIC_COUNT);
    struct function function;
    struct error err = {0};
    int code;

    if (!metrics || stop_init(&err) != 0) {
        LOG_ERROR("cannot start", LOG_STR("error", metrics ? err.message : "out of memory"));
        metrics_free(metrics);
        return 1;
    }
    function_init(&function, metrics, config->if_missing);
    code = lambda_run(config->runtime_api, &function);
    function_done(&function);
    metrics_free(metrics);
    return code;
}

int main(int argc, char **argv)
{
    struct bootstrap_config config = {0};

    if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        printf("transformer bootstrap %s\n", service_version);
        return 0;
    }
    log_init("transformer", LOG_LEVEL_INFO, LOG_FORMAT_JSON);
    if (load(&config) != 0) {
        return 2;
    }
    log_init("transformer", (enum log_level)config.log_level, LOG_FORMAT_JSON);
    return run(&config);
}
