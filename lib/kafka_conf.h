/* SPDX-License-Identifier: Apache-2.0 */
/*
 * librdkafka's configuration, as the fetcher and the forwarder share it: KAFKA_BOOTSTRAP_SERVERS, then the
 * service's own settings, then every other KAFKA_<PROPERTY> of the environment with dots for underscores
 * (KAFKA_SECURITY_PROTOCOL -> security.protocol), which goes before the defaults but may not change what the
 * service's promise rests on. KAFKA_<PROPERTY>_FILE names a file that holds the value, for secrets.
 * librdkafka's log lines go to lib/log.
 */
#ifndef LIB_KAFKA_CONF_H
#define LIB_KAFKA_CONF_H

#include <librdkafka/rdkafka.h>

#include "lib/attr.h"
#include "lib/error.h"

struct kafka_setting {
    const char *name;
    const char *value;
    bool fixed; /* the environment may not change it: trying to is an error that says why */
};

/* The value of KAFKA_SASL_MECHANISMS that is none of librdkafka's: see lib/kafka_iam.h. */
#define KAFKA_MECHANISM_MSK_IAM "AWS_MSK_IAM"

/* Variables of the services themselves, which are no librdkafka properties. Ends with NULL. */
extern const char *const kafka_own_variables[];

/*
 * A new rd_kafka_conf_t, or NULL with err filled: unknown property, bad value, or a fixed setting in the
 * environment, each named with its variable. Settings end with name NULL.
 */
rd_kafka_conf_t *kafka_conf_new(char *const *environment, const char *bootstrap_servers,
                                const struct kafka_setting *settings, struct error *err);

/*
 * Asks the brokers for metadata of a topic, for --check and start-up. Returns 0 with the number of
 * partitions, or a negative code: ERROR_NETWORK if no broker answered, ERROR_STATE if there is no such topic.
 */
int kafka_topic_partitions(rd_kafka_t *kafka, const char *topic, int timeout_ms, int *ret_partitions,
                           struct error *err) MUST_USE;

#endif
