/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/config.h"

#include "forwarder/batch.h"

/*
 * At least four eighths of the buffer are for records in hand (consumer_queue_share()). One of these, at
 * most, is where aggregates are put together; what is put together is in hand already.
 */
enum { AGGREGATE_BUFFER_SHARE = 8 };

static const char *const orders[] = {"key", "none", NULL};
static const char *const poisons[] = {"dlq", "stop", "drop", NULL};
static const char *const null_values[] = {"empty", "dlq", "drop", NULL};

static const char *check_partition_key(const char *value)
{
    enum key_source source;
    const char *header;

    return key_parse_source(value, &source, &header) ? NULL : "key, header:<name>, partition or random";
}

static const char *check_aggregation(const void *loaded)
{
    const struct forwarder_config *config = loaded;
    enum key_source source;
    const char *header;

    if (config->aggregate_bytes == 0) {
        return NULL;
    }
    if (config->order != ORDER_KEY) {
        return "FORWARDER_AGGREGATE_BYTES needs FORWARDER_ORDER=key: what is aggregated is what waits for "
               "its key";
    }
    if (key_parse_source(config->partition_key, &source, &header) && source == KEY_RANDOM) {
        return "FORWARDER_AGGREGATE_BYTES is of no use with FORWARDER_PARTITION_KEY=random, where nothing "
               "waits for its key";
    }
    if (config->aggregate_bytes > config->buffer_bytes / AGGREGATE_BUFFER_SHARE) {
        return "FORWARDER_AGGREGATE_BYTES must be at most an eighth of FORWARDER_BUFFER_BYTES";
    }
    return NULL;
}

#define FIELD(member) .offset = offsetof(struct forwarder_config, member)

static const struct config_option options[] = {
    SERVICE_OPTIONS("8080"),
    {.name = "KAFKA_BOOTSTRAP_SERVERS",
     .type = CONFIG_TEXT,
     .required = true,
     FIELD(bootstrap_servers),
     .help = "Kafka brokers to start from, as host:port, separated by commas."},
    {.name = "KAFKA_TOPIC",
     .type = CONFIG_TEXT,
     .default_value = "users",
     .max = 249,
     FIELD(topic),
     .help = "Topic whose records are forwarded."},
    {.name = "KAFKA_DLQ_TOPIC",
     .type = CONFIG_TEXT,
     .max = 249,
     FIELD(dlq_topic),
     .help = "Dead-letter topic for records that Kinesis can never take; unset: <KAFKA_TOPIC>.dlq."},
    {.name = "KAFKA_GROUP_ID",
     .type = CONFIG_TEXT,
     .default_value = "userstream-forwarder",
     FIELD(group_id),
     .help = "Consumer group; forwarders of one group share the partitions."},
    {.name = "KINESIS_STREAM",
     .type = CONFIG_TEXT,
     .required = true,
     .max = 2048,
     FIELD(stream),
     .help = "Name or ARN of the Kinesis data stream."},
    {.name = "FORWARDER_ORDER",
     .type = CONFIG_CHOICE,
     .default_value = "key",
     .choices = orders,
     FIELD(order),
     .help = "key: records of a key reach the stream in Kafka's order, one at a time; none: fastest, no "
             "promise."},
    {.name = "FORWARDER_IN_FLIGHT",
     .type = CONFIG_INT,
     .default_value = "8",
     .min = 1,
     .max = 64,
     FIELD(in_flight),
     .help = "PutRecords requests at once."},
    {.name = "FORWARDER_LINGER_MS",
     .type = CONFIG_INT,
     .default_value = "100",
     .min = 0,
     .max = 60000,
     FIELD(linger_ms),
     .help = "Longest wait for a batch to fill, in milliseconds."},
    {.name = "FORWARDER_AGGREGATE_BYTES",
     .type = CONFIG_INT,
     .default_value = "0",
     .min = 0,
     .max = BATCH_RAW_MAX,
     FIELD(aggregate_bytes),
     .help =
         "Records of a key that wait for each other are sent as one, in the KPL's aggregated format, of up "
         "to so many bytes (and never more than the stream takes a record); 0: not. Needs "
         "FORWARDER_ORDER=key."},
    {.name = "FORWARDER_BUFFER_BYTES",
     .type = CONFIG_INT,
     .default_value = "33554432",
     .min = 4194304,
     .max = 4294967296,
     FIELD(buffer_bytes),
     .help = "Bound of all records held in memory, librdkafka's queue included, in bytes."},
    {.name = "FORWARDER_REQUEST_TIMEOUT_MS",
     .type = CONFIG_INT,
     .default_value = "30000",
     .min = 100,
     .max = 600000,
     FIELD(request_timeout_ms),
     .help = "When a request without an answer is given up and sent again, in milliseconds."},
    {.name = "FORWARDER_POISON",
     .type = CONFIG_CHOICE,
     .default_value = "dlq",
     .choices = poisons,
     FIELD(poison),
     .help = "What becomes of a record that Kinesis can never take: to the dead-letter topic, stop the "
             "forwarder before it, or drop it (counted)."},
    {.name = "FORWARDER_NULL_VALUE",
     .type = CONFIG_CHOICE,
     .default_value = "empty",
     .choices = null_values,
     FIELD(null_value),
     .help = "What becomes of a record without a value (a tombstone): a record with empty data, the "
             "dead-letter topic, or dropped (counted)."},
    {.name = "FORWARDER_PARTITION_KEY",
     .type = CONFIG_TEXT,
     .default_value = "key",
     .check = check_partition_key,
     FIELD(partition_key),
     .help = "Where the Kinesis partition key comes from: key (the Kafka key), header:<name>, partition (one "
             "key per Kafka partition) or random. Order is kept per partition key."},
    {.name = "FORWARDER_HASH_KEY_HEADER",
     .type = CONFIG_TEXT,
     .max = 256,
     FIELD(hash_key_header),
     .help = "Kafka header that holds an ExplicitHashKey (a decimal number below 2^128) for the record."},
    AWS_OPTIONS(struct forwarder_config, aws),
};

static const struct config_passthrough passthrough[] = {
    {"KAFKA_<PROPERTY>",
     "Any other librdkafka property, dots as underscores: KAFKA_SECURITY_PROTOCOL is "
     "security.protocol. KAFKA_SASL_MECHANISMS may also be AWS_MSK_IAM. With _FILE behind the "
     "name the value comes from a file: KAFKA_SASL_PASSWORD_FILE."},
    {"AWS_*", "Credentials, as the AWS SDKs read them: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, "
              "AWS_SESSION_TOKEN and so on."},
    {NULL, NULL},
};

const struct config_table forwarder_config_table = {.options = options,
                                                    .count = ARRAY_LENGTH(options),
                                                    .passthrough = passthrough,
                                                    .check = check_aggregation};
