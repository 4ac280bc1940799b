/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kafka on Amazon MSK with IAM: KAFKA_SASL_MECHANISMS=AWS_MSK_IAM makes the client authenticate by SASL
 * OAUTHBEARER with a token signed with AWS credentials (lib/msk_iam.h), over TLS unless
 * KAFKA_SECURITY_PROTOCOL says otherwise. librdkafka asks for a new token before the old one ends; it asks on
 * the thread that polls, so tokens are made there, from the process's credentials chain.
 */
#ifndef LIB_KAFKA_IAM_H
#define LIB_KAFKA_IAM_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/creds.h"
#include "lib/error.h"

/* Where tokens come from. Borrowed by the clients for their life. */
struct kafka_iam {
    struct creds_chain *creds;
    const char *region;
};

/* One client's side of it. */
struct kafka_iam_client {
    const struct kafka_iam *source; /* NULL: the client does not use IAM */
    int64_t due_since_ms;           /* monotonic; 0: no token is asked for */
};

/* True if the environment asks for it. */
bool kafka_iam_wanted(char *const *environment);
/*
 * Prepares a client's configuration: sets what OAUTHBEARER needs and the callback, if the environment asks
 * for it. `on_refresh` gets the configuration's opaque and calls kafka_iam_ask(). Returns 0 or a negative
 * code.
 */
int kafka_iam_configure(struct kafka_iam_client *client, const struct kafka_iam *source,
                        rd_kafka_conf_t *conf, char *const *environment,
                        void (*on_refresh)(rd_kafka_t *kafka, const char *config, void *opaque),
                        struct error *err) MUST_USE;
/* librdkafka asks for a token. */
void kafka_iam_ask(struct kafka_iam_client *client);
/* Gives the token that is due, if the credentials are there. Called with every poll of the client. */
void kafka_iam_run(struct kafka_iam_client *client, rd_kafka_t *kafka);
/* True while a token is due, so that the client is to be polled again soon. */
bool kafka_iam_due(const struct kafka_iam_client *client);

#endif
