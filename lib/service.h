/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every binary has in common: the command line (--help --version --print-config --check
 * --healthcheck, and for the documentation --config-markdown --metrics-markdown), the shared options, the
 * log, signals, exit codes (0 clean stop, 1 failure at run time, 2 bad configuration) and the HTTP
 * endpoints /livez /readyz /metrics. A main.c is a `struct service` and a call of service_main().
 */
#ifndef LIB_SERVICE_H
#define LIB_SERVICE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/config.h"
#include "lib/error.h"
#include "lib/httpd.h"
#include "lib/metrics.h"

/* The options that all services share; every service's config struct starts with it. */
struct service_config {
    int log_level;  /* enum log_level */
    int log_format; /* 0 json, 1 text, 2 auto: text on a terminal */
    const char *http_address;
    int64_t http_port; /* 0: no HTTP endpoints */
    int64_t drain_timeout_ms;
};

/*
 * The rows for a service's own table. Use as the first entries:
 *   static const struct config_option options[] = { SERVICE_OPTIONS("8080"), {...}, ... };
 */
#define SERVICE_OPTIONS(default_http_port)                                                                   \
    {.name = "LOG_LEVEL",                                                                                    \
     .type = CONFIG_CHOICE,                                                                                  \
     .default_value = "info",                                                                                \
     .choices = service_log_levels,                                                                          \
     .offset = offsetof(struct service_config, log_level),                                                   \
     .help = "Least severe level that is logged."},                                                          \
        {.name = "LOG_FORMAT",                                                                               \
         .type = CONFIG_CHOICE,                                                                              \
         .default_value = "auto",                                                                            \
         .choices = service_log_formats,                                                                     \
         .offset = offsetof(struct service_config, log_format),                                              \
         .help = "Form of the log lines; auto is text on a terminal and json elsewhere."},                   \
        {.name = "HTTP_ADDRESS",                                                                             \
         .type = CONFIG_TEXT,                                                                                \
         .default_value = "127.0.0.1",                                                                       \
         .offset = offsetof(struct service_config, http_address),                                            \
         .help =                                                                                             \
             "Address that the HTTP endpoints listen on; 0.0.0.0 for all (the container images set it)."},   \
        {.name = "HTTP_PORT",                                                                                \
         .type = CONFIG_INT,                                                                                 \
         .default_value = (default_http_port),                                                               \
         .min = 0,                                                                                           \
         .max = 65535,                                                                                       \
         .offset = offsetof(struct service_config, http_port),                                               \
         .help =                                                                                             \
             "Port of /livez, /readyz, /metrics and the service's own API if it has one; 0 turns it off."},  \
    {                                                                                                        \
        .name = "DRAIN_TIMEOUT_MS", .type = CONFIG_INT, .default_value = "30000", .min = 0, .max = 3600000,  \
        .offset = offsetof(struct service_config, drain_timeout_ms),                                         \
        .help = "How long a stop waits for work in hand, in milliseconds."                                   \
    }

extern const char *const service_log_levels[];
extern const char *const service_log_formats[];

struct service {
    const char *name;    /* "fetcher" */
    const char *summary; /* one sentence */
    const char *details; /* paragraphs for --help: what it does, an example that works */
    struct config_table table;
    void *config; /* filled from the table; starts with struct service_config */
    char *const
        *environment; /* set by service_main(), for what reads its variables itself (KAFKA_*, AWS_*) */
    const struct metric_def *metrics;
    size_t metric_count;
    /* Runs until a stop is requested or the work is done. Returns the exit code, 0 or 1. */
    int (*run)(const struct service *service);
    /*
     * --check: tries what the service needs and says what it found, one line each, on standard output.
     * Returns the exit code. NULL: only the configuration is checked.
     */
    int (*check)(const struct service *service);
    /*
     * A further command of the binary ("--errors", "--once"), or NULL. Gets the arguments after the
     * program's name; *handled says whether it knew them. Called after the configuration was loaded.
     */
    int (*command)(const struct service *service, int argc, char **argv, bool *handled);
};

/* Parses the command line, loads the configuration, and runs. Returns the process's exit code. */
int service_main(struct service *service, int argc, char **argv);

/*
 * The HTTP endpoints of a running service: /livez (200 while the loop turns), /readyz (200 or 503 with the
 * reason) and /metrics. `ready` returns NULL if ready, else the reason. `api`, which may be NULL, gets
 * every other path.
 */
struct service_http {
    struct httpd *httpd; /* NULL when HTTP_PORT is 0 */
    struct metrics *metrics;
    const char *(*ready)(void *ctx);
    /* Called before /metrics is written, to set gauges; may be NULL. */
    void (*before_metrics)(void *ctx);
    httpd_handler *api;
    void *ctx;
    bool any_port; /* stand-ins: HTTP_PORT=0 means any free port, instead of no endpoints */
};

/* Starts the endpoints on HTTP_ADDRESS:HTTP_PORT, or none if the port is 0. The fields of `http` but
 * httpd are set by the caller; the struct outlives the endpoints. */
int service_http_start(struct service_http *http, const struct service_config *config,
                       const struct httpd_limits *limits, struct error *err) MUST_USE;
/* The descriptor to poll for reading, or -1; and what to call after each poll. */
int service_http_fd(const struct service_http *http);
void service_http_run(struct service_http *http);
void service_http_stop(struct service_http *http);

/* Version of the project, from git at build time. */
extern const char service_version[];

#endif
