/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <string.h>

#include "lib/log.h"
#include "lib/stop.h"
#include "local/kafka/broker.h"
#include "local/kafka/config.h"

enum { POLL_MS = 1000 };

static struct kafka_config config;

static bool create_topic(void *ctx, const char *name, int partitions)
{
    struct error err;

    if (broker_create_topic(ctx, name, partitions, &err)) {
        LOG_ERROR("cannot create topic", LOG_STR("error", err.message));
        return false;
    }
    LOG_INFO("topic created", LOG_STR("topic", name), LOG_INT("partitions", partitions));
    return true;
}

/* For tests: POST /_local/broker?state=down|up and POST /_local/topic?name=users&error=3 */
static void on_request(void *ctx, struct httpd_request *request)
{
    struct broker *broker = ctx;
    struct str path = httpd_path(request);
    char text[256];
    char name[256];
    long long code;

    if (!str_eq(httpd_method(request), STR("POST"))) {
        httpd_reply_text(request, 405, "only POST\n");
    } else if (str_eq(path, STR("/_local/broker")) &&
               httpd_query_value(request, "state", text, sizeof(text))) {
        broker_set_down(broker, strcmp(text, "down") == 0);
        httpd_reply_text(request, 200, "done\n");
    } else if (str_eq(path, STR("/_local/topic")) && httpd_query_value(request, "name", name, sizeof(name)) &&
               httpd_query_value(request, "error", text, sizeof(text)) &&
               str_to_int64(str_of(text), -1, 200, &code)) {
        broker_set_topic_error(broker, name, (int)code);
        httpd_reply_text(request, 200, "done\n");
    } else {
        httpd_reply_text(request, 404, "there are /_local/broker?state= and /_local/topic?name=&error=\n");
    }
}

static void serve(struct service_http *http)
{
    while (!stop_requested()) {
        struct pollfd fds[] = {{.fd = stop_fd(), .events = POLLIN},
                               {.fd = service_http_fd(http), .events = POLLIN}};
        poll(fds, ARRAY_LENGTH(fds), POLL_MS);
        service_http_run(http);
    }
}

static int run(const struct service *service)
{
    struct service_http http = {.api = on_request, .any_port = true};
    struct error err = {0};
    struct broker *broker = broker_new(&err);
    int exit_code = 1;

    if (!broker) {
        LOG_ERROR("cannot start", LOG_STR("error", err.message));
        return 1;
    }
    http.ctx = broker;
    http.metrics = metrics_new(service->metrics, service->metric_count);
    if (!http.metrics || !topics_each(config.topics, create_topic, broker)) {
        goto out;
    }
    if (service_http_start(&http, &config.service, &(struct httpd_limits){0}, &err)) {
        LOG_ERROR("cannot start", LOG_STR("error", err.message));
        goto out;
    }
    LOG_INFO("kafka ready", LOG_STR("bootstrap_servers", broker_bootstrap(broker)));
    serve(&http);
    LOG_INFO("stopped; what the embedded broker held is gone");
    exit_code = 0;

out:
    service_http_stop(&http);
    metrics_free(http.metrics);
    broker_free(broker);
    return exit_code;
}

int main(int argc, char **argv)
{
    struct service service = {
        .name = "local-kafka",
        .summary = "an embedded Kafka broker for demos and tests",
        .details =
            "Speaks the real Kafka protocol, keeps everything in memory (about 5 MB a partition, the\n"
            "oldest is dropped beyond that) and forgets it at the end. The line \"kafka ready\" of the\n"
            "log names the address to use as KAFKA_BOOTSTRAP_SERVERS.\n\n"
            "Example:\n  LOCAL_KAFKA_TOPICS=users:8,users.dlq:1 HTTP_PORT=0 local-kafka",
        .table = kafka_config_table,
        .config = &config,
        .run = run,
    };
    return service_main(&service, argc, argv);
}
