/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/kafka_iam.h"

#include <string.h>

#include "lib/clock.h"
#include "lib/config.h"
#include "lib/kafka_conf.h"
#include "lib/msk_iam.h"

enum {
    /* How long credentials may take before librdkafka is told of a failure. It asks again after ten seconds.
     */
    PATIENCE_MS = 5000
};

static const char user_agent[] = "userstream";

bool kafka_iam_wanted(char *const *environment)
{
    const char *mechanism = config_lookup(environment, "KAFKA_SASL_MECHANISMS");

    if (!mechanism) {
        mechanism = config_lookup(environment, "KAFKA_SASL_MECHANISM");
    }
    return mechanism && strcmp(mechanism, KAFKA_MECHANISM_MSK_IAM) == 0;
}

static int set(rd_kafka_conf_t *conf, const char *name, const char *value, struct error *err)
{
    char reason[256];

    if (rd_kafka_conf_set(conf, name, value, reason, sizeof(reason)) != RD_KAFKA_CONF_OK) {
        return error_set(err, ERROR_CONFIG, false, "%s", reason);
    }
    return 0;
}

int kafka_iam_configure(struct kafka_iam_client *client, const struct kafka_iam *source,
                        rd_kafka_conf_t *conf, char *const *environment,
                        void (*on_refresh)(rd_kafka_t *kafka, const char *config, void *opaque),
                        struct error *err)
{
    if (!kafka_iam_wanted(environment)) {
        return 0;
    }
    if (!source || !source->region) {
        return error_set(err, ERROR_CONFIG, false,
                         "KAFKA_SASL_MECHANISMS=%s needs AWS_REGION, the region of the MSK cluster",
                         KAFKA_MECHANISM_MSK_IAM);
    }
    if (set(conf, "sasl.mechanisms", "OAUTHBEARER", err) ||
        (!config_lookup(environment, "KAFKA_SECURITY_PROTOCOL") &&
         set(conf, "security.protocol", "SASL_SSL", err))) {
        return -(int)err->code;
    }
    rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf, on_refresh);
    client->source = source;
    return 0;
}

void kafka_iam_ask(struct kafka_iam_client *client)
{
    if (client->due_since_ms == 0) {
        client->due_since_ms = clock_monotonic_ms();
    }
}

bool kafka_iam_due(const struct kafka_iam_client *client)
{
    return client->due_since_ms != 0;
}

static void give_token(const struct kafka_iam_client *client, const struct creds *creds, rd_kafka_t *kafka)
{
    struct buf token;
    int64_t expires_ms = 0;
    char reason[256] = "the token cannot be made; is AWS_REGION right?";
    bool given;

    buf_init(&token, MSK_IAM_TOKEN_CAP);
    given = !msk_iam_token(creds, client->source->region, user_agent, clock_wall_ms(), &token, &expires_ms) &&
            rd_kafka_oauthbearer_set_token(kafka, token.data, expires_ms, user_agent, NULL, 0, reason,
                                           sizeof(reason)) == RD_KAFKA_RESP_ERR_NO_ERROR;
    buf_done_secret(&token);
    if (!given) {
        rd_kafka_oauthbearer_set_token_failure(kafka, reason);
    }
}

void kafka_iam_run(struct kafka_iam_client *client, rd_kafka_t *kafka)
{
    const struct creds *creds;
    struct error err;

    if (!kafka_iam_due(client)) {
        return;
    }
    creds = creds_chain_get(client->source->creds, clock_wall_ms(), &err);
    if (creds) {
        client->due_since_ms = 0;
        give_token(client, creds, kafka);
    } else if (!err.retriable || clock_monotonic_ms() - client->due_since_ms > PATIENCE_MS) {
        client->due_since_ms = 0;
        rd_kafka_oauthbearer_set_token_failure(kafka, err.message);
    }
}
