/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/kinesis_records.h"

#include <stdlib.h>
#include <string.h>

/* Serials have 40 bits, shards the rest. */
enum { SERIAL_BITS = 40 };

static int64_t record_id(const struct kinesis_shard *shard, int64_t serial)
{
    return shard->uid << SERIAL_BITS | serial;
}

static int insert_record(struct state *state, const struct kinesis_shard *shard,
                         const struct kinesis_put *put)
{
    sqlite3_stmt *s = state_prepare(
        state, "INSERT INTO kinesis_records(id, arrival_ms, partition_key, data) VALUES(?,?,?,?)");

    sqlite3_bind_int64(s, 1, record_id(shard, put->serial));
    sqlite3_bind_int64(s, 2, put->arrival_ms);
    state_bind_text(s, 3, put->partition_key);
    state_bind_blob(s, 4, put->data);
    return state_run(state, s);
}

static int update_shard(struct state *state, const struct kinesis_shard *shard)
{
    sqlite3_stmt *s =
        state_prepare(state, "UPDATE kinesis_shards SET last_serial=?, last_arrival_ms=? WHERE uid=?");

    sqlite3_bind_int64(s, 1, shard->last_serial);
    sqlite3_bind_int64(s, 2, shard->last_arrival_ms);
    sqlite3_bind_int64(s, 3, shard->uid);
    return state_run(state, s);
}

/* Advances the shards in memory; `undo` has their old state if the transaction fails. */
static int append_all(struct state *state, struct kinesis_stream *stream, struct kinesis_put *puts,
                      size_t count, int64_t now_ms, const struct kinesis_shard *undo)
{
    for (size_t i = 0; i < count; i++) {
        struct kinesis_shard *shard = &stream->shards[puts[i].shard];
        if (now_ms > shard->last_arrival_ms) {
            shard->last_arrival_ms = now_ms;
        }
        puts[i].serial = ++shard->last_serial;
        puts[i].arrival_ms = shard->last_arrival_ms;
        if (insert_record(state, shard, &puts[i])) {
            return -ERROR_IO;
        }
    }
    for (size_t i = 0; i < stream->shard_count; i++) {
        if (stream->shards[i].last_serial != undo[i].last_serial && update_shard(state, &stream->shards[i])) {
            return -ERROR_IO;
        }
    }
    return 0;
}

int kinesis_records_append(struct state *state, struct kinesis_stream *stream, struct kinesis_put *puts,
                           size_t count, int64_t now_ms)
{
    struct kinesis_shard *undo;
    int code;

    if (count == 0) {
        return 0;
    }
    undo = malloc(stream->shard_count * sizeof(*undo));
    if (!undo) {
        return -ERROR_MEMORY;
    }
    memcpy(undo, stream->shards, stream->shard_count * sizeof(*undo));
    code = state_begin(state);
    if (code == 0 && (code = append_all(state, stream, puts, count, now_ms, undo)) != 0) {
        state_rollback(state);
    }
    if (code == 0) {
        code = state_commit(state);
    }
    if (code) {
        memcpy(stream->shards, undo, stream->shard_count * sizeof(*undo));
    }
    free(undo);
    return code;
}

int kinesis_records_read(struct state *state, const struct kinesis_shard *shard, int64_t serial,
                         int64_t limit, kinesis_read_fn *fn, void *ctx)
{
    sqlite3_stmt *s = state_prepare(state, "SELECT id, arrival_ms, partition_key, data FROM"
                                           " kinesis_records WHERE id>=? AND id<=? ORDER BY id LIMIT ?");
    int row;

    sqlite3_bind_int64(s, 1, record_id(shard, serial));
    sqlite3_bind_int64(s, 2, record_id(shard, shard->last_serial));
    sqlite3_bind_int64(s, 3, limit);
    while ((row = state_row(state, s)) == 1) {
        if (!fn(ctx, sqlite3_column_int64(s, 0) & ((1LL << SERIAL_BITS) - 1), sqlite3_column_int64(s, 1),
                state_column(s, 2), state_column(s, 3))) {
            sqlite3_reset(s);
            return 0;
        }
    }
    return row;
}

/* Arrival of the first record at or after `serial`, -1 if there is none. */
static int64_t arrival_from(struct state *state, const struct kinesis_shard *shard, int64_t serial,
                            int64_t *ret_serial)
{
    sqlite3_stmt *s = state_prepare(state, "SELECT id, arrival_ms FROM kinesis_records WHERE id>=?"
                                           " AND id<=? ORDER BY id LIMIT 1");
    int64_t arrival = -1;

    sqlite3_bind_int64(s, 1, record_id(shard, serial));
    sqlite3_bind_int64(s, 2, record_id(shard, shard->last_serial));
    *ret_serial = shard->last_serial + 1;
    if (state_row(state, s) == 1) {
        *ret_serial = sqlite3_column_int64(s, 0) & ((1LL << SERIAL_BITS) - 1);
        arrival = sqlite3_column_int64(s, 1);
        sqlite3_reset(s);
    }
    return arrival;
}

int64_t kinesis_records_oldest(struct state *state, const struct kinesis_shard *shard)
{
    int64_t serial;

    arrival_from(state, shard, 0, &serial);
    return serial;
}

int64_t kinesis_records_since(struct state *state, const struct kinesis_shard *shard, int64_t arrival_ms)
{
    int64_t low = kinesis_records_oldest(state, shard);
    int64_t high = shard->last_serial + 1;

    while (low < high) { /* arrivals never go back within a shard */
        int64_t middle = low + (high - low) / 2;
        int64_t found;
        int64_t arrival = arrival_from(state, shard, middle, &found);
        if (arrival >= 0 && arrival < arrival_ms) {
            low = found + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

int64_t kinesis_records_trim(struct state *state, struct kinesis_store *store, int64_t now_ms)
{
    int64_t deleted = 0;

    for (size_t i = 0; i < kinesis_store_count(store); i++) {
        const struct kinesis_stream *stream = kinesis_store_at(store, i);
        int64_t cut_ms = now_ms - stream->retention_hours * 3600 * 1000;
        for (size_t k = 0; k < stream->shard_count; k++) {
            const struct kinesis_shard *shard = &stream->shards[k];
            int64_t keep = kinesis_records_since(state, shard, cut_ms);
            sqlite3_stmt *s;
            if (keep <= kinesis_records_oldest(state, shard)) {
                continue;
            }
            s = state_prepare(state, "DELETE FROM kinesis_records WHERE id>=? AND id<?");
            sqlite3_bind_int64(s, 1, record_id(shard, 0));
            sqlite3_bind_int64(s, 2, record_id(shard, keep));
            if (state_run(state, s)) {
                return -ERROR_IO;
            }
            deleted += state_changes(state);
        }
    }
    return deleted;
}

int kinesis_records_delete(struct state *state, const struct kinesis_shard *shard)
{
    sqlite3_stmt *s = state_prepare(state, "DELETE FROM kinesis_records WHERE id BETWEEN ? AND ?");

    sqlite3_bind_int64(s, 1, record_id(shard, 0));
    sqlite3_bind_int64(s, 2, record_id(shard, shard->last_serial));
    return state_run(state, s);
}
