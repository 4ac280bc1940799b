/* SPDX-License-Identifier: Apache-2.0 */
#include "local/kafka/broker.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdlib.h>

enum { BROKER_ID = 1 };

struct broker {
    rd_kafka_t *kafka; /* the mock cluster lives inside a client instance */
    rd_kafka_mock_cluster_t *cluster;
};

struct broker *broker_new(struct error *err)
{
    struct broker *broker = calloc(1, sizeof(*broker));
    char reason[256];

    if (!broker) {
        error_set(err, ERROR_MEMORY, false, "out of memory");
        return NULL;
    }
    broker->kafka = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), reason, sizeof(reason));
    if (!broker->kafka) {
        error_set(err, ERROR_IO, false, "cannot start the embedded broker: %s", reason);
        goto fail;
    }
    broker->cluster = rd_kafka_mock_cluster_new(broker->kafka, 1);
    if (!broker->cluster) {
        error_set(err, ERROR_IO, false, "cannot start the embedded broker: no port on 127.0.0.1?");
        goto fail;
    }
    return broker;

fail:
    broker_free(broker);
    return NULL;
}

void broker_free(struct broker *broker)
{
    if (!broker) {
        return;
    }
    if (broker->cluster) {
        rd_kafka_mock_cluster_destroy(broker->cluster);
    }
    if (broker->kafka) {
        rd_kafka_destroy(broker->kafka);
    }
    free(broker);
}

const char *broker_bootstrap(const struct broker *broker)
{
    return rd_kafka_mock_cluster_bootstraps(broker->cluster);
}

int broker_create_topic(struct broker *broker, const char *topic, int partitions, struct error *err)
{
    rd_kafka_resp_err_t failure = rd_kafka_mock_topic_create(broker->cluster, topic, partitions, 1);

    if (failure) {
        return error_set(err, ERROR_CONFIG, false, "topic %s: %s", topic, rd_kafka_err2str(failure));
    }
    return 0;
}

void broker_set_down(struct broker *broker, bool down)
{
    if (down) {
        rd_kafka_mock_broker_set_down(broker->cluster, BROKER_ID);
    } else {
        rd_kafka_mock_broker_set_up(broker->cluster, BROKER_ID);
    }
}

void broker_set_topic_error(struct broker *broker, const char *topic, int code)
{
    rd_kafka_mock_topic_set_error(broker->cluster, topic, (rd_kafka_resp_err_t)code);
}
