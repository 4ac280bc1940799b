/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said to Kinesis Data Streams and what it answers (API 2013-12-02, JSON 1.1): ListShards,
 * GetShardIterator, GetRecords. Bodies and answers only, no connection. Pure.
 */
#ifndef ANALYTICS_KINESIS_H
#define ANALYTICS_KINESIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"
#include "lib/str.h"

enum {
    KINESIS_RECORDS_CAP = 10000,  /* most that one GetRecords returns */
    KINESIS_SHARD_ID_SIZE = 129,  /* with the NUL; API: 1..128 characters */
    KINESIS_SEQUENCE_SIZE = 130,  /* with the NUL; API: 1..128 digits, and room for "-" */
    KINESIS_ITERATOR_SIZE = 1024, /* with the NUL; API: 1..512, kept roomy */
    KINESIS_TOKEN_CAP = 1048576,  /* NextToken of ListShards */
    KINESIS_SHARDS_CAP = 65536    /* more shards than any stream's quota */
};

/* --- GetRecords ------------------------------------------------------------------------------------------
 */

/* One record of an answer; everything is borrowed from the answer's body. */
struct kinesis_record {
    struct str data; /* decoded; empty if it was no base64 */
    struct str partition_key;
    struct str sequence;
    int64_t arrival_ms; /* ApproximateArrivalTimestamp, 0 if there was none */
};

struct kinesis_records {
    struct kinesis_record *records;
    size_t count;
    size_t size;              /* allocated */
    size_t data_bytes;        /* sum of the decoded data */
    struct str next_iterator; /* ptr NULL: the shard is closed and has been read to its end */
    int64_t millis_behind;
};

/* Appends {"ShardIterator":..,"Limit":..}. */
void kinesis_add_get_records(struct buf *out, struct str iterator, unsigned limit);
/*
 * Reads an answer. `body` is overwritten: data is decoded and text unescaped where it stands. Starts with
 * a zeroed struct or one used before, whose memory is kept. Fills err if it is no GetRecords answer.
 */
int kinesis_read_records(char *body, size_t len, struct kinesis_records *ret, struct error *err) MUST_USE;
void kinesis_records_done(struct kinesis_records *records);

/* --- GetShardIterator ------------------------------------------------------------------------------------
 */

enum kinesis_start {
    KINESIS_TRIM_HORIZON,
    KINESIS_LATEST,
    KINESIS_AT_TIMESTAMP,
    KINESIS_AT_SEQUENCE,
    KINESIS_AFTER_SEQUENCE
};

struct kinesis_position {
    enum kinesis_start start;
    int64_t timestamp_ms;                 /* KINESIS_AT_TIMESTAMP */
    char sequence[KINESIS_SEQUENCE_SIZE]; /* the last two */
};

/* `stream` is a name or an ARN. */
void kinesis_add_get_shard_iterator(struct buf *out, const char *stream, const char *shard,
                                    const struct kinesis_position *position);
/* The iterator of the answer, with a NUL, into `out` of KINESIS_ITERATOR_SIZE bytes. */
int kinesis_read_shard_iterator(struct str body, char *out, struct error *err) MUST_USE;

/* --- ListShards ------------------------------------------------------------------------------------------
 */

struct kinesis_shard {
    char id[KINESIS_SHARD_ID_SIZE];
    char parent[KINESIS_SHARD_ID_SIZE];          /* empty: none */
    char adjacent_parent[KINESIS_SHARD_ID_SIZE]; /* of a merge; empty: none */
    bool closed;                                 /* has an ending sequence number */
};

struct kinesis_shards {
    struct kinesis_shard *shards;
    size_t count;
    size_t size;
    char *next_token; /* NULL: the list is complete */
};

/* `next_token` NULL: the first page. */
void kinesis_add_list_shards(struct buf *out, const char *stream, const char *next_token);
/* Appends an answer's shards to `shards` and replaces its next_token. */
int kinesis_read_shards(struct str body, struct kinesis_shards *shards, struct error *err) MUST_USE;
void kinesis_shards_done(struct kinesis_shards *shards);

#endif
