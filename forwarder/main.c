/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "forwarder/config.h"
#include "forwarder/consumer.h"
#include "forwarder/dlq.h"
#include "forwarder/engine.h"
#include "forwarder/metrics.h"
#include "forwarder/stream.h"
#include "lib/clock.h"
#include "lib/kafka_iam.h"
#include "lib/log.h"
#include "lib/stop.h"

enum {
    TOPIC_NAME_CAP = 256,
    LOOP_MAX_MS = 1000,
    TOKEN_POLL_MS = 50,
    CHECK_TIMEOUT_MS = 10000,
    CHECK_BODY_CAP = 1048576
};

static struct forwarder_config config;

/* Everything a running forwarder consists of. */
struct forwarder {
    struct http_client *http;
    struct creds_chain *creds;
    struct aws_client *aws;
    struct kafka_iam iam;
    struct engine *engine;
    struct consumer *consumer;
    struct dlq *dlq;
    struct service_http endpoints;
    char dlq_topic[TOPIC_NAME_CAP];
};

static int open_aws(struct forwarder *forwarder, const struct service *service, struct error *err)
{
    const struct http_options http = {.user_agent = "userstream-forwarder",
                                      .ca_bundle = config.aws.ca_bundle,
                                      .max_connections = (int)config.in_flight + 2};
    struct creds_context context = {.environment = service->environment, .region = config.aws.region};

    forwarder->http = http_client_new(&http, err);
    if (!forwarder->http) {
        return -(int)err->code;
    }
    context.http = forwarder->http;
    forwarder->creds = creds_chain_new(&context);
    if (!forwarder->creds) {
        return error_set(err, ERROR_MEMORY, false, "out of memory");
    }
    forwarder->iam = (struct kafka_iam){.creds = forwarder->creds, .region = aws_region(&config.aws)};
    forwarder->aws = aws_client_new(&config.aws, AWS_KINESIS, forwarder->http, forwarder->creds, err);
    return forwarder->aws ? 0 : -(int)err->code;
}

static void close_aws(struct forwarder *forwarder)
{
    aws_client_free(forwarder->aws);
    creds_chain_free(forwarder->creds);
    http_client_free(forwarder->http);
}

static struct consumer_options consumer_options(const struct forwarder *forwarder,
                                                const struct service *service)
{
    return (struct consumer_options){
        .environment = service->environment,
        .iam = &forwarder->iam,
        .bootstrap_servers = config.bootstrap_servers,
        .group_id = config.group_id,
        .topic = config.topic,
        .queue_bytes = consumer_queue_share(config.buffer_bytes),
    };
}

static int open_kafka(struct forwarder *forwarder, const struct service *service, struct error *err)
{
    struct consumer_options consuming = consumer_options(forwarder, service);
    struct dlq_options letters = {.environment = service->environment,
                                  .bootstrap_servers = config.bootstrap_servers,
                                  .topic = forwarder->dlq_topic,
                                  .source_topic = config.topic,
                                  .iam = &forwarder->iam,
                                  .confirmed = engine_dead_lettered,
                                  .ctx = forwarder->engine};

    if (config.dlq_topic) {
        letters.topic = config.dlq_topic;
    }
    snprintf(forwarder->dlq_topic, sizeof(forwarder->dlq_topic), "%s.dlq", config.topic);
    forwarder->dlq = dlq_new(&letters, err);
    if (!forwarder->dlq) {
        return -(int)err->code;
    }
    consuming.events = engine_consumer_events(forwarder->engine);
    forwarder->consumer = consumer_new(&consuming, err);
    if (!forwarder->consumer) {
        return -(int)err->code;
    }
    engine_attach(forwarder->engine, forwarder->consumer, forwarder->dlq);
    return 0;
}

static const char *not_ready(void *ctx)
{
    const struct forwarder *forwarder = ctx;

    return stop_requested() ? "stopping" : engine_not_ready(forwarder->engine, clock_monotonic_ms());
}

static void before_metrics(void *ctx)
{
    const struct forwarder *forwarder = ctx;

    engine_update_gauges(forwarder->engine);
}

static int open_all(struct forwarder *forwarder, const struct service *service, struct error *err)
{
    struct engine_options options = {.config = &config};

    forwarder->endpoints.metrics = metrics_new(service->metrics, service->metric_count);
    if (!forwarder->endpoints.metrics) {
        return error_set(err, ERROR_MEMORY, false, "out of memory");
    }
    if (open_aws(forwarder, service, err)) {
        return -(int)err->code;
    }
    options.aws = forwarder->aws;
    options.creds = forwarder->creds;
    options.metrics = forwarder->endpoints.metrics;
    forwarder->engine = engine_new(&options, err);
    if (!forwarder->engine || open_kafka(forwarder, service, err)) {
        return -(int)err->code;
    }
    forwarder->endpoints.ready = not_ready;
    forwarder->endpoints.before_metrics = before_metrics;
    forwarder->endpoints.ctx = forwarder;
    return service_http_start(&forwarder->endpoints, &config.service, &(struct httpd_limits){0}, err);
}

/* Requests are cut off first: what they would tell is nobody's any more. */
static void close_all(struct forwarder *forwarder)
{
    service_http_stop(&forwarder->endpoints);
    close_aws(forwarder);
    consumer_free(forwarder->consumer);
    dlq_free(forwarder->dlq);
    engine_free(forwarder->engine);
    metrics_free(forwarder->endpoints.metrics);
}

/* One turn: what is due, then wait for something to happen. */
static void turn(struct forwarder *forwarder, int64_t most_ms)
{
    int64_t now_ms = clock_monotonic_ms();
    int64_t timeout_ms;

    consumer_run(forwarder->consumer);
    dlq_run(forwarder->dlq, now_ms);
    engine_run(forwarder->engine, now_ms);
    timeout_ms = engine_timeout_ms(forwarder->engine, now_ms);
    if (consumer_awaits_token(forwarder->consumer) && timeout_ms > TOKEN_POLL_MS) {
        timeout_ms = TOKEN_POLL_MS;
    }
    struct pollfd fds[] = {
        {.fd = stop_requested() ? -1 : stop_fd(), .events = POLLIN},
        {.fd = consumer_event_fd(forwarder->consumer), .events = POLLIN},
        {.fd = engine_hungry(forwarder->engine) ? consumer_record_fd(forwarder->consumer) : -1,
         .events = POLLIN},
        {.fd = dlq_fd(forwarder->dlq), .events = POLLIN},
        {.fd = service_http_fd(&forwarder->endpoints), .events = POLLIN},
    };
    http_poll(forwarder->http, fds, ARRAY_LENGTH(fds), timeout_ms < most_ms ? timeout_ms : most_ms);
    service_http_run(&forwarder->endpoints);
}

static bool kafka_fatal(const struct forwarder *forwarder)
{
    struct error err;

    if (!consumer_fatal(forwarder->consumer, &err)) {
        return false;
    }
    LOG_ERROR("the Kafka client cannot go on; stopping", LOG_STR("error", err.message));
    return true;
}

static int serve(struct forwarder *forwarder)
{
    int64_t deadline_ms;
    bool broken = false;

    while (!stop_requested() && !broken) {
        turn(forwarder, LOOP_MAX_MS);
        broken = engine_failed(forwarder->engine) || kafka_fatal(forwarder);
    }
    LOG_INFO("stopping: no more records are taken, those in hand are sent",
             LOG_UINT("in_flight", engine_in_flight(forwarder->engine)));
    engine_drain(forwarder->engine);
    deadline_ms = clock_monotonic_ms() + config.service.drain_timeout_ms;
    while (engine_in_flight(forwarder->engine) > 0 && !engine_failed(forwarder->engine)) {
        int64_t left_ms = deadline_ms - clock_monotonic_ms();
        if (left_ms <= 0) {
            break;
        }
        turn(forwarder, left_ms);
    }
    engine_commit_wait(forwarder->engine);
    return broken || engine_failed(forwarder->engine) ? 1 : 0;
}

static int run(const struct service *service)
{
    struct forwarder forwarder = {0};
    struct error err = {0};
    int exit_code = 1;

    if (open_all(&forwarder, service, &err)) {
        LOG_ERROR("cannot start", LOG_STR("error", err.message));
    } else {
        exit_code = serve(&forwarder);
        LOG_INFO("stopped", LOG_UINT("confirmed", engine_confirmed(forwarder.engine)),
                 LOG_UINT("left_to_next_owner", engine_in_flight(forwarder.engine)));
    }
    close_all(&forwarder);
    return err.code == ERROR_CONFIG ? 2 : exit_code;
}

static bool check_aws(const struct forwarder *forwarder)
{
    struct error err = {0};
    struct buf request;
    struct buf answer;
    size_t cap = 0;
    bool right = false;

    buf_init(&request, CHECK_BODY_CAP);
    buf_init(&answer, CHECK_BODY_CAP);
    stream_request(config.stream, &request);
    if (!aws_call_wait(forwarder->aws, "Kinesis_20131202.DescribeStreamSummary", buf_str(&request),
                       CHECK_TIMEOUT_MS, &answer, &err) &&
        !stream_read_cap(buf_str(&answer), &cap, &err)) {
        printf("Kinesis stream %s: there, takes records of up to %zu bytes\n", config.stream, cap);
        right = true;
    } else {
        printf("Kinesis stream %s: %s\n", config.stream, err.message);
    }
    buf_done(&request);
    buf_done(&answer);
    return right;
}

static void ignore_partition(void *ctx, int32_t partition)
{
    (void)ctx;
    (void)partition;
}

static void ignore_revoked(void *ctx, int32_t partition, bool lost)
{
    (void)lost;
    ignore_partition(ctx, partition);
}

static void ignore_committed(void *ctx, bool ok)
{
    (void)ctx;
    (void)ok;
}

/* Brokers with IAM answer nothing before the token: it is made while the client is polled. */
static void await_token(const struct forwarder *forwarder, struct consumer *consumer,
                        const struct service *service)
{
    int64_t deadline_ms = clock_monotonic_ms() + CHECK_TIMEOUT_MS;
    bool asked = !kafka_iam_wanted(service->environment);

    while ((!asked || consumer_awaits_token(consumer)) && clock_monotonic_ms() < deadline_ms) {
        http_poll(forwarder->http, NULL, 0, TOKEN_POLL_MS);
        consumer_run(consumer);
        asked = true;
    }
}

static bool check_kafka(const struct forwarder *forwarder, const struct service *service)
{
    struct consumer_options options = consumer_options(forwarder, service);
    struct consumer *consumer;
    struct error err = {0};
    int partitions = 0;
    bool right = false;

    options.observe = true;
    options.events = (struct consumer_events){ignore_partition, ignore_revoked, ignore_committed, NULL};
    consumer = consumer_new(&options, &err);
    if (consumer) {
        await_token(forwarder, consumer, service);
    }
    if (consumer && !consumer_topic(consumer, CHECK_TIMEOUT_MS, &partitions, &err)) {
        printf("Kafka topic %s: there, %d partitions\n", config.topic, partitions);
        right = true;
    } else {
        printf("Kafka: %s\n", err.message);
    }
    consumer_free(consumer);
    return right;
}

static int check(const struct service *service)
{
    struct forwarder forwarder = {0};
    struct error err = {0};
    bool right = false;

    if (open_aws(&forwarder, service, &err)) {
        printf("AWS: %s\n", err.message);
    } else {
        bool kafka = check_kafka(&forwarder, service);
        right = check_aws(&forwarder) && kafka;
    }
    close_aws(&forwarder);
    return right ? 0 : err.code == ERROR_CONFIG ? 2 : 1;
}

int main(int argc, char **argv)
{
    struct service service = {
        .name = "forwarder",
        .summary =
            "forwards a Kafka topic to a Kinesis data stream, losing nothing and keeping order per key",
        .details = "A record's offset is committed once Kinesis has confirmed it and all before it. Only "
                   "failed records\n"
                   "are sent again, for as long as it takes. Records of a key stay in order. What Kinesis "
                   "can never\n"
                   "take goes to the dead-letter topic.\n\n"
                   "Example:\n"
                   "  KAFKA_BOOTSTRAP_SERVERS=localhost:9092 KAFKA_TOPIC=users KINESIS_STREAM=users \\\n"
                   "  AWS_REGION=eu-west-1 forwarder\n"
                   "  (with AWS credentials in the environment; `forwarder --check` tries them)",
        .table = forwarder_config_table,
        .config = &config,
        .metrics = forwarder_metrics,
        .metric_count = FWD_METRIC_COUNT,
        .run = run,
        .check = check,
    };
    return service_main(&service, argc, argv);
}
