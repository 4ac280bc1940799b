/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts records into a Kafka topic, for tests and benchmarks:
 *
 *   kafka_fill BOOTSTRAP TOPIC COUNT SIZE KEYS [FIRST]
 *       COUNT records of SIZE bytes {"key":"k7","seq":3,"pad":"…"}; record i has key k<i % KEYS> and the
 *       sequence number FIRST + i / KEYS, so a reader can check order and completeness per key.
 *   kafka_fill BOOTSTRAP TOPIC -
 *       One record per line of standard input, as JSON: {"key":BASE64|null,"value":BASE64|null,
 *       "partition":N (optional),"headers":{"name":"text"} (optional)}.
 *
 * Ends with exit code 0 when the brokers have confirmed all of them.
 */
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base64.h"
#include "lib/json.h"

enum { FLUSH_MS = 60000 };

static unsigned long failed;

static void on_delivery(rd_kafka_t *kafka, const rd_kafka_message_t *message, void *opaque)
{
    (void)kafka;
    (void)opaque;
    if (message->err) {
        if (failed++ == 0) {
            fprintf(stderr, "kafka_fill: %s\n", rd_kafka_err2str(message->err));
        }
    }
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
    char reason[256];

    if (rd_kafka_conf_set(conf, name, value, reason, sizeof(reason)) != RD_KAFKA_CONF_OK) {
        fprintf(stderr, "kafka_fill: %s\n", reason);
        exit(2);
    }
}

static rd_kafka_t *open_producer(const char *bootstrap)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char reason[256];
    rd_kafka_t *kafka;

    set(conf, "bootstrap.servers", bootstrap);
    set(conf, "enable.idempotence", "true");
    set(conf, "linger.ms", "20");
    set(conf, "message.max.bytes", "20000000");
    set(conf, "queue.buffering.max.messages", "100000");
    set(conf, "partitioner", "murmur2_random");
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    kafka = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof(reason));
    if (!kafka) {
        fprintf(stderr, "kafka_fill: %s\n", reason);
        exit(2);
    }
    return kafka;
}

static void produce(rd_kafka_t *kafka, const char *topic, int32_t partition, struct str key, struct str value,
                    rd_kafka_headers_t *headers)
{
    rd_kafka_resp_err_t failure;

    for (;;) {
        rd_kafka_headers_t *copy = headers ? rd_kafka_headers_copy(headers) : rd_kafka_headers_new(0);
        failure = rd_kafka_producev(kafka, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
                                    RD_KAFKA_V_KEY(key.ptr, key.len),
                                    RD_KAFKA_V_VALUE((void *)(uintptr_t)value.ptr, value.len),
                                    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_HEADERS(copy),
                                    RD_KAFKA_V_END);
        if (failure) {
            rd_kafka_headers_destroy(copy);
        }
        if (failure != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            break;
        }
        rd_kafka_poll(kafka, 10);
    }
    if (failure) {
        fprintf(stderr, "kafka_fill: %s\n", rd_kafka_err2str(failure));
        failed++;
    }
    rd_kafka_poll(kafka, 0);
}

static void fill(rd_kafka_t *kafka, const char *topic, long count, long size, long keys, long first)
{
    char *value = malloc((size_t)size + 1);
    char key[32];

    for (long i = 0; value && i < count; i++) {
        int key_len = snprintf(key, sizeof(key), "k%ld", i % keys);
        int head = snprintf(value, (size_t)size + 1, "{\"key\":\"%s\",\"seq\":%ld,\"pad\":\"", key,
                            first + i / keys);
        for (long j = head; j < size - 2; j++) {
            value[j] = (char)('a' + (i * 31 + j * 17) % 26);
        }
        if (size >= head + 2) {
            memcpy(value + size - 2, "\"}", 2);
        }
        produce(kafka, topic, RD_KAFKA_PARTITION_UA, (struct str){key, (size_t)key_len},
                (struct str){value, (size_t)size}, NULL);
    }
    free(value);
}

/* The bytes of a base64 member, or NULL for null; the caller frees. */
static struct str decode(const cJSON *object, const char *name, char **ret_memory)
{
    const char *text = json_string(object, name);
    size_t len = 0;

    *ret_memory = NULL;
    if (!text) {
        return (struct str){NULL, 0};
    }
    *ret_memory = malloc(strlen(text) + 1);
    if (!*ret_memory || !base64_decode(str_of(text), *ret_memory, &len)) {
        fprintf(stderr, "kafka_fill: %s is no base64\n", name);
        exit(2);
    }
    return (struct str){*ret_memory, len};
}

static void produce_line(rd_kafka_t *kafka, const char *topic, const char *line, size_t len)
{
    struct error err;
    cJSON *object = json_parse(line, len, &err);
    const cJSON *header;
    long long partition = RD_KAFKA_PARTITION_UA;
    char *key_memory;
    char *value_memory;
    rd_kafka_headers_t *headers = rd_kafka_headers_new(4);

    if (!object) {
        fprintf(stderr, "kafka_fill: %s\n", err.message);
        exit(2);
    }
    json_int64(object, "partition", 0, 10000, &partition);
    cJSON_ArrayForEach(header, json_get(object, "headers"))
    {
        rd_kafka_header_add(headers, header->string, -1, header->valuestring, -1);
    }
    produce(kafka, topic, (int32_t)partition, decode(object, "key", &key_memory),
            decode(object, "value", &value_memory), headers);
    rd_kafka_headers_destroy(headers);
    free(key_memory);
    free(value_memory);
    cJSON_Delete(object);
}

static void produce_lines(rd_kafka_t *kafka, const char *topic)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t len;

    while ((len = getline(&line, &size, stdin)) > 0) {
        produce_line(kafka, topic, line, (size_t)len);
    }
    free(line);
}

static long number(const char *text)
{
    long long value;

    if (!str_to_int64(str_of(text), 0, 1000000000, &value)) {
        fprintf(stderr, "kafka_fill: %s is no number\n", text);
        exit(2);
    }
    return (long)value;
}

int main(int argc, char **argv)
{
    rd_kafka_t *kafka;

    if (argc != 4 && argc != 6 && argc != 7) {
        fprintf(stderr, "usage: kafka_fill BOOTSTRAP TOPIC COUNT SIZE KEYS [FIRST] | BOOTSTRAP TOPIC -\n");
        return 2;
    }
    kafka = open_producer(argv[1]);
    if (argc == 4) {
        produce_lines(kafka, argv[2]);
    } else {
        fill(kafka, argv[2], number(argv[3]), number(argv[4]), number(argv[5]),
             argc > 6 ? number(argv[6]) : 0);
    }
    rd_kafka_flush(kafka, FLUSH_MS);
    failed += (unsigned long)rd_kafka_outq_len(kafka);
    rd_kafka_destroy(kafka);
    if (failed > 0) {
        fprintf(stderr, "kafka_fill: %lu records failed\n", failed);
    }
    return failed > 0;
}
