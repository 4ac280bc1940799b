/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/kafka_producer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/kafka_conf.h"
#include "lib/kafka_iam.h"

struct kafka_producer {
    rd_kafka_t *kafka;
    rd_kafka_queue_t *reports;
    int wake[2]; /* librdkafka writes, the loop reads */
    size_t in_flight;
    struct kafka_iam_client iam;
    kafka_delivered_fn *delivered;
    void *ctx;
};

static void on_report(rd_kafka_t *kafka, const rd_kafka_message_t *message, void *opaque)
{
    struct kafka_producer *producer = opaque;
    struct error err;

    (void)kafka;
    producer->in_flight--;
    if (message->err) {
        error_set(&err, ERROR_REMOTE, message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE, "%s",
                  rd_kafka_err2str(message->err));
    }
    producer->delivered(producer->ctx, message->_private, message->err ? &err : NULL);
}

static void on_token_refresh(rd_kafka_t *kafka, const char *config, void *opaque)
{
    struct kafka_producer *producer = opaque;

    (void)kafka;
    (void)config;
    kafka_iam_ask(&producer->iam);
}

static rd_kafka_conf_t *producer_conf(const struct kafka_producer_options *options, struct error *err)
{
    char queue_kbytes[24];
    const struct kafka_setting settings[] = {
        {"client.id", options->client_id, false},
        {"enable.idempotence", "true", true},
        {"acks", "all", true},
        /* Never given up: a message waits in the bounded queue until the brokers have it. */
        {"message.timeout.ms", "0", true},
        {"partitioner", "murmur2_random", false},
        {"compression.type", "lz4", false},
        {"linger.ms", "5", false},
        /* The topic's own limit decides; this one only must not be below it. */
        {"message.max.bytes", "104857600", false},
        {"queue.buffering.max.kbytes", queue_kbytes, false},
        {"queue.buffering.max.messages", "1000000", false},
        {NULL, NULL, false}};

    snprintf(queue_kbytes, sizeof(queue_kbytes), "%lld", (long long)(options->queue_bytes / 1024));
    return kafka_conf_new(options->environment, options->bootstrap_servers, settings, err);
}

struct kafka_producer *kafka_producer_new(const struct kafka_producer_options *options, struct error *err)
{
    struct kafka_producer *producer = calloc(1, sizeof(*producer));
    rd_kafka_conf_t *conf;
    char reason[256];

    if (!producer) {
        error_set(err, ERROR_MEMORY, false, "out of memory");
        return NULL;
    }
    producer->wake[0] = producer->wake[1] = -1;
    producer->delivered = options->delivered;
    producer->ctx = options->ctx;
    conf = producer_conf(options, err);
    if (!conf) {
        goto fail;
    }
    if (kafka_iam_configure(&producer->iam, options->iam, conf, options->environment, on_token_refresh,
                            err)) {
        rd_kafka_conf_destroy(conf);
        goto fail;
    }
    rd_kafka_conf_set_opaque(conf, producer);
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    producer->kafka = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof(reason));
    if (!producer->kafka) {
        rd_kafka_conf_destroy(conf);
        error_set(err, ERROR_CONFIG, false, "Kafka producer: %s", reason);
        goto fail;
    }
    if (pipe2(producer->wake, O_CLOEXEC | O_NONBLOCK) < 0) {
        error_set(err, ERROR_IO, false, "cannot create a pipe: %s", strerror(errno));
        goto fail;
    }
    producer->reports = rd_kafka_queue_get_main(producer->kafka);
    rd_kafka_queue_io_event_enable(producer->reports, producer->wake[1], "1", 1);
    return producer;

fail:
    kafka_producer_free(producer);
    return NULL;
}

void kafka_producer_free(struct kafka_producer *producer)
{
    if (!producer) {
        return;
    }
    if (producer->reports) {
        rd_kafka_queue_io_event_enable(producer->reports, -1, NULL, 0);
        rd_kafka_queue_destroy(producer->reports);
    }
    if (producer->kafka) {
        rd_kafka_destroy(producer->kafka);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(producer->wake); i++) {
        if (producer->wake[i] >= 0) {
            close(producer->wake[i]);
        }
    }
    free(producer);
}

static rd_kafka_headers_t *make_headers(const struct kafka_header *headers, size_t count)
{
    rd_kafka_headers_t *list = rd_kafka_headers_new(count);

    for (size_t i = 0; i < count; i++) {
        rd_kafka_header_add(list, headers[i].name, -1, headers[i].value.ptr, (ssize_t)headers[i].value.len);
    }
    return list;
}

int kafka_producer_send(struct kafka_producer *producer, const char *topic, struct str key, struct str value,
                        const struct kafka_header *headers, size_t header_count, void *opaque,
                        struct error *err)
{
    rd_kafka_headers_t *list = make_headers(headers, header_count);
    rd_kafka_resp_err_t failure =
        rd_kafka_producev(producer->kafka, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_KEY(key.ptr, key.len),
                          RD_KAFKA_V_VALUE((void *)(uintptr_t)value.ptr, value.len),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_HEADERS(list),
                          RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);

    if (failure == RD_KAFKA_RESP_ERR_NO_ERROR) {
        producer->in_flight++;
        return 0;
    }
    rd_kafka_headers_destroy(list);
    if (failure == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        return error_set(err, ERROR_LIMIT, true, "the local producer queue is full");
    }
    return error_set(err, ERROR_REMOTE, false, "topic %s: %s", topic, rd_kafka_err2str(failure));
}

int kafka_producer_fd(const struct kafka_producer *producer)
{
    return producer->wake[0];
}

void kafka_producer_run(struct kafka_producer *producer)
{
    char drain[64];

    while (read(producer->wake[0], drain, sizeof(drain)) == (ssize_t)sizeof(drain)) {
        continue;
    }
    while (rd_kafka_poll(producer->kafka, 0) > 0) {
        continue;
    }
    kafka_iam_run(&producer->iam, producer->kafka);
}

bool kafka_producer_awaits_token(const struct kafka_producer *producer)
{
    return kafka_iam_due(&producer->iam);
}

size_t kafka_producer_in_flight(const struct kafka_producer *producer)
{
    return producer->in_flight;
}

bool kafka_producer_flush(struct kafka_producer *producer, int64_t timeout_ms)
{
    rd_kafka_flush(producer->kafka, (int)timeout_ms);
    return producer->in_flight == 0;
}

bool kafka_producer_fatal(const struct kafka_producer *producer, struct error *err)
{
    char reason[256];
    rd_kafka_resp_err_t failure = rd_kafka_fatal_error(producer->kafka, reason, sizeof(reason));

    if (failure) {
        error_set(err, ERROR_STATE, false, "Kafka producer: %s (%s)", reason, rd_kafka_err2name(failure));
    }
    return failure != RD_KAFKA_RESP_ERR_NO_ERROR;
}

int kafka_producer_topic(struct kafka_producer *producer, const char *topic, int timeout_ms,
                         int *ret_partitions, struct error *err)
{
    return kafka_topic_partitions(producer->kafka, topic, timeout_ms, ret_partitions, err);
}
