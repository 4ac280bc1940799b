/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/setup.h"

#include <unistd.h>

#include "analytics/files.h"
#include "analytics/shards.h"
#include "analytics/sql.h"

static int find_destinations(struct context *context, const struct analytics_config *config,
                             struct error *err)
{
    const char *tables[ENGINE_TARGETS_CAP];
    size_t count = engine_target_count(context->engine);
    char unknown[SQL_NAME_SIZE];

    for (size_t i = 0; i < count; i++) {
        tables[i] = engine_target_name(context->engine, i);
        if (!destinations_find(config->destinations, tables[i], context->delivery_streams[i])) {
            return error_set(err, ERROR_CONFIG, false, "FIREHOSE_STREAM=%s: has no delivery stream for %s",
                             config->destinations, tables[i]);
        }
    }
    if (!destinations_all_known(config->destinations, tables, count, unknown, sizeof(unknown))) {
        return error_set(err, ERROR_CONFIG, false, "FIREHOSE_STREAM=%s: no statement inserts into %s",
                         config->destinations, unknown);
    }
    return 0;
}

int setup_engine(struct context *context, const struct analytics_config *config, struct error *err)
{
    struct buf schema;
    struct buf sql;
    int rc;

    buf_init(&schema, SQL_FILE_CAP);
    buf_init(&sql, SQL_FILE_CAP);
    rc = files_read("ANALYTICS_SCHEMA", config->schema, &schema, err);
    if (rc == 0) {
        rc = files_read("ANALYTICS_SQL", config->sql, &sql, err);
    }
    if (rc == 0) {
        context->engine = engine_new(config->schema, buf_str(&schema), config->sql, buf_str(&sql), err);
        rc = context->engine ? find_destinations(context, config, err) : -(int)err->code;
    }
    buf_done(&schema);
    buf_done(&sql);
    return rc;
}

static int connect_aws(struct setup *setup, const struct service *service, struct error *err)
{
    const struct analytics_config *config = service->config;
    struct http_options options = {.user_agent = "userstream-analytics", .ca_bundle = config->aws.ca_bundle};
    struct creds_context creds = {.environment = service->environment, .region = aws_region(&config->aws)};

    setup->http = http_client_new(&options, err);
    if (!setup->http) {
        return -(int)err->code;
    }
    creds.http = setup->http;
    setup->creds = creds_chain_new(&creds);
    if (!setup->creds) {
        return error_set(err, ERROR_MEMORY, false, "out of memory");
    }
    setup->context.kinesis = aws_client_new(&config->aws, AWS_KINESIS, setup->http, setup->creds, err);
    setup->context.firehose = aws_client_new(&config->aws, AWS_FIREHOSE, setup->http, setup->creds, err);
    return setup->context.kinesis && setup->context.firehose ? 0 : -(int)err->code;
}

static int find_replica(struct context *context, const struct analytics_config *config, struct error *err)
{
    char host[256];

    if (gethostname(host, sizeof(host))) {
        host[0] = '\0';
    }
    host[sizeof(host) - 1] = '\0';
    return replica_find(config->replica, host, config->replicas, &context->replica, err);
}

int setup_init(struct setup *setup, const struct service *service, struct error *err)
{
    const struct analytics_config *config = service->config;
    int rc;

    *setup = (struct setup){.context = {.config = config}};
    if (config->start == SHARDS_AT_TIMESTAMP && !config->start_timestamp) {
        return error_set(err, ERROR_CONFIG, false,
                         "ANALYTICS_START_TIMESTAMP: is required with ANALYTICS_START=AT_TIMESTAMP");
    }
    rc = find_replica(&setup->context, config, err);
    if (rc == 0) {
        rc = setup_engine(&setup->context, config, err);
    }
    return rc ? rc : connect_aws(setup, service, err);
}

void setup_done(struct setup *setup)
{
    aws_client_free(setup->context.kinesis);
    aws_client_free(setup->context.firehose);
    creds_chain_free(setup->creds);
    http_client_free(setup->http);
    engine_free(setup->context.engine);
    *setup = (struct setup){0};
}
