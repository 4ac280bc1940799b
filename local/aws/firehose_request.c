/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/firehose_request.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "local/aws/firehose_prefix.h"
#include "local/aws/kinesis_store.h"

enum { MIB = 1024 * 1024 };

static int refuse(struct call *call, const char *text)
{
    return call_fail(call, 400, "InvalidArgumentException", "%s", text);
}

/* --- reading ---------------------------------------------------------------------------------------------
 */

static int read_bucket(struct call *call, const cJSON *destination, struct firehose_settings *ret)
{
    const char *arn = json_string(destination, "BucketARN");
    const char *name = arn && strncmp(arn, "arn:aws", 7) == 0 ? strstr(arn, ":s3:::") : NULL;

    if (!name || !s3_is_bucket_name(str_of(name + 6))) {
        return call_invalid(call, "extendedS3DestinationConfiguration.bucketARN", "be the ARN of a bucket");
    }
    snprintf(ret->bucket, sizeof(ret->bucket), "%s", name + 6);
    return 0;
}

static int read_prefixes(struct call *call, const cJSON *destination, struct firehose_settings *ret)
{
    const char *prefix = json_string(destination, "Prefix");
    const char *error_prefix = json_string(destination, "ErrorOutputPrefix");
    const char *problem = firehose_prefix_problem(prefix ? prefix : "", false);

    if (problem) {
        return call_fail(call, 400, "InvalidArgumentException", "Prefix %s", problem);
    }
    problem = firehose_prefix_problem(error_prefix ? error_prefix : "", true);
    if (problem) {
        return call_fail(call, 400, "InvalidArgumentException", "ErrorOutputPrefix %s", problem);
    }
    if (prefix && strstr(prefix, "!{") && !error_prefix) {
        return refuse(call, "ErrorOutputPrefix must be given when Prefix contains expressions");
    }
    snprintf(ret->prefix, sizeof(ret->prefix), "%s", prefix ? prefix : "");
    snprintf(ret->error_prefix, sizeof(ret->error_prefix), "%s", error_prefix ? error_prefix : "");
    return 0;
}

static int read_hints(struct call *call, const cJSON *destination, struct firehose_settings *ret)
{
    const cJSON *hints = json_get(destination, "BufferingHints");
    long long size = ret->buffer_bytes / MIB;
    long long interval = ret->buffer_ms / 1000;
    bool has_size = json_get(hints, "SizeInMBs") != NULL;

    if (!hints) {
        return 0;
    }
    if (has_size != (json_get(hints, "IntervalInSeconds") != NULL)) {
        return refuse(call, "BufferingHints needs both SizeInMBs and IntervalInSeconds, or neither");
    }
    if (has_size && (!json_int64(hints, "SizeInMBs", 1, 128, &size) ||
                     !json_int64(hints, "IntervalInSeconds", 0, 900, &interval))) {
        return call_invalid(call, "extendedS3DestinationConfiguration.bufferingHints",
                            "have SizeInMBs from 1 to 128 and IntervalInSeconds from 0 to 900");
    }
    ret->buffer_bytes = size * MIB;
    ret->buffer_ms = interval * 1000;
    return 0;
}

/* The function's name in "arn:aws:lambda:region:account:function:name[:version]". */
static int read_function(struct call *call, const char *arn, struct firehose_settings *ret)
{
    const char *name = strncmp(arn, "arn:aws", 7) == 0 ? strstr(arn, ":function:") : NULL;
    size_t len = name ? strcspn(name + 10, ":") : 0;

    if (len == 0 || len > FIREHOSE_FUNCTION_CAP) {
        return refuse(call, "LambdaArn must be the ARN of a function");
    }
    if (!call->local->config->lambda_url) {
        return refuse(call, "local-aws can call no function: LOCAL_AWS_LAMBDA_URL is not set");
    }
    snprintf(ret->function, sizeof(ret->function), "%.*s", (int)len, name + 10);
    return call_is_name(ret->function) ? 0 : refuse(call, "LambdaArn must be the ARN of a function");
}

/* "0.2" to "3": whole or with one decimal. */
static bool read_mebibytes(const char *text, int64_t *ret_bytes)
{
    const char *point = strchr(text, '.');
    struct str whole = {text, point ? (size_t)(point - text) : strlen(text)};
    long long units = 0;
    long long tenths = 0;

    if (!str_to_int64(whole, 0, 3, &units) ||
        (point && (strlen(point) != 2 || !str_to_int64(str_of(point + 1), 0, 9, &tenths)))) {
        return false;
    }
    tenths += units * 10;
    *ret_bytes = tenths * MIB / 10;
    return tenths >= 2 && tenths <= 30;
}

static int read_parameter(struct call *call, const cJSON *item, struct firehose_settings *ret)
{
    const char *name = json_string(item, "ParameterName");
    const char *value = json_string(item, "ParameterValue");
    long long number;

    if (!name || !value) {
        return call_invalid(call, "processors.parameters", "have ParameterName and ParameterValue");
    }
    if (strcmp(name, "LambdaArn") == 0) {
        return read_function(call, value, ret);
    }
    if (strcmp(name, "NumberOfRetries") == 0) {
        if (!str_to_int64(str_of(value), 0, 300, &number)) {
            return refuse(call, "NumberOfRetries must be from 0 to 300");
        }
        ret->retries = number;
    } else if (strcmp(name, "BufferSizeInMBs") == 0) {
        if (!read_mebibytes(value, &ret->transform_bytes)) {
            return refuse(call, "BufferSizeInMBs must be from 0.2 to 3");
        }
    }
    return 0; /* RoleArn, BufferIntervalInSeconds: batches go on with the destination's flush at the latest */
}

static int read_processors(struct call *call, const cJSON *destination, struct firehose_settings *ret)
{
    const cJSON *configuration = json_get(destination, "ProcessingConfiguration");
    const cJSON *processors = json_get(configuration, "Processors");
    const cJSON *processor;
    const cJSON *item;

    if (!json_bool(configuration, "Enabled", false)) {
        return 0;
    }
    if (cJSON_GetArraySize(processors) > 1) {
        return refuse(call, "local-aws has one processor per delivery stream, of type Lambda");
    }
    cJSON_ArrayForEach(processor, processors)
    {
        const char *type = json_string(processor, "Type");
        if (!type || strcmp(type, "Lambda") != 0) {
            return refuse(call, "local-aws has one processor per delivery stream, of type Lambda");
        }
        cJSON_ArrayForEach(item, json_get(processor, "Parameters"))
        {
            if (read_parameter(call, item, ret)) {
                return CALL_REFUSED;
            }
        }
        if (!ret->function[0]) {
            return refuse(call, "A Lambda processor needs the parameter LambdaArn");
        }
    }
    return 0;
}

static int read_destination(struct call *call, struct firehose_settings *ret)
{
    const cJSON *destination = json_get(call->input, "ExtendedS3DestinationConfiguration");
    const char *compression;
    const char *role;

    destination = destination ? destination : json_get(call->input, "S3DestinationConfiguration");
    if (!destination) {
        return refuse(call,
                      "local-aws delivers to S3 only: ExtendedS3DestinationConfiguration must be given");
    }
    compression = json_string(destination, "CompressionFormat");
    if (compression && strcmp(compression, "UNCOMPRESSED") != 0) {
        return refuse(call, "local-aws does not compress: CompressionFormat must be UNCOMPRESSED");
    }
    role = json_string(destination, "RoleARN");
    snprintf(ret->role_arn, sizeof(ret->role_arn), "%s", role ? role : "");
    if (read_bucket(call, destination, ret) || read_prefixes(call, destination, ret) ||
        read_hints(call, destination, ret)) {
        return CALL_REFUSED;
    }
    return read_processors(call, destination, ret);
}

static int read_source(struct call *call, struct firehose_settings *ret)
{
    const char *type = json_string(call->input, "DeliveryStreamType");
    const char *arn =
        json_string(json_get(call->input, "KinesisStreamSourceConfiguration"), "KinesisStreamARN");
    const char *name;

    if (!type || strcmp(type, "DirectPut") == 0) {
        return 0;
    }
    if (strcmp(type, "KinesisStreamAsSource") != 0) {
        return refuse(call, "local-aws has the types DirectPut and KinesisStreamAsSource");
    }
    name = arn ? call_arn_name(call, arn, "kinesis", "stream") : NULL;
    if (!name) {
        return refuse(call, "KinesisStreamSourceConfiguration needs the KinesisStreamARN of this region");
    }
    if (!kinesis_store_find(call->local->kinesis, name)) {
        return call_fail(call, 400, "ResourceNotFoundException", "Stream %s under account %s not found.",
                         name, LOCAL_ACCOUNT);
    }
    snprintf(ret->source, sizeof(ret->source), "%s", name);
    return 0;
}

int firehose_request_settings(struct call *call, struct firehose_settings *ret)
{
    const char *name;

    firehose_settings_default(ret);
    if (call_text(call, "DeliveryStreamName", true, FIREHOSE_NAME_CAP, &name)) {
        return CALL_REFUSED;
    }
    if (!call_is_name(name)) {
        return call_invalid(call, "deliveryStreamName",
                            "satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
    }
    snprintf(ret->name, sizeof(ret->name), "%s", name);
    return read_source(call, ret) || read_destination(call, ret) ? CALL_REFUSED : 0;
}

/* --- writing ---------------------------------------------------------------------------------------------
 */

static void add_parameter(struct buf *out, const char *name, const char *value)
{
    buf_addf(out, "{\"ParameterName\":\"%s\",\"ParameterValue\":\"%s\"}", name, value);
}

static void add_processing(struct call *call, const struct firehose_settings *settings)
{
    char arn[FIREHOSE_ARN_CAP];
    char retries[24];

    buf_addf(&call->output, "\"ProcessingConfiguration\":{\"Enabled\":%s,\"Processors\":[",
             settings->function[0] ? "true" : "false");
    if (settings->function[0]) {
        firehose_function_arn(call->local, settings->function, arn);
        snprintf(retries, sizeof(retries), "%" PRId64, settings->retries);
        buf_add_str(&call->output, "{\"Type\":\"Lambda\",\"Parameters\":[");
        add_parameter(&call->output, "LambdaArn", arn);
        buf_add_char(&call->output, ',');
        add_parameter(&call->output, "NumberOfRetries", retries);
        buf_add_str(&call->output, "]}");
    }
    buf_add_str(&call->output, "]}");
}

static void add_text(struct buf *out, const char *name, const char *text)
{
    buf_addf(out, "\"%s\":", name);
    buf_add_json_string(out, text, strlen(text));
    buf_add_char(out, ',');
}

static void add_destination(struct call *call, const struct firehose_settings *settings)
{
    struct buf *out = &call->output;

    buf_add_str(out,
                "{\"DestinationId\":\"destinationId-000000000001\",\"ExtendedS3DestinationDescription\":{");
    add_text(out, "RoleARN", settings->role_arn);
    buf_addf(out, "\"BucketARN\":\"arn:aws:s3:::%s\",", settings->bucket);
    add_text(out, "Prefix", settings->prefix);
    add_text(out, "ErrorOutputPrefix", settings->error_prefix);
    buf_addf(out, "\"BufferingHints\":{\"SizeInMBs\":%" PRId64 ",\"IntervalInSeconds\":%" PRId64 "},",
             (settings->buffer_bytes + MIB - 1) / MIB, (settings->buffer_ms + 999) / 1000);
    buf_add_str(out, "\"CompressionFormat\":\"UNCOMPRESSED\","
                     "\"EncryptionConfiguration\":{\"NoEncryptionConfig\":\"NoEncryption\"},"
                     "\"CloudWatchLoggingOptions\":{\"Enabled\":false},\"S3BackupMode\":\"Disabled\",");
    add_processing(call, settings);
    buf_add_str(out, "}}");
}

void firehose_request_describe(struct call *call, const struct firehose_stream *stream)
{
    const struct firehose_settings *settings = &stream->settings;
    struct buf *out = &call->output;
    char arn[FIREHOSE_ARN_CAP];

    firehose_arn(call->local, settings->name, arn);
    buf_addf(out,
             "{\"DeliveryStreamDescription\":{\"DeliveryStreamName\":\"%s\",\"DeliveryStreamARN\":\"%s\",",
             settings->name, arn);
    buf_addf(out,
             "\"DeliveryStreamStatus\":\"ACTIVE\",\"DeliveryStreamType\":\"%s\",\"VersionId\":\"%" PRId64
             "\",\"CreateTimestamp\":",
             settings->source[0] ? "KinesisStreamAsSource" : "DirectPut", settings->version);
    call_add_time(out, stream->created_ms);
    if (settings->source[0]) {
        buf_addf(out,
                 ",\"Source\":{\"KinesisStreamSourceDescription\":{\"KinesisStreamARN\":"
                 "\"arn:aws:kinesis:%s:%s:stream/%s\"}}",
                 call->local->config->region, LOCAL_ACCOUNT, settings->source);
    }
    buf_add_str(out, ",\"Destinations\":[");
    add_destination(call, settings);
    buf_add_str(out, "],\"HasMoreDestinations\":false}}");
}
