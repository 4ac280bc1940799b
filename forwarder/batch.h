/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One PutRecords request being built: records are encoded into the body as they come, so that a record which
 * need not wait is copied once, from Kafka's buffer. Pure. Limits by AWS's count
 * (docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html): 500 records; 10 MiB of raw data plus
 * partition keys.
 */
#ifndef FORWARDER_BATCH_H
#define FORWARDER_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/json.h"
#include "lib/str.h"

enum {
    BATCH_RECORDS_MAX = 500,
    BATCH_RAW_MAX = 10 * 1024 * 1024,
    BATCH_HEAD_CAP = 2200, /* {"StreamARN":"<2048>","Records":[ */
    /* base64 of 10 MiB, partition keys escaped to six bytes a byte at worst, 120 bytes around each record */
    BATCH_BODY_CAP = BATCH_RAW_MAX / 3 * 4 + 500 * (6 * 1024 + 120) + BATCH_HEAD_CAP
};

/* What is to be put: views into somebody else's memory. */
struct batch_record {
    struct str data;
    struct str partition_key;
    struct str hash_key; /* empty: none */
};

struct pack;
struct partition;

/* Where a record came from and whom to tell about it. */
struct batch_entry {
    struct partition *partition;
    uint64_t ticket; /* of the partition's offsets */
    int64_t offset;
    int64_t timestamp_ms; /* Kafka's, -1: none */
    uint32_t lane;
    uint32_t start; /* of the record's JSON in the body (in `fragment` while it waits) */
    uint32_t len;
    uint32_t raw; /* bytes by AWS's count */
    uint32_t attempts;
    struct pack *pack; /* NULL, or an aggregate's records (forwarder/pack.h); free() by who has the entry */
};

struct batch {
    struct buf body;
    size_t head_len;
    size_t raw;
    size_t count;
    struct batch_entry entries[BATCH_RECORDS_MAX];
};

/* Starts with the head for a stream's name or ARN. Returns 0 or a negative code. */
int batch_init(struct batch *batch, const char *stream) MUST_USE;
void batch_done(struct batch *batch);
/* Empties it, keeping head and memory. */
void batch_reset(struct batch *batch);

/* Bytes of a record by AWS's count. */
size_t batch_raw_size(const struct batch_record *record);
/* Most bytes that a record's JSON can take. */
size_t batch_encoded_bound(const struct batch_record *record);
/* Appends a record's JSON to `out`. */
void batch_encode(const struct batch_record *record, struct buf *out);

bool batch_fits(const struct batch *batch, size_t raw);
/*
 * Adds a record, encoding it, or one that is encoded already. The caller asked batch_fits(). `entry` is
 * copied, its start and len are set. Returns 0 or -ERROR_MEMORY, and then nothing was added.
 */
int batch_add(struct batch *batch, const struct batch_record *record,
              const struct batch_entry *entry) MUST_USE;
int batch_add_encoded(struct batch *batch, struct str json, const struct batch_entry *entry) MUST_USE;

/* The JSON of one record in the body. */
struct str batch_json(const struct batch *batch, size_t index);
/*
 * The request body for the records [from, to). For all of them it is the batch's own body; for a part it is
 * built in `part`, which the caller has initialised. Empty without memory.
 */
struct str batch_body(struct batch *batch, size_t from, size_t to, struct buf *part);
/* The two parts of a record's JSON, borrowed: its data in base64, and what follows: its keys. */
void batch_split(struct str json, struct str *ret_data, struct str *ret_keys);
/* Appends the JSON of a record with other data and the keys of the one whose JSON is given. */
void batch_encode_like(struct str json, struct str data, struct buf *out);
/* The raw data of a record, taken back out of its JSON, appended to `out`. Returns 0 or a negative code. */
int batch_decode_data(struct str json, struct buf *out) MUST_USE;
/*
 * A record's keys, taken back out of its JSON: borrowed from the document, which the caller frees with
 * cJSON_Delete(). NULL without memory, or if a key cannot be had like this (it has a NUL in it).
 */
cJSON *batch_decode_keys(struct str json, struct str *ret_partition_key, struct str *ret_hash_key);

#endif
