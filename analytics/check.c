/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/check.h"

#include <stdio.h>

#include "analytics/kinesis.h"
#include "analytics/setup.h"
#include "lib/json.h"

enum { CHECK_TIMEOUT_MS = 10000, CHECK_BODY_CAP = 20 * 1024 * 1024 };

static bool check_stream(struct context *context)
{
    struct kinesis_shards shards = {0};
    struct error err = {0};
    struct buf request;
    struct buf answer;
    bool ok;

    buf_init(&request, 4096);
    buf_init(&answer, CHECK_BODY_CAP);
    kinesis_add_list_shards(&request, context->config->stream, NULL);
    ok = aws_call_wait(context->kinesis, "Kinesis_20131202.ListShards", buf_str(&request), CHECK_TIMEOUT_MS,
                       &answer, &err) == 0 &&
         kinesis_read_shards(buf_str(&answer), &shards, &err) == 0;
    if (ok) {
        printf("stream %s: %zu%s shards\n", context->config->stream, shards.count,
               shards.next_token ? " and more" : "");
    } else {
        printf("stream %s: %s\n", context->config->stream, err.message);
    }
    kinesis_shards_done(&shards);
    buf_done(&request);
    buf_done(&answer);
    return ok;
}

static bool check_delivery_stream(struct context *context, size_t index)
{
    const char *name = context->delivery_streams[index];
    struct error err = {0};
    struct buf request;
    struct buf answer;
    cJSON *root = NULL;
    const char *status;
    bool ok;

    buf_init(&request, 4096);
    buf_init(&answer, CHECK_BODY_CAP);
    buf_addf(&request, "{\"DeliveryStreamName\":\"%s\"}", name);
    ok = aws_call_wait(context->firehose, "Firehose_20150804.DescribeDeliveryStream", buf_str(&request),
                       CHECK_TIMEOUT_MS, &answer, &err) == 0;
    if (ok) {
        root = json_parse(answer.data, answer.len, &err);
        status = json_string(json_get(root, "DeliveryStreamDescription"), "DeliveryStreamStatus");
        ok = status && strcmp(status, "ACTIVE") == 0;
        error_set(&err, ERROR_REMOTE, true, "its status is %s", status ? status : "unknown");
    }
    printf("delivery stream %s for %s: %s\n", name, engine_target_name(context->engine, index),
           ok ? "ACTIVE" : err.message);
    cJSON_Delete(root);
    buf_done(&request);
    buf_done(&answer);
    return ok;
}

static bool check_checkpoint(const struct analytics_config *config)
{
    struct error err = {0};
    struct checkpoint *checkpoint = checkpoint_open(config->checkpoint, config->stream, &err);
    bool ok = checkpoint != NULL;

    printf("checkpoint %s: %s\n", config->checkpoint, ok ? "writable" : err.message);
    checkpoint_close(checkpoint);
    return ok;
}

int check(const struct service *service)
{
    const struct analytics_config *config = service->config;
    struct setup setup;
    struct error err = {0};
    bool ok;
    int rc = setup_init(&setup, service, &err);

    if (rc) {
        printf("%s\n", err.message);
        setup_done(&setup);
        return rc == -ERROR_CONFIG ? 2 : 1;
    }
    printf("statements in %s: right\n", config->sql);
    ok = check_checkpoint(config);
    ok = check_stream(&setup.context) && ok;
    for (size_t i = 0; i < engine_target_count(setup.context.engine); i++) {
        ok = check_delivery_stream(&setup.context, i) && ok;
    }
    setup_done(&setup);
    return ok ? 0 : 1;
}
