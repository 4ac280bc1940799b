/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/setup.h"

#include <stdio.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"

#include "local/aws/call.h"
#include "local/aws/firehose.h"
#include "local/aws/kinesis.h"
#include "local/aws/s3_path.h"
#include "local/aws/s3_store.h"

enum { NAME_CAP = 129 };

struct pair {
    char name[NAME_CAP];
    char value[NAME_CAP];
};

/* The next "name:value" of a list. 1, 0 at its end, -1 if it is wrong. */
static int next_pair(const char **list, struct pair *ret)
{
    size_t len = strcspn(*list, ",");
    const char *colon = memchr(*list, ':', len);
    size_t name_len;

    if (len == 0) {
        return **list == '\0' ? 0 : -1;
    }
    if (!colon) {
        return -1;
    }
    name_len = (size_t)(colon - *list);
    if (name_len >= sizeof(ret->name) || len - name_len - 1 >= sizeof(ret->value)) {
        return -1;
    }
    snprintf(ret->name, sizeof(ret->name), "%.*s", (int)name_len, *list);
    snprintf(ret->value, sizeof(ret->value), "%.*s", (int)(len - name_len - 1), colon + 1);
    *list += len + ((*list)[len] == ',');
    return call_is_name(ret->name) ? 1 : -1;
}

static bool read_shards(const struct pair *pair, unsigned *ret)
{
    long long shards;

    if (!str_to_int64(str_of(pair->value), 1, 1000, &shards)) {
        return false;
    }
    *ret = (unsigned)shards;
    return true;
}

const char *setup_check_streams(const char *value)
{
    struct pair pair;
    unsigned shards;
    int more;

    while ((more = next_pair(&value, &pair)) > 0) {
        if (!read_shards(&pair, &shards)) {
            break;
        }
    }
    return more == 0 ? NULL : "name:shards, separated by commas, with 1 to 1000 shards each";
}

const char *setup_check_delivery_streams(const char *value)
{
    struct pair pair;
    int more;

    while ((more = next_pair(&value, &pair)) > 0) {
        if (strlen(pair.name) > FIREHOSE_NAME_CAP || !s3_is_bucket_name(str_of(pair.value))) {
            break;
        }
    }
    return more == 0 ? NULL : "name:bucket, separated by commas, with bucket names as S3 allows them";
}

static int make_stream(struct local *local, const struct pair *pair, struct error *err)
{
    struct kinesis_stream settings = {.retention_hours = KINESIS_RETENTION_HOURS,
                                      .max_record_kib = KINESIS_RECORD_KIB};
    unsigned shards = 0;

    if (kinesis_store_find(local->kinesis, pair->name) || !read_shards(pair, &shards)) {
        return 0;
    }
    snprintf(settings.name, sizeof(settings.name), "%s", pair->name);
    if (kinesis_store_create(local->kinesis, &settings, shards, clock_wall_ms())) {
        return error_set(err, ERROR_STATE, false, "stream %s cannot be made", pair->name);
    }
    LOG_INFO("stream created", LOG_STR("stream", pair->name), LOG_UINT("shards", shards));
    return 0;
}

static int make_delivery_stream(struct local *local, const struct pair *pair, struct error *err)
{
    struct firehose_settings settings;
    int64_t now_ms = clock_wall_ms();

    if (s3_store_create_bucket(local->s3, pair->value, now_ms)) {
        return error_set(err, ERROR_STATE, false, "bucket %s cannot be made", pair->value);
    }
    if (firehose_find(local->firehose, pair->name)) {
        return 0;
    }
    firehose_settings_default(&settings);
    snprintf(settings.name, sizeof(settings.name), "%.*s", FIREHOSE_NAME_CAP, pair->name);
    snprintf(settings.bucket, sizeof(settings.bucket), "%.*s", S3_BUCKET_CAP, pair->value);
    settings.buffer_bytes = local->config->buffer_bytes;
    settings.buffer_ms = local->config->buffer_interval_ms;
    if (local->config->lambda_url) {
        snprintf(settings.function, sizeof(settings.function), "newline");
    }
    if (firehose_create(local->firehose, &settings, now_ms)) {
        return error_set(err, ERROR_STATE, false, "delivery stream %s cannot be made", pair->name);
    }
    return 0;
}

int setup_run(struct local *local, struct error *err)
{
    const char *list = local->config->streams ? local->config->streams : "";
    struct pair pair;

    while (next_pair(&list, &pair) > 0) {
        if (make_stream(local, &pair, err)) {
            return -ERROR_STATE;
        }
    }
    list = local->config->delivery_streams ? local->config->delivery_streams : "";
    while (next_pair(&list, &pair) > 0) {
        if (make_delivery_stream(local, &pair, err)) {
            return -ERROR_STATE;
        }
    }
    return 0;
}
