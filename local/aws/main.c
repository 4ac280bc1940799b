/* SPDX-License-Identifier: Apache-2.0 */
/* local-aws: Kinesis, Firehose and S3 on this machine, behind one endpoint. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/service.h"
#include "lib/stop.h"

#include "local/aws/faults.h"
#include "local/aws/firehose.h"
#include "local/aws/gateway.h"
#include "local/aws/kinesis_records.h"
#include "local/aws/s3_files.h"
#include "local/aws/s3_store.h"
#include "local/aws/setup.h"

enum {
    BODY_CAP = 64 * 1024 * 1024, /* PutRecords: 10 MiB as base64, and names; S3 objects */
    LONGEST_WAIT_MS = 1000,
    TRIM_EVERY_MS = 60 * 1000
};

struct server {
    struct local local;
    struct gateway *gateway;
    struct service_http http;
    int64_t trim_ms; /* monotonic: when to look for records past their retention */
};

static void on_request(void *ctx, struct httpd_request *request)
{
    struct server *server = ctx;

    gateway_handle(server->gateway, request);
}

static void before_metrics(void *ctx)
{
    struct server *server = ctx;

    firehose_metrics(server->local.firehose);
    metrics_set(server->local.metrics, METRIC_S3_OBJECTS_STORED, (double)s3_store_count(server->local.s3));
}

/* --- start -----------------------------------------------------------------------------------------------
 */

static int open_state(struct local *local, struct error *err)
{
    const struct local_config *config = local->config;
    char s3_dir[2300];
    int code = s3_files_make_path(config->dir);

    if (code) {
        return error_set(err, ERROR_IO, false, "LOCAL_AWS_DIR=%s cannot be made: %s", config->dir,
                         strerror(-code));
    }
    snprintf(s3_dir, sizeof(s3_dir), "%s/s3", config->dir);
    local->state = state_open(config->dir, err);
    if (!local->state) {
        return -ERROR_STATE;
    }
    local->kinesis = kinesis_store_open(local->state, err);
    local->s3 =
        local->kinesis ? s3_store_open(local->state, config->s3_dir ? config->s3_dir : s3_dir, err) : NULL;
    local->firehose = local->s3 ? firehose_open(local, err) : NULL;
    return local->firehose ? 0 : -ERROR_STATE;
}

static int start(struct server *server, const struct service *service, struct error *err)
{
    const struct local_config *config = service->config;
    static const struct http_options client = {.user_agent = "local-aws", .connect_timeout_ms = 2000};
    static const struct httpd_limits limits = {.body_cap = BODY_CAP, .timeout_s = 300};
    struct local *local = &server->local;

    local->config = config;
    local->metrics = metrics_new(service->metrics, service->metric_count);
    local->faults = config->faults ? faults_new(local->metrics) : NULL;
    server->gateway = gateway_new(local);
    if (!local->metrics || (config->faults && !local->faults) || !server->gateway) {
        return error_set(err, ERROR_MEMORY, false, "out of memory");
    }
    local->http = http_client_new(&client, err);
    if (!local->http || open_state(local, err) || setup_run(local, err)) {
        return -ERROR_STATE;
    }
    server->http = (struct service_http){.metrics = local->metrics,
                                         .before_metrics = before_metrics,
                                         .api = on_request,
                                         .ctx = server,
                                         .any_port = true};
    return service_http_start(&server->http, &config->service, &limits, err);
}

static void stop(struct server *server)
{
    gateway_free(server->gateway);
    service_http_stop(&server->http);
    firehose_free(server->local.firehose);
    http_client_free(server->local.http);
    s3_store_free(server->local.s3);
    kinesis_store_free(server->local.kinesis);
    state_close(server->local.state);
    faults_free(server->local.faults);
    metrics_free(server->local.metrics);
}

/* --- the loop --------------------------------------------------------------------------------------------
 */

static int64_t sooner(int64_t a, int64_t b)
{
    return a < 0 ? b : b < 0 ? a : a < b ? a : b;
}

static void trim(struct server *server)
{
    int64_t now_ms = clock_monotonic_ms();

    if (now_ms >= server->trim_ms) {
        int64_t deleted = kinesis_records_trim(server->local.state, server->local.kinesis, clock_wall_ms());
        server->trim_ms = now_ms + TRIM_EVERY_MS;
        if (deleted > 0) {
            LOG_INFO("records past their retention deleted", LOG_INT("records", deleted));
        }
    }
}

/* One turn: what is due, then a wait for what comes. */
static void turn(struct server *server, bool stopping)
{
    int64_t wait = sooner(gateway_run(server->gateway), firehose_run(server->local.firehose));
    struct pollfd fds[] = {{.fd = service_http_fd(&server->http), .events = POLLIN},
                           {.fd = stopping ? -1 : stop_fd(), .events = POLLIN}};

    trim(server);
    wait = sooner(wait, httpd_timeout_ms(server->http.httpd));
    wait = sooner(wait, stopping ? 100 : LONGEST_WAIT_MS);
    http_poll(server->local.http, fds, ARRAY_LENGTH(fds), wait);
    service_http_run(&server->http);
}

/* Delivers everything that is buffered, whatever the buffering hints say. */
static void drain(struct server *server, int64_t timeout_ms)
{
    int64_t end_ms = clock_monotonic_ms() + timeout_ms;
    int64_t left = firehose_waiting(server->local.firehose);

    httpd_quiesce(server->http.httpd);
    LOG_INFO("stopping", LOG_INT("records_to_deliver", left));
    while (clock_monotonic_ms() < end_ms &&
           (firehose_waiting(server->local.firehose) > 0 || httpd_in_flight(server->http.httpd) > 0)) {
        firehose_flush(server->local.firehose);
        gateway_hurry(server->gateway);
        turn(server, true);
    }
    left = firehose_waiting(server->local.firehose);
    LOG_INFO("stopped", LOG_INT("records_kept_for_the_next_start", left));
}

static int run(const struct service *service)
{
    const struct local_config *config = service->config;
    struct server server = {0};
    struct error err = {0};
    int code = 1;

    if (start(&server, service, &err)) {
        LOG_ERROR("cannot start", LOG_STR("error", err.message));
    } else {
        while (!stop_requested()) {
            turn(&server, false);
        }
        drain(&server, config->service.drain_timeout_ms);
        code = 0;
    }
    stop(&server);
    return code;
}

int main(int argc, char **argv)
{
    struct local_config config = {0};
    struct service service = {
        .name = "local-aws",
        .summary = "Kinesis Data Streams, Firehose and S3 on this machine",
        .details =
            "One endpoint with the AWS APIs that the pipeline uses, for AWS's own clients: point them at it\n"
            "with AWS_ENDPOINT_URL. Signatures are checked against AWS_ACCESS_KEY_ID and\n"
            "AWS_SECRET_ACCESS_KEY. Objects in S3 are plain files. What it has confirmed survives kill -9.\n"
            "docs/local-aws.md says which actions there are, and what is different from AWS.\n"
            "SIGTERM delivers all that Firehose has buffered. HTTP_PORT=0 takes any free port and logs "
            "it.\n\n"
            "Example:\n"
            "  LOCAL_AWS_STREAMS=users:2 LOCAL_AWS_DELIVERY_STREAMS=users-to-s3:userdata local-aws &\n"
            "  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local-secret AWS_REGION=us-east-1\n"
            "  aws --endpoint-url http://127.0.0.1:4566 kinesis list-streams",
        .table = local_config_table,
        .config = &config,
        .metrics = local_metrics,
        .metric_count = LOCAL_METRIC_COUNT,
        .run = run,
    };

    return service_main(&service, argc, argv);
}
