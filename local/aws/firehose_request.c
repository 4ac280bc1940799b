/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/firehose_request.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "local/aws/firehose_prefix.h"
#include "local/aws/kinesis_store.h"

enum { MIB = 1024 * 1024 };

static const char destination_id[] = "destinationId-000000000001";

int firehose_request_refuse(struct call *call, const char *text)
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

/* Where a member is absent, what is set stays. */
static int read_prefixes(struct call *call, const cJSON *destination, struct firehose_settings *ret)
{
    const char *prefix = json_string(destination, "Prefix");
    const char *error_prefix = json_string(destination, "ErrorOutputPrefix");
    const char *problem;

    prefix = prefix ? prefix : ret->prefix;
    error_prefix = error_prefix ? error_prefix : ret->error_prefix;
    problem = firehose_prefix_problem(prefix, false);
    if (problem) {
        return call_fail(call, 400, "InvalidArgumentException", "Prefix %s", problem);
    }
    problem = firehose_prefix_problem(error_prefix, true);
    if (problem) {
        return call_fail(call, 400, "InvalidArgumentException", "ErrorOutputPrefix %s", problem);
    }
    if (strstr(prefix, "!{") && !error_prefix[0]) {
        return firehose_request_refuse(call,
                                       "ErrorOutputPrefix must be given when Prefix contains expressions");
    }
    if (prefix != ret->prefix) {
        snprintf(ret->prefix, sizeof(ret->prefix), "%s", prefix);
    }
    if (error_prefix != ret->error_prefix) {
        snprintf(ret->error_prefix, sizeof(ret->error_prefix), "%s", error_prefix);
    }
    return 0;
}

static int read_hints(struct call *call, const cJSON *destination, struct firehose_settings *ret)
{
    const cJSON *hints = json_get(destination, "BufferingHints");
    long long size;
    long long interval;
    bool has_size = json_get(hints, "SizeInMBs") != NULL;

    if (has_size != (json_get(hints, "IntervalInSeconds") != NULL)) {
        return firehose_request_refuse(
            call, "BufferingHints needs both SizeInMBs and IntervalInSeconds, or neither");
    }
    if (!has_size) {
        return 0;
    }
    if (!json_int64(hints, "SizeInMBs", 1, 128, &size) ||
        !json_int64(hints, "IntervalInSeconds", 0, 900, &interval)) {
        return call_invalid(call, "extendedS3DestinationConfiguration.bufferingHints",
                            "have SizeInMBs from 1 to 128 and IntervalInSeconds from 0 to 900");
    }
    ret->buffer_bytes = size * MIB;
    ret->buffer_ms = interval * 1000;
    return 0;
}

static int read_compression(struct call *call, const cJSON *destination, struct firehose_settings *ret)
{
    const char *format = json_string(destination, "CompressionFormat");

    if (!format) {
        return 0;
    }
    if (strcmp(format, "UNCOMPRESSED") != 0 && strcmp(format, "GZIP") != 0) {
        return strcmp(format, "ZIP") == 0 || strcmp(format, "Snappy") == 0 ||
                       strcmp(format, "HADOOP_SNAPPY") == 0
                   ? firehose_request_refuse(call,
                                             "local-aws has the compression formats UNCOMPRESSED and GZIP")
                   : call_invalid(call, "extendedS3DestinationConfiguration.compressionFormat",
                                  "satisfy enum value set: [UNCOMPRESSED, GZIP, ZIP, Snappy, HADOOP_SNAPPY]");
    }
    ret->gzip = strcmp(format, "GZIP") == 0;
    return 0;
}

/* ".json": a dot and what can stand in a key without quoting, or nothing. */
static int read_extension(struct call *call, const cJSON *destination, struct firehose_settings *ret)
{
    static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyz!-_.*'()";
    const char *extension = json_string(destination, "FileExtension");

    if (!extension) {
        return 0;
    }
    if (strlen(extension) > FIREHOSE_EXTENSION_CAP ||
        (extension[0] && (extension[0] != '.' || !extension[1] || extension[strspn(extension, allowed)]))) {
        return call_invalid(call, "extendedS3DestinationConfiguration.fileExtension",
                            "satisfy regular expression pattern: ^$|\\.[0-9a-z!\\-_.*'()]+");
    }
    snprintf(ret->extension, sizeof(ret->extension), "%s", extension);
    return 0;
}

/* All that a destination says, over what is set. */
static int read_destination(struct call *call, const cJSON *destination, struct firehose_settings *ret)
{
    const char *role = json_string(destination, "RoleARN");
    const cJSON *processing = json_get(destination, "ProcessingConfiguration");

    if (role) {
        snprintf(ret->role_arn, sizeof(ret->role_arn), "%s", role);
    }
    if ((!ret->bucket[0] || json_get(destination, "BucketARN")) && read_bucket(call, destination, ret)) {
        return CALL_REFUSED;
    }
    if (read_prefixes(call, destination, ret) || read_hints(call, destination, ret) ||
        read_compression(call, destination, ret) || read_extension(call, destination, ret)) {
        return CALL_REFUSED;
    }
    return processing ? firehose_processors_read(call, processing, ret) : 0;
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
        return firehose_request_refuse(call, "local-aws has the types DirectPut and KinesisStreamAsSource");
    }
    name = arn ? call_arn_name(call, arn, "kinesis", "stream") : NULL;
    if (!name) {
        return firehose_request_refuse(
            call, "KinesisStreamSourceConfiguration needs the KinesisStreamARN of this region");
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
    const cJSON *destination = json_get(call->input, "ExtendedS3DestinationConfiguration");
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
    destination = destination ? destination : json_get(call->input, "S3DestinationConfiguration");
    if (!destination) {
        return firehose_request_refuse(
            call, "local-aws delivers to S3 only: ExtendedS3DestinationConfiguration must be given");
    }
    return read_source(call, ret) || read_destination(call, destination, ret) ? CALL_REFUSED : 0;
}

int firehose_request_update(struct call *call, struct firehose_settings *settings)
{
    const cJSON *destination = json_get(call->input, "ExtendedS3DestinationUpdate");
    const char *version;
    const char *id;
    char current[24];

    if (call_text(call, "CurrentDeliveryStreamVersionId", true, 50, &version) ||
        call_text(call, "DestinationId", true, 100, &id)) {
        return CALL_REFUSED;
    }
    destination = destination ? destination : json_get(call->input, "S3DestinationUpdate");
    if (!destination) {
        return firehose_request_refuse(
            call, "local-aws delivers to S3 only: ExtendedS3DestinationUpdate must be given");
    }
    if (strcmp(id, destination_id) != 0) {
        return firehose_request_refuse(call, "Destination Id not found");
    }
    snprintf(current, sizeof(current), "%" PRId64, settings->version);
    if (strcmp(version, current) != 0) {
        return call_fail(call, 400, "ConcurrentModificationException",
                         "Cannot update firehose: %s since the current version id: %s and specified version "
                         "id: %s do not match",
                         settings->name, current, version);
    }
    return read_destination(call, destination, settings);
}

/* --- writing ---------------------------------------------------------------------------------------------
 */

static void add_text(struct buf *out, const char *name, const char *text)
{
    buf_addf(out, "\"%s\":", name);
    buf_add_json_string(out, text, strlen(text));
    buf_add_char(out, ',');
}

static void add_destination(struct call *call, const struct firehose_settings *settings)
{
    struct buf *out = &call->output;

    buf_addf(out, "{\"DestinationId\":\"%s\",\"ExtendedS3DestinationDescription\":{", destination_id);
    add_text(out, "RoleARN", settings->role_arn);
    buf_addf(out, "\"BucketARN\":\"arn:aws:s3:::%s\",", settings->bucket);
    add_text(out, "Prefix", settings->prefix);
    add_text(out, "ErrorOutputPrefix", settings->error_prefix);
    buf_addf(out, "\"BufferingHints\":{\"SizeInMBs\":%" PRId64 ",\"IntervalInSeconds\":%" PRId64 "},",
             (settings->buffer_bytes + MIB - 1) / MIB, (settings->buffer_ms + 999) / 1000);
    buf_addf(out, "\"CompressionFormat\":\"%s\",", settings->gzip ? "GZIP" : "UNCOMPRESSED");
    add_text(out, "FileExtension", settings->extension);
    buf_add_str(out, "\"EncryptionConfiguration\":{\"NoEncryptionConfig\":\"NoEncryption\"},"
                     "\"CloudWatchLoggingOptions\":{\"Enabled\":false},\"S3BackupMode\":\"Disabled\",");
    firehose_processors_add(call, settings);
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
