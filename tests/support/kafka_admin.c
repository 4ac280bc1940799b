/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks into a Kafka cluster and arranges it, for tests:
 *
 *   kafka_admin BOOTSTRAP create TOPIC PARTITIONS [NAME=VALUE]...
 *   kafka_admin BOOTSTRAP committed GROUP TOPIC PARTITIONS
 *       The group's committed offsets as JSON: [12,0,-1,...]; -1 where there is none.
 *   kafka_admin BOOTSTRAP members GROUP
 *       The group's state, then its members' ids, one a line.
 */
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/str.h"

enum { TIMEOUT_MS = 30000, TEXT_SIZE = 512 };

static void die(const char *what, const char *why)
{
    fprintf(stderr, "kafka_admin: %s: %s\n", what, why);
    exit(1);
}

static rd_kafka_t *connect_as(rd_kafka_type_t type, const char *bootstrap, const char *group)
{
    const char *settings[][2] = {{"bootstrap.servers", bootstrap},
                                 {"group.id", group},
                                 {"enable.auto.commit", "false"},
                                 {"enable.partition.eof", "true"},
                                 {"log_level", "3"}};
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char reason[TEXT_SIZE];
    rd_kafka_t *kafka;

    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        if (rd_kafka_conf_set(conf, settings[i][0], settings[i][1], reason, sizeof(reason)) !=
            RD_KAFKA_CONF_OK) {
            die(settings[i][0], reason);
        }
    }
    kafka = rd_kafka_new(type, conf, reason, sizeof(reason));
    if (!kafka) {
        die("client", reason);
    }
    return kafka;
}

static int number(const char *text)
{
    long long value;

    if (!str_to_int64(str_of(text), 0, 10000, &value)) {
        die(text, "no number");
    }
    return (int)value;
}

/* --- create --------------------------------------------------------------------------------------------- */

static void check_created(rd_kafka_event_t *event)
{
    const rd_kafka_CreateTopics_result_t *result = rd_kafka_event_CreateTopics_result(event);
    const rd_kafka_topic_result_t **topics;
    size_t count = 0;

    if (rd_kafka_event_error(event)) {
        die("create", rd_kafka_event_error_string(event));
    }
    topics = rd_kafka_CreateTopics_result_topics(result, &count);
    for (size_t i = 0; i < count; i++) {
        if (rd_kafka_topic_result_error(topics[i])) {
            die(rd_kafka_topic_result_name(topics[i]), rd_kafka_topic_result_error_string(topics[i]));
        }
    }
}

static void create(const char *bootstrap, const char *name, int partitions, char **settings)
{
    rd_kafka_t *kafka = connect_as(RD_KAFKA_PRODUCER, bootstrap, "kafka-admin");
    rd_kafka_queue_t *queue = rd_kafka_queue_new(kafka);
    char reason[TEXT_SIZE];
    rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(name, partitions, 1, reason, sizeof(reason));
    rd_kafka_event_t *event;

    if (!topic) {
        die(name, reason);
    }
    for (; *settings; settings++) {
        char *value = strchr(*settings, '=');
        if (!value) {
            die(*settings, "no NAME=VALUE");
        }
        *value++ = '\0';
        rd_kafka_NewTopic_set_config(topic, *settings, value);
    }
    rd_kafka_CreateTopics(kafka, &topic, 1, NULL, queue);
    event = rd_kafka_queue_poll(queue, TIMEOUT_MS);
    if (!event) {
        die("create", "no answer");
    }
    check_created(event);
    rd_kafka_event_destroy(event);
    rd_kafka_NewTopic_destroy(topic);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(kafka);
}

/* --- committed ------------------------------------------------------------------------------------------ */

static void committed(const char *bootstrap, const char *group, const char *topic, int partitions)
{
    rd_kafka_t *kafka = connect_as(RD_KAFKA_CONSUMER, bootstrap, group);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
    rd_kafka_resp_err_t failure;

    rd_kafka_topic_partition_list_add_range(list, topic, 0, partitions - 1);
    failure = rd_kafka_committed(kafka, list, TIMEOUT_MS);
    if (failure) {
        die("committed", rd_kafka_err2str(failure));
    }
    for (int i = 0; i < list->cnt; i++) {
        printf("%s%lld", i == 0 ? "[" : ",",
               list->elems[i].offset < 0 ? -1LL : (long long)list->elems[i].offset);
    }
    printf("]\n");
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_destroy(kafka);
}

/* --- members -------------------------------------------------------------------------------------------- */

static void members(const char *bootstrap, const char *group)
{
    rd_kafka_t *kafka = connect_as(RD_KAFKA_CONSUMER, bootstrap, group);
    const struct rd_kafka_group_list *list;
    rd_kafka_resp_err_t failure = rd_kafka_list_groups(kafka, group, &list, TIMEOUT_MS);

    if (failure || list->group_cnt != 1) {
        die(group, failure ? rd_kafka_err2str(failure) : "no such group");
    }
    printf("%s\n", list->groups[0].state);
    for (int i = 0; i < list->groups[0].member_cnt; i++) {
        printf("%s\n", list->groups[0].members[i].member_id);
    }
    rd_kafka_group_list_destroy(list);
    rd_kafka_destroy(kafka);
}

int main(int argc, char **argv)
{
    if (argc >= 5 && !strcmp(argv[2], "create")) {
        create(argv[1], argv[3], number(argv[4]), argv + 5);
    } else if (argc == 6 && !strcmp(argv[2], "committed")) {
        committed(argv[1], argv[3], argv[4], number(argv[5]));
    } else if (argc == 4 && !strcmp(argv[2], "members")) {
        members(argv[1], argv[3]);
    } else {
        fprintf(stderr, "usage: kafka_admin BOOTSTRAP create TOPIC PARTITIONS [NAME=VALUE]... |\n"
                        "       committed GROUP TOPIC PARTITIONS | members GROUP\n");
        return 2;
    }
    return 0;
}
