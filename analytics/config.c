/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/config.h"

#include "analytics/destinations.h"
#include "analytics/reader.h"
#include "analytics/replica.h"
#include "lib/clock.h"

static const char *const starts[] = {"TRIM_HORIZON", "LATEST", "AT_TIMESTAMP", NULL};

static const char *check_time(const char *value)
{
    return clock_parse_iso(value) >= 0 ? NULL : "a time in UTC, such as 2026-11-23T09:30:00Z";
}

static const struct config_option options[] = {
    SERVICE_OPTIONS("8080"),
    {.name = "KINESIS_STREAM",
     .type = CONFIG_TEXT,
     .required = true,
     .max = 2048,
     .offset = offsetof(struct analytics_config, stream),
     .help = "Name or ARN of the Kinesis stream to read."},
    {.name = "FIREHOSE_STREAM",
     .type = CONFIG_TEXT,
     .required = true,
     .max = 4096,
     .check = destinations_check,
     .offset = offsetof(struct analytics_config, destinations),
     .help = "Delivery stream for the rows. With several destination tables in ANALYTICS_SQL: "
             "TABLE=delivery-stream, separated by commas; a name alone is for the tables not named."},
    {.name = "ANALYTICS_SQL",
     .type = CONFIG_TEXT,
     .default_value = "sql/users.sql",
     .offset = offsetof(struct analytics_config, sql),
     .help = "File with the statements: INSERT INTO table SELECT ... FROM SOURCE_SQL_STREAM_001 ..."},
    {.name = "ANALYTICS_SCHEMA",
     .type = CONFIG_TEXT,
     .default_value = "sql/schema.sqlite.sql",
     .offset = offsetof(struct analytics_config, schema),
     .help = "File with the tables that the statements use: where a column is in a record's JSON, and the "
             "destinations."},
    {.name = "ANALYTICS_CHECKPOINT",
     .type = CONFIG_TEXT,
     .default_value = "var/analytics.db",
     .offset = offsetof(struct analytics_config, checkpoint),
     .help =
         "SQLite file that keeps how far each shard has been delivered, and the error table. Its directory "
         "must exist."},
    {.name = "ANALYTICS_START",
     .type = CONFIG_CHOICE,
     .default_value = "TRIM_HORIZON",
     .choices = starts,
     .offset = offsetof(struct analytics_config, start),
     .help =
         "Where to begin in a stream that the checkpoint does not know: its oldest record, only what comes "
         "from now on, or ANALYTICS_START_TIMESTAMP."},
    {.name = "ANALYTICS_START_TIMESTAMP",
     .type = CONFIG_TEXT,
     .check = check_time,
     .offset = offsetof(struct analytics_config, start_timestamp),
     .help = "Time of the first record for ANALYTICS_START=AT_TIMESTAMP, such as 2026-11-23T09:30:00Z."},
    {.name = "ANALYTICS_POLL_MS",
     .type = CONFIG_INT,
     .default_value = "1000",
     .min = READER_INTERVAL_MS,
     .max = 60000,
     .offset = offsetof(struct analytics_config, poll_ms),
     .help =
         "Milliseconds between two reads of a shard that has nothing more to give. Kinesis allows 5 reads "
         "a second per shard for all its readers together, hence the minimum."},
    {.name = "ANALYTICS_BUFFER_BYTES",
     .type = CONFIG_INT,
     .default_value = "67108864",
     .min = READER_WORST_BYTES,
     .max = 17179869184,
     .offset = offsetof(struct analytics_config, buffer_bytes),
     .help =
         "Bytes of answers from Kinesis held at once, those under way counted at their largest: bounds the "
         "memory, and how many shards are read at the same moment."},
    {.name = "ANALYTICS_DEDUP_WINDOW",
     .type = CONFIG_INT,
     .default_value = "0",
     .min = 0,
     .max = 10000000,
     .offset = offsetof(struct analytics_config, dedup_window),
     .help =
         "Drop a record with the partition key and data of one of the last this many records of its shard: a "
         "producer's repetition. About 100 bytes of memory each; 0 turns it off."},
    {.name = "ANALYTICS_REPLICAS",
     .type = CONFIG_INT,
     .default_value = "1",
     .min = 1,
     .max = REPLICA_COUNT_CAP,
     .offset = offsetof(struct analytics_config, replicas),
     .help = "How many processes divide the stream's shards between them, each with a checkpoint of its own. "
             "The same for all of them."},
    {.name = "ANALYTICS_REPLICA",
     .type = CONFIG_TEXT,
     .offset = offsetof(struct analytics_config, replica),
     .help =
         "Which of them this one is, from 0. Unset: the number at the end of the host's name, as a "
         "StatefulSet gives it (analytics-2). It reads the shards whose number modulo ANALYTICS_REPLICAS is "
         "this one."},
    AWS_OPTIONS(struct analytics_config, aws),
};

static const struct config_passthrough passthrough[] = {
    {"AWS_*", "Credentials, as the AWS SDKs read them: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, "
              "AWS_SESSION_TOKEN and so on."},
    {NULL, NULL},
};

const struct config_table analytics_table = {
    .options = options, .count = ARRAY_LENGTH(options), .passthrough = passthrough};

int64_t analytics_start_ms(const struct analytics_config *config)
{
    return config->start_timestamp ? clock_parse_iso(config->start_timestamp) : 0;
}
