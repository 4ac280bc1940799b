/* SPDX-License-Identifier: Apache-2.0 */
/* local-randomuser: a stand-in for randomuser.me that needs no network. */
#include <poll.h>

#include "lib/log.h"
#include "lib/service.h"
#include "lib/stop.h"
#include "local/randomuser/api.h"
#include "local/randomuser/config.h"
#include "local/randomuser/metrics.h"

static void serve(struct service_http *http)
{
    while (!stop_requested()) {
        struct pollfd fds[] = {{.fd = stop_fd(), .events = POLLIN},
                               {.fd = service_http_fd(http), .events = POLLIN}};
        int64_t timeout_ms = httpd_timeout_ms(http->httpd);

        poll(fds, ARRAY_LENGTH(fds), timeout_ms < 0 || timeout_ms > 60000 ? 60000 : (int)timeout_ms);
        service_http_run(http);
    }
}

/* Lets requests that are being answered finish. */
static void drain(struct service_http *http, int64_t timeout_ms)
{
    struct pollfd fd = {.fd = service_http_fd(http), .events = POLLIN};

    httpd_quiesce(http->httpd);
    while (httpd_in_flight(http->httpd) > 0 && timeout_ms > 0) {
        poll(&fd, 1, 100);
        timeout_ms -= 100;
        service_http_run(http);
    }
}

static int run(const struct service *service)
{
    const struct randomuser_config *config = service->config;
    struct api api = {.metrics = metrics_new(service->metrics, service->metric_count)};
    struct service_http http = {.metrics = api.metrics, .api = api_handle, .ctx = &api, .any_port = true};
    struct error err = {0};
    int code = 1;

    if (!api.metrics) {
        LOG_ERROR("cannot start", LOG_STR("error", "out of memory"));
        return 1;
    }
    if (config->quota && !quota_parse(str_of(config->quota), &api.window.quota)) {
        goto out; /* config_load has checked it */
    }
    if (service_http_start(&http, &config->service, NULL, &err)) {
        LOG_ERROR("cannot start", LOG_STR("error", err.message));
        goto out;
    }
    serve(&http);
    drain(&http, config->service.drain_timeout_ms);
    LOG_INFO("stopped", LOG_UINT("users_handed_out", (uint64_t)metrics_get(api.metrics, METRIC_USERS)),
             LOG_UINT("unanswered", httpd_in_flight(http.httpd)));
    code = 0;
out:
    service_http_stop(&http);
    metrics_free(api.metrics);
    return code;
}

int main(int argc, char **argv)
{
    struct randomuser_config config = {0};
    struct service service = {
        .name = "local-randomuser",
        .summary = "a stand-in for the randomuser.me API 1.4",
        .details =
            "Answers GET /api/ and /api/1.4/ with made-up users of several nations, ages 10 to 82, the same\n"
            "ones again for the same seed and page, with the API's parameters results, page, seed, gender,\n"
            "nat, inc, exc, noinfo and format=json|pretty. HTTP_PORT=0 takes any free port and logs it.\n\n"
            "Example: curl 'http://127.0.0.1:8090/api/1.4/?results=2&seed=demo&format=pretty'",
        .table = randomuser_table,
        .config = &config,
        .metrics = randomuser_metrics,
        .metric_count = RANDOMUSER_METRIC_COUNT,
        .run = run,
    };

    return service_main(&service, argc, argv);
}
