/* SPDX-License-Identifier: Apache-2.0 */
/* analytics: runs SQL over a Kinesis stream and delivers the rows to Firehose. */
#include <stdio.h>

#include "analytics/check.h"
#include "analytics/setup.h"
#include "analytics/stream.h"
#include "analytics/try.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/stop.h"

enum { LONGEST_POLL_MS = 60000 };

struct process {
    struct setup setup;
    struct stream *stream;
    struct service_http http;
};

static const char *ready(void *ctx)
{
    const struct process *process = ctx;

    return stream_problem(process->stream);
}

static void before_metrics(void *ctx)
{
    const struct process *process = ctx;

    stream_metrics(process->stream);
}

static void turn(struct process *process, int64_t due_ms)
{
    struct pollfd fds[] = {{.fd = stop_requested() ? -1 : stop_fd(), .events = POLLIN},
                           {.fd = service_http_fd(&process->http), .events = POLLIN}};
    int64_t http_ms = process->http.httpd ? httpd_timeout_ms(process->http.httpd) : -1;
    int64_t wait_ms = due_ms - clock_monotonic_ms();

    if (wait_ms > LONGEST_POLL_MS) {
        wait_ms = LONGEST_POLL_MS;
    }
    if (http_ms >= 0 && http_ms < wait_ms) {
        wait_ms = http_ms;
    }
    http_poll(process->setup.http, fds, ARRAY_LENGTH(fds), wait_ms > 0 ? wait_ms : 0);
    service_http_run(&process->http);
}

static void serve(struct process *process, int64_t drain_timeout_ms)
{
    int64_t deadline_ms;

    while (!stop_requested()) {
        turn(process, stream_step(process->stream, clock_monotonic_ms(), false));
    }
    deadline_ms = clock_monotonic_ms() + drain_timeout_ms;
    LOG_INFO("stopping; rows that are with Firehose are finished first",
             LOG_INT("at_most_ms", drain_timeout_ms));
    for (;;) {
        int64_t now_ms = clock_monotonic_ms();
        int64_t due_ms = stream_step(process->stream, now_ms, true);
        if (stream_idle(process->stream) || now_ms >= deadline_ms) {
            break;
        }
        turn(process, due_ms < deadline_ms ? due_ms : deadline_ms);
    }
}

static void say_goodbye(const struct process *process)
{
    const struct metrics *metrics = process->setup.context.metrics;

    LOG_INFO("stopped", LOG_UINT("read", (uint64_t)metrics_get(metrics, METRIC_RECORDS_READ)),
             LOG_UINT("matched", (uint64_t)metrics_get(metrics, METRIC_ROWS_MATCHED)),
             LOG_UINT("delivered", (uint64_t)metrics_get(metrics, METRIC_ROWS_DELIVERED)),
             LOG_UINT("left_for_the_next_start", stream_undelivered(process->stream)));
}

static int start(struct process *process, const struct service *service, struct error *err)
{
    const struct analytics_config *config = service->config;
    struct context *context = &process->setup.context;
    int rc = setup_init(&process->setup, service, err);

    if (rc) {
        return rc;
    }
    context->saved_ms = clock_monotonic_ms();
    context->metrics = metrics_new(service->metrics, service->metric_count);
    context->checkpoint = checkpoint_open(config->checkpoint, config->stream, err);
    if (!context->metrics || !context->checkpoint) {
        return err->code ? -(int)err->code : error_set(err, ERROR_MEMORY, false, "out of memory");
    }
    process->stream = stream_new(context, err);
    if (!process->stream) {
        return -(int)err->code;
    }
    process->http = (struct service_http){
        .metrics = context->metrics, .ready = ready, .before_metrics = before_metrics, .ctx = process};
    return service_http_start(&process->http, &config->service, NULL, err);
}

static int run(const struct service *service)
{
    const struct analytics_config *config = service->config;
    struct process process = {0};
    struct error err = {0};
    int rc = start(&process, service, &err);

    if (rc) {
        LOG_ERROR("cannot start", LOG_STR("error", err.message));
    } else {
        serve(&process, config->service.drain_timeout_ms);
        say_goodbye(&process);
        service_http_stop(&process.http);
    }
    /* Calls still under way are cut off first: they refer to the stream. */
    aws_client_free(process.setup.context.kinesis);
    aws_client_free(process.setup.context.firehose);
    process.setup.context.kinesis = process.setup.context.firehose = NULL;
    stream_free(process.stream);
    checkpoint_close(process.setup.context.checkpoint);
    metrics_free(process.setup.context.metrics);
    setup_done(&process.setup);
    return rc == 0 ? 0 : rc == -ERROR_CONFIG ? 2 : 1;
}

static void print_line(void *ctx, struct str line)
{
    fwrite(line.ptr, 1, line.len, ctx);
    fputc('\n', ctx);
}

static int command(const struct service *service, int argc, char **argv, bool *handled)
{
    const struct analytics_config *config = service->config;
    struct error err = {0};

    *handled = true;
    if (argc == 1 && strcmp(argv[0], "--try") == 0) {
        return try_statements(config, stdin, stdout, stderr);
    }
    if (argc != 1 || strcmp(argv[0], "--errors") != 0) {
        *handled = false;
        return 2;
    }
    if (checkpoint_errors(config->checkpoint, print_line, stdout, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct analytics_config config = {0};
    struct service service = {
        .name = "analytics",
        .summary = "runs SQL over a Kinesis stream and delivers the rows to Firehose",
        .details =
            "Reads every shard of the stream, runs the statements of ANALYTICS_SQL over each batch of\n"
            "records, and puts the rows as JSON objects to the delivery stream. Where it got to is kept\n"
            "in ANALYTICS_CHECKPOINT, moved only after Firehose has confirmed: at least once, in the\n"
            "order of each shard. Records that the SQL cannot read are kept in an error table there.\n\n"
            "  --errors   print the error table, one JSON object a line\n"
            "  --try      run the statements over records from standard input, one a line, and print the "
            "rows\n\n"
            "Example: KINESIS_STREAM=users FIREHOSE_STREAM=users-to-s3 AWS_REGION=eu-west-1 analytics",
        .table = analytics_table,
        .config = &config,
        .metrics = analytics_metrics,
        .metric_count = ANALYTICS_METRIC_COUNT,
        .run = run,
        .check = check,
        .command = command,
    };

    return service_main(&service, argc, argv);
}
