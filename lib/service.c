/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/probe.h"
#include "lib/stop.h"

enum {
    EXIT_OK = 0,
    EXIT_RUNTIME = 1,
    EXIT_CONFIG = 2,
    TEXT_CAP = 256 * 1024,         /* help, configuration and problems */
    METRICS_CAP = 8 * 1024 * 1024, /* 4096 label values of 200 bytes in ten families */
    HEALTH_CAP = 4096,
    HEALTH_TIMEOUT_MS = 2000
};

const char *const service_log_levels[] = {"error", "warn", "info", "debug", NULL};
const char *const service_log_formats[] = {"json", "text", "auto", NULL};

/* --- the HTTP endpoints ----------------------------------------------------------------------------------
 */

static void reply_metrics(struct service_http *http, struct httpd_request *request)
{
    struct buf text;

    buf_init(&text, METRICS_CAP);
    if (http->before_metrics) {
        http->before_metrics(http->ctx);
    }
    metrics_write(http->metrics, &text);
    if (buf_error(&text)) {
        httpd_reply_text(request, 500, "the metrics do not fit\n");
    } else {
        httpd_reply(request, 200, "text/plain; version=0.0.4; charset=utf-8", text.data, text.len);
    }
    buf_done(&text);
}

static void reply_ready(struct service_http *http, struct httpd_request *request)
{
    const char *reason = http->ready ? http->ready(http->ctx) : NULL;
    char text[512];

    snprintf(text, sizeof(text), "%s\n", reason ? reason : "ready");
    httpd_reply_text(request, reason ? 503 : 200, text);
}

static void on_request(void *ctx, struct httpd_request *request)
{
    struct service_http *http = ctx;
    struct str path = httpd_path(request);
    bool own = str_eq(path, STR("/livez")) || str_eq(path, STR("/readyz")) || str_eq(path, STR("/metrics"));
    bool reading = str_eq(httpd_method(request), STR("GET")) || str_eq(httpd_method(request), STR("HEAD"));

    if (!own && http->api) {
        http->api(http->ctx, request);
    } else if (!own) {
        httpd_reply_text(request, 404, "not found; there are /livez, /readyz and /metrics\n");
    } else if (!reading) {
        httpd_reply_text(request, 405, "only GET\n");
    } else if (str_eq(path, STR("/metrics"))) {
        reply_metrics(http, request);
    } else if (str_eq(path, STR("/readyz"))) {
        reply_ready(http, request);
    } else {
        httpd_reply_text(request, 200, "alive\n");
    }
}

int service_http_start(struct service_http *http, const struct service_config *config,
                       const struct httpd_limits *limits, struct error *err)
{
    if (config->http_port == 0 && !http->any_port) {
        return 0;
    }
    http->httpd =
        httpd_start(config->http_address, (uint16_t)config->http_port, limits, on_request, http, err);
    if (!http->httpd) {
        return -(int)err->code;
    }
    LOG_INFO("listening", LOG_STR("address", config->http_address), LOG_INT("port", httpd_port(http->httpd)));
    return 0;
}

int service_http_fd(const struct service_http *http)
{
    return http->httpd ? httpd_fd(http->httpd) : -1;
}

void service_http_run(struct service_http *http)
{
    if (http->httpd) {
        httpd_run(http->httpd);
    }
}

void service_http_stop(struct service_http *http)
{
    if (http->httpd) {
        httpd_stop(http->httpd);
        http->httpd = NULL;
    }
}

/* --- the command line ------------------------------------------------------------------------------------
 */

static void print_buf(FILE *file, struct buf *text)
{
    fwrite(text->data, 1, text->len, file);
    buf_done(text);
}

static void print_help(const struct service *service)
{
    struct buf text;

    buf_init(&text, TEXT_CAP);
    buf_addf(&text, "%s: %s\n\n%s\n\nUsage: %s [COMMAND]\n\n", service->name, service->summary,
             service->details, service->name);
    buf_add_str(&text, "Commands:\n"
                       "  (none)                      run until SIGTERM or SIGINT\n"
                       "  --check                     try what the service needs, say what was found, exit\n"
                       "  --print-config              show the configuration in force, secrets masked\n"
                       "  --healthcheck               exit 0 if the running service's /readyz says so\n"
                       "  --version, --help\n\n"
                       "Configuration, all by environment variables:\n");
    config_help(&service->table, &text);
    buf_add_str(&text, "\nExit codes: 0 clean stop, 1 failure at run time, 2 bad configuration.\n");
    print_buf(stdout, &text);
}

static void print_markdown(const struct service *service, bool metrics)
{
    struct buf text;

    buf_init(&text, TEXT_CAP);
    if (metrics) {
        metrics_markdown(service->metrics, service->metric_count, &text);
    } else {
        config_markdown(&service->table, &text);
    }
    print_buf(stdout, &text);
}

static int load_config(struct service *service)
{
    struct buf problems;
    int code;

    buf_init(&problems, TEXT_CAP);
    code = config_load(&service->table, environ, service->config, &problems);
    if (code) {
        fprintf(stderr, "%s: the configuration is wrong; `%s --help` explains the variables:\n",
                service->name, service->name);
        print_buf(stderr, &problems);
        return code;
    }
    buf_done(&problems);
    return 0;
}

static void start_log(const struct service *service)
{
    const struct service_config *config = service->config;
    int format = config->log_format;

    if (format == 2) {
        format = isatty(STDERR_FILENO) ? LOG_FORMAT_TEXT : LOG_FORMAT_JSON;
    }
    log_init(service->name, (enum log_level)config->log_level, (enum log_format)format);
}

/* What listens on all addresses is asked on loopback. */
static const char *health_address(const struct service_config *config)
{
    if (strcmp(config->http_address, "0.0.0.0") == 0) {
        return "127.0.0.1";
    }
    return strcmp(config->http_address, "::") == 0 ? "::1" : config->http_address;
}

static int run_healthcheck(const struct service *service)
{
    const struct service_config *config = service->config;
    const char *address = health_address(config);
    struct error err = {0};
    struct buf body;
    int status = 0;

    buf_init(&body, HEALTH_CAP);
    if (probe_get(address, (uint16_t)config->http_port, "/readyz", HEALTH_TIMEOUT_MS, &status, &body, &err)) {
        fprintf(stderr, "%s port %d: %s\n", address, (int)config->http_port, err.message);
    } else if (status != 200) {
        fprintf(stderr, "%s port %d: %d %.*s", address, (int)config->http_port, status,
                STR_ARG(buf_str(&body)));
    }
    buf_done(&body);
    return status == 200 ? EXIT_OK : EXIT_RUNTIME;
}

static int run_check(const struct service *service)
{
    printf("configuration: right\n");
    fflush(stdout);
    return service->check ? service->check(service) : EXIT_OK;
}

static int run_service(const struct service *service)
{
    struct error err = {0};

    start_log(service);
    if (stop_init(&err)) {
        LOG_ERROR("cannot start", LOG_STR("error", err.message));
        return EXIT_RUNTIME;
    }
    LOG_INFO("starting", LOG_STR("version", service_version));
    return service->run(service);
}

static int print_config(const struct service *service)
{
    struct buf text;

    buf_init(&text, TEXT_CAP);
    config_print(&service->table, environ, &text);
    print_buf(stdout, &text);
    return EXIT_OK;
}

/* Commands that need no configuration. False if the argument is none of them. */
static bool run_informative(const struct service *service, const char *argument)
{
    if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0) {
        print_help(service);
    } else if (strcmp(argument, "--version") == 0) {
        printf("%s %s\n", service->name, service_version);
    } else if (strcmp(argument, "--config-markdown") == 0) {
        print_markdown(service, false);
    } else if (strcmp(argument, "--metrics-markdown") == 0) {
        print_markdown(service, true);
    } else {
        return false;
    }
    return true;
}

static int run_command(const struct service *service, int argc, char **argv)
{
    bool handled = false;
    int code;

    if (strcmp(argv[1], "--check") == 0) {
        start_log(service);
        return run_check(service);
    }
    if (strcmp(argv[1], "--print-config") == 0) {
        return print_config(service);
    }
    if (strcmp(argv[1], "--healthcheck") == 0) {
        return run_healthcheck(service);
    }
    if (service->command) {
        start_log(service);
        code = service->command(service, argc - 1, argv + 1, &handled);
        if (handled) {
            return code;
        }
    }
    fprintf(stderr, "%s: unknown argument %s; `%s --help` lists them\n", service->name, argv[1],
            service->name);
    return EXIT_CONFIG;
}

int service_main(struct service *service, int argc, char **argv)
{
    service->environment = environ;
    if (argc > 1 && run_informative(service, argv[1])) {
        return EXIT_OK;
    }
    if (load_config(service)) {
        return EXIT_CONFIG;
    }
    return argc > 1 ? run_command(service, argc, argv) : run_service(service);
}
