/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints what a topic holds, from its beginning to its present end, as one JSON object per record:
 *   kafka_cat BOOTSTRAP_SERVERS TOPIC
 *   {"partition":0,"offset":3,"key":"a","headers":{"source":"h"},"value":"text","value_base64":"dGV4dA=="}
 * Key and value are null where the record has none; a value that is not UTF-8 is shown in base64 alone.
 */
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/buf.h"

enum { LINE_CAP = 16 * 1024 * 1024, ANSWER_MS = 10000 };

static void give_up(const char *what, const char *why)
{
    fprintf(stderr, "kafka_cat: %s: %s\n", what, why);
    exit(1);
}

static rd_kafka_t *new_consumer(const char *servers)
{
    static const char *const settings[][2] = {{"group.id", "kafka_cat"},
                                              {"enable.partition.eof", "true"},
                                              {"enable.auto.commit", "false"},
                                              {"fetch.wait.max.ms", "10"},
                                              {"auto.offset.reset", "earliest"}};
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char reason[256];
    rd_kafka_t *kafka;

    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        if (rd_kafka_conf_set(conf, settings[i][0], settings[i][1], reason, sizeof(reason))) {
            give_up(settings[i][0], reason);
        }
    }
    if (rd_kafka_conf_set(conf, "bootstrap.servers", servers, reason, sizeof(reason))) {
        give_up(servers, reason);
    }
    kafka = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof(reason));
    if (!kafka) {
        give_up("consumer", reason);
    }
    rd_kafka_poll_set_consumer(kafka);
    return kafka;
}

/* Takes all partitions from their beginnings. Returns their number. */
static int assign_all(rd_kafka_t *kafka, const char *topic)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_topic_partition_list_t *all = rd_kafka_topic_partition_list_new(8);
    rd_kafka_resp_err_t failure = rd_kafka_metadata(kafka, 1, NULL, &metadata, ANSWER_MS);
    int count = 0;

    if (failure) {
        give_up("metadata", rd_kafka_err2str(failure));
    }
    for (int i = 0; i < metadata->topic_cnt; i++) {
        if (strcmp(metadata->topics[i].topic, topic) == 0) {
            count = metadata->topics[i].partition_cnt;
        }
    }
    rd_kafka_metadata_destroy(metadata);
    for (int i = 0; i < count; i++) {
        rd_kafka_topic_partition_list_add(all, topic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    }
    failure = rd_kafka_assign(kafka, all);
    if (failure) {
        give_up("assign", rd_kafka_err2str(failure));
    }
    rd_kafka_topic_partition_list_destroy(all);
    return count;
}

static void add_text(struct buf *line, const void *text, size_t len)
{
    if (!text || !str_is_utf8((struct str){text, len})) {
        buf_add_str(line, "null");
    } else {
        buf_add_json_string(line, text, len);
    }
}

static void add_headers(struct buf *line, const rd_kafka_message_t *message)
{
    rd_kafka_headers_t *headers = NULL;
    const char *name;
    const void *value;
    size_t len;

    buf_add_char(line, '{');
    if (!rd_kafka_message_headers(message, &headers)) {
        for (size_t i = 0; !rd_kafka_header_get_all(headers, i, &name, &value, &len); i++) {
            buf_add_str(line, i > 0 ? "," : "");
            buf_add_json_string(line, name, strlen(name));
            buf_add_char(line, ':');
            add_text(line, value, len);
        }
    }
    buf_add_char(line, '}');
}

static void print_record(const rd_kafka_message_t *message)
{
    struct buf line;

    buf_init(&line, LINE_CAP);
    buf_addf(&line, "{\"partition\":%d,\"offset\":%lld,\"key\":", (int)message->partition,
             (long long)message->offset);
    add_text(&line, message->key, message->key_len);
    buf_add_str(&line, ",\"headers\":");
    add_headers(&line, message);
    buf_add_str(&line, ",\"value\":");
    add_text(&line, message->payload, message->len);
    buf_add_str(&line, ",\"value_base64\":");
    if (message->payload) {
        buf_add_char(&line, '"');
        buf_add_base64(&line, message->payload, message->len);
        buf_add_str(&line, "\"}");
    } else {
        buf_add_str(&line, "null}");
    }
    if (buf_error(&line)) {
        give_up("record", "too large");
    }
    puts(line.data);
    buf_done(&line);
}

int main(int argc, char **argv)
{
    rd_kafka_t *kafka;
    int open;

    if (argc != 3) {
        give_up("usage", "kafka_cat BOOTSTRAP_SERVERS TOPIC");
    }
    kafka = new_consumer(argv[1]);
    open = assign_all(kafka, argv[2]);
    while (open > 0) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(kafka, ANSWER_MS);
        if (!message) {
            give_up(argv[2], "no answer from the brokers");
        } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            open--;
        } else if (message->err) {
            give_up(argv[2], rd_kafka_message_errstr(message));
        } else {
            print_record(message);
        }
        rd_kafka_message_destroy(message);
    }
    rd_kafka_consumer_close(kafka);
    rd_kafka_destroy(kafka);
    return 0;
}
