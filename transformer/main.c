/* SPDX-License-Identifier: Apache-2.0 */
/* transformer: adds a newline to each record of a Firehose transformation event. */
#include <poll.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/service.h"
#include "lib/stop.h"
#include "transformer/config.h"
#include "transformer/invocation.h"
#include "transformer/invoke_api.h"
#include "transformer/lambda.h"
#include "transformer/metrics.h"

enum { LONGEST_POLL_MS = 60000 };

static int until(int64_t timeout_ms, int64_t most_ms)
{
    return (int)(timeout_ms < 0 || timeout_ms > most_ms ? most_ms : timeout_ms);
}

static void serve(struct service_http *http)
{
    while (!stop_requested()) {
        struct pollfd fds[] = {{.fd = stop_fd(), .events = POLLIN},
                               {.fd = service_http_fd(http), .events = POLLIN}};

        poll(fds, ARRAY_LENGTH(fds), until(httpd_timeout_ms(http->httpd), LONGEST_POLL_MS));
        service_http_run(http);
    }
}

/* Answers the requests that have begun; connections without one are closed. */
static void drain(struct service_http *http, int64_t timeout_ms)
{
    int64_t deadline_ms = clock_monotonic_ms() + timeout_ms;
    int64_t left_ms = timeout_ms;

    httpd_quiesce(http->httpd);
    while (httpd_in_flight(http->httpd) > 0 && left_ms > 0) {
        struct pollfd fd = {.fd = service_http_fd(http), .events = POLLIN};

        poll(&fd, 1, until(httpd_timeout_ms(http->httpd), left_ms));
        service_http_run(http);
        left_ms = deadline_ms - clock_monotonic_ms();
    }
}

static int run_http(const struct transformer_config *config, struct function *function)
{
    const struct httpd_limits limits = {.body_cap = TRANSFORM_PAYLOAD_CAP,
                                        .connections = (unsigned)config->connections,
                                        .timeout_s = (unsigned)config->client_timeout_s};
    struct service_http http = {.metrics = function->metrics, .api = invoke_api_handle, .ctx = function};
    struct error err = {0};

    if (config->service.http_port == 0) {
        LOG_ERROR("cannot start", LOG_STR("error", "HTTP_PORT=0 leaves no way to reach the function"));
        return 1;
    }
    if (service_http_start(&http, &config->service, &limits, &err)) {
        LOG_ERROR("cannot start", LOG_STR("error", err.message));
        return 1;
    }
    serve(&http);
    drain(&http, config->service.drain_timeout_ms);
    LOG_INFO("stopped", LOG_UINT("records", (uint64_t)metrics_get(function->metrics, METRIC_RECORDS)),
             LOG_UINT("unanswered", httpd_in_flight(http.httpd)));
    service_http_stop(&http);
    return 0;
}

static int run(const struct service *service)
{
    const struct transformer_config *config = service->config;
    struct metrics *metrics = metrics_new(service->metrics, service->metric_count);
    struct function function;
    int code;

    if (!metrics) {
        LOG_ERROR("cannot start", LOG_STR("error", "out of memory"));
        return 1;
    }
    function_init(&function, metrics, config->if_missing);
    code = config->runtime_api ? lambda_run(config->runtime_api, &function) : run_http(config, &function);
    function_done(&function);
    metrics_free(metrics);
    return code;
}

int main(int argc, char **argv)
{
    struct transformer_config config = {0};
    struct service service = {
        .name = "transformer",
        .summary = "adds a newline to each record on its way through Firehose",
        .details =
            "Takes the events with which Firehose invokes a transformation function, and answers with every\n"
            "record's bytes and one newline more, so that the objects in S3 have one record per line. Runs "
            "as\n"
            "an HTTP service that answers like Lambda's Invoke API, or, inside Lambda, as a custom "
            "runtime.\n\n"
            "Example: curl -d '{\"records\":[{\"recordId\":\"1\",\"data\":\"eyJpZCI6MX0=\"}]}' \\\n"
            "           http://127.0.0.1:8080/2015-03-31/functions/newline/invocations",
        .table = transformer_table,
        .config = &config,
        .metrics = transformer_metrics,
        .metric_count = TRANSFORMER_METRIC_COUNT,
        .run = run,
    };

    int code = service_main(&service, argc, argv);
    const char *runtime_api =
        service.environment ? config_lookup(service.environment, "AWS_LAMBDA_RUNTIME_API") : NULL;

    if (code == 2 && argc == 1 && runtime_api) {
        lambda_init_failed(runtime_api, "Runtime.BadConfiguration",
                           "the configuration is wrong; the function's log names the variables");
    }
    return code;
}
