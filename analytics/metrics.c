/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/metrics.h"

#include "analytics/failure.h"
#include "lib/attr.h"

static const char *const calls[] = {"ListShards",     "GetShardIterator", "GetRecords",
                                    "PutRecordBatch", "checkpoint",       NULL};
static const char *const states[] = {"waiting", "reading", "ended", "elsewhere", NULL};
static const double seconds[] = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

const struct metric_def analytics_metrics[ANALYTICS_METRIC_COUNT] = {
    [METRIC_RECORDS_READ] = {.name = "analytics_records_read_total",
                             .kind = METRIC_COUNTER,
                             .help = "Records given to the SQL, the bad ones included; those within a KPL "
                                     "aggregate one by one."},
    [METRIC_ROWS_MATCHED] = {.name = "analytics_rows_matched_total",
                             .kind = METRIC_COUNTER,
                             .help = "Rows that the SQL gave."},
    [METRIC_ROWS_DELIVERED] = {.name = "analytics_rows_delivered_total",
                               .kind = METRIC_COUNTER,
                               .help = "Rows that Firehose confirmed."},
    [METRIC_RECORDS_FAILED] = {.name = "analytics_records_failed_total",
                               .kind = METRIC_COUNTER,
                               .label = "reason",
                               .label_values = failure_reasons,
                               .help = "Records that the SQL could not read, in the error table (--errors)."},
    [METRIC_RECORDS_DEDUPLICATED] = {.name = "analytics_records_deduplicated_total",
                                     .kind = METRIC_COUNTER,
                                     .help = "Records dropped as a producer's repetition "
                                             "(ANALYTICS_DEDUP_WINDOW)."},
    [METRIC_ROWS_RESENT] = {.name = "analytics_rows_resent_total",
                            .kind = METRIC_COUNTER,
                            .help =
                                "Rows sent once more because Firehose refused them or its answer was lost."},
    [METRIC_BYTES_READ] = {.name = "analytics_bytes_read_total",
                           .kind = METRIC_COUNTER,
                           .help = "Bytes of data that GetRecords returned."},
    [METRIC_MILLIS_BEHIND] =
        {.name = "analytics_millis_behind_latest",
         .kind = METRIC_GAUGE,
         .label = "shard",
         .help = "How far behind the shard's newest record the last read was, in milliseconds, "
                 "as Kinesis says."},
    [METRIC_SHARDS] =
        {.name = "analytics_shards",
         .kind = METRIC_GAUGE,
         .label = "state",
         .label_values = states,
         .help = "Shards: waiting for their parents, being read, read to their end, another replica's."},
    [METRIC_READ_SECONDS] = {.name = "analytics_read_seconds",
                             .kind = METRIC_HISTOGRAM,
                             .buckets = seconds,
                             .bucket_count = ARRAY_LENGTH(seconds),
                             .help = "Time of a GetRecords call."},
    [METRIC_PUT_SECONDS] = {.name = "analytics_put_seconds",
                            .kind = METRIC_HISTOGRAM,
                            .buckets = seconds,
                            .bucket_count = ARRAY_LENGTH(seconds),
                            .help = "Time of a PutRecordBatch call."},
    [METRIC_RETRIES] = {.name = "analytics_retries_total",
                        .kind = METRIC_COUNTER,
                        .label = "call",
                        .label_values = calls,
                        .help = "Calls that are tried again."},
    [METRIC_CHECKPOINT_AGE] = {.name = "analytics_checkpoint_age_seconds",
                               .kind = METRIC_GAUGE,
                               .help = "Time since a position was last saved."},
    [METRIC_CHECKPOINTS] = {.name = "analytics_checkpoints_total",
                            .kind = METRIC_COUNTER,
                            .help = "Positions saved."},
    [METRIC_BUFFERED_BYTES] = {.name = "analytics_buffered_bytes",
                               .kind = METRIC_GAUGE,
                               .help = "Bytes of ANALYTICS_BUFFER_BYTES in use."},
};
