/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/kinesis_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "local/aws/kinesis_records.h"

struct kinesis_store {
    struct state *state;
    struct kinesis_stream *streams[KINESIS_STREAMS_CAP]; /* by name */
    size_t count;
};

/* --- in memory -------------------------------------------------------------------------------------------
 */

size_t kinesis_store_count(const struct kinesis_store *store)
{
    return store->count;
}

struct kinesis_stream *kinesis_store_at(struct kinesis_store *store, size_t index)
{
    return store->streams[index];
}

struct kinesis_stream *kinesis_store_find(struct kinesis_store *store, const char *name)
{
    for (size_t i = 0; i < store->count; i++) {
        if (strcmp(store->streams[i]->name, name) == 0) {
            return store->streams[i];
        }
    }
    return NULL;
}

struct kinesis_shard *kinesis_store_find_shard(struct kinesis_store *store, int64_t uid,
                                               struct kinesis_stream **ret_stream)
{
    for (size_t i = 0; i < store->count; i++) {
        struct kinesis_stream *stream = store->streams[i];
        for (size_t k = 0; k < stream->shard_count; k++) {
            if (stream->shards[k].uid == uid) {
                *ret_stream = stream;
                return &stream->shards[k];
            }
        }
    }
    return NULL;
}

static void stream_free(struct kinesis_stream *stream)
{
    if (stream) {
        free(stream->shards);
        free(stream);
    }
}

/* A copy of the settings, with room for shards. */
static struct kinesis_stream *stream_new(const struct kinesis_stream *settings, size_t shards)
{
    struct kinesis_stream *stream = malloc(sizeof(*stream));

    if (!stream) {
        return NULL;
    }
    *stream = *settings;
    stream->shard_count = 0;
    stream->shards = calloc(shards ? shards : 1, sizeof(*stream->shards));
    if (!stream->shards) {
        free(stream);
        return NULL;
    }
    return stream;
}

static void store_insert(struct kinesis_store *store, struct kinesis_stream *stream)
{
    size_t at = store->count;

    while (at > 0 && strcmp(store->streams[at - 1]->name, stream->name) > 0) {
        store->streams[at] = store->streams[at - 1];
        at--;
    }
    store->streams[at] = stream;
    store->count++;
}

/* --- reading the state -----------------------------------------------------------------------------------
 */

static bool column_hash(sqlite3_stmt *statement, int column, hash_key *ret)
{
    return kinesis_hash_parse(state_column(statement, column), ret);
}

static int load_shards(struct kinesis_store *store, struct kinesis_stream *stream)
{
    sqlite3_stmt *s =
        state_prepare(store->state, "SELECT uid, number, parent, adjacent_parent, hash_start, hash_end,"
                                    " created_ms, closed_ms, last_serial, last_arrival_ms"
                                    " FROM kinesis_shards WHERE stream_id=? ORDER BY number");
    int row;

    sqlite3_bind_int64(s, 1, stream->id);
    while ((row = state_row(store->state, s)) == 1) {
        struct kinesis_shard *shard;
        struct kinesis_shard *grown =
            realloc(stream->shards, (stream->shard_count + 1) * sizeof(*stream->shards));
        if (!grown) {
            return -ERROR_MEMORY;
        }
        stream->shards = grown;
        shard = &grown[stream->shard_count];
        *shard = (struct kinesis_shard){.uid = sqlite3_column_int64(s, 0),
                                        .number = (unsigned)sqlite3_column_int(s, 1),
                                        .parent = sqlite3_column_int(s, 2),
                                        .adjacent_parent = sqlite3_column_int(s, 3),
                                        .created_ms = sqlite3_column_int64(s, 6),
                                        .closed_ms = sqlite3_column_int64(s, 7),
                                        .last_serial = sqlite3_column_int64(s, 8),
                                        .last_arrival_ms = sqlite3_column_int64(s, 9)};
        if (shard->number != stream->shard_count || !column_hash(s, 4, &shard->hash_start) ||
            !column_hash(s, 5, &shard->hash_end)) {
            sqlite3_reset(s);
            return -ERROR_STATE;
        }
        stream->shard_count++;
    }
    return row;
}

static int load_streams(struct kinesis_store *store)
{
    sqlite3_stmt *s = state_prepare(store->state, "SELECT id, name, created_ms, retention_hours,"
                                                  " max_record_kib, on_demand FROM kinesis_streams");
    int row;

    while ((row = state_row(store->state, s)) == 1) {
        struct kinesis_stream settings = {.id = sqlite3_column_int64(s, 0),
                                          .created_ms = sqlite3_column_int64(s, 2),
                                          .retention_hours = sqlite3_column_int64(s, 3),
                                          .max_record_kib = sqlite3_column_int64(s, 4),
                                          .on_demand = sqlite3_column_int(s, 5) != 0};
        struct kinesis_stream *stream = NULL;
        snprintf(settings.name, sizeof(settings.name), "%.*s", STR_ARG(state_column(s, 1)));
        if (store->count == KINESIS_STREAMS_CAP || !(stream = stream_new(&settings, 0))) {
            sqlite3_reset(s);
            return -ERROR_MEMORY;
        }
        store_insert(store, stream);
    }
    return row;
}

struct kinesis_store *kinesis_store_open(struct state *state, struct error *err)
{
    struct kinesis_store *store = calloc(1, sizeof(*store));
    int code = store ? 0 : -ERROR_MEMORY;

    if (store) {
        store->state = state;
        code = load_streams(store);
        for (size_t i = 0; code == 0 && i < store->count; i++) {
            code = load_shards(store, store->streams[i]);
        }
    }
    if (code) {
        error_set(err, (enum error_code) - code, false, "the streams cannot be read from the state");
        kinesis_store_free(store);
        return NULL;
    }
    return store;
}

void kinesis_store_free(struct kinesis_store *store)
{
    if (!store) {
        return;
    }
    for (size_t i = 0; i < store->count; i++) {
        stream_free(store->streams[i]);
    }
    free(store);
}

/* --- changing streams ------------------------------------------------------------------------------------
 */

static int insert_shard(struct kinesis_store *store, int64_t stream_id, struct kinesis_shard *shard)
{
    sqlite3_stmt *s =
        state_prepare(store->state, "INSERT INTO kinesis_shards(stream_id, number, parent, adjacent_parent,"
                                    " hash_start, hash_end, created_ms, closed_ms, last_serial,"
                                    " last_arrival_ms) VALUES(?,?,?,?,?,?,?,0,0,0)");
    char start[HASH_KEY_SIZE];
    char end[HASH_KEY_SIZE];

    kinesis_hash_format(shard->hash_start, start);
    kinesis_hash_format(shard->hash_end, end);
    sqlite3_bind_int64(s, 1, stream_id);
    sqlite3_bind_int64(s, 2, shard->number);
    sqlite3_bind_int(s, 3, shard->parent);
    sqlite3_bind_int(s, 4, shard->adjacent_parent);
    state_bind_text(s, 5, str_of(start));
    state_bind_text(s, 6, str_of(end));
    sqlite3_bind_int64(s, 7, shard->created_ms);
    if (state_run(store->state, s)) {
        return -ERROR_IO;
    }
    shard->uid = state_last_id(store->state);
    return 0;
}

static int insert_stream(struct kinesis_store *store, struct kinesis_stream *stream)
{
    sqlite3_stmt *s =
        state_prepare(store->state, "INSERT INTO kinesis_streams(name, created_ms, retention_hours,"
                                    " max_record_kib, on_demand) VALUES(?,?,?,?,?)");

    state_bind_text(s, 1, str_of(stream->name));
    sqlite3_bind_int64(s, 2, stream->created_ms);
    sqlite3_bind_int64(s, 3, stream->retention_hours);
    sqlite3_bind_int64(s, 4, stream->max_record_kib);
    sqlite3_bind_int(s, 5, stream->on_demand);
    if (state_run(store->state, s)) {
        return -ERROR_IO;
    }
    stream->id = state_last_id(store->state);
    return 0;
}

static int insert_all(struct kinesis_store *store, struct kinesis_stream *stream, unsigned shard_count)
{
    if (insert_stream(store, stream)) {
        return -ERROR_IO;
    }
    for (unsigned i = 0; i < shard_count; i++) {
        struct kinesis_shard *shard = &stream->shards[i];
        *shard = (struct kinesis_shard){
            .number = i, .parent = -1, .adjacent_parent = -1, .created_ms = stream->created_ms};
        kinesis_hash_range(i, shard_count, &shard->hash_start, &shard->hash_end);
        if (insert_shard(store, stream->id, shard)) {
            return -ERROR_IO;
        }
    }
    stream->shard_count = shard_count;
    return 0;
}

int kinesis_store_create(struct kinesis_store *store, const struct kinesis_stream *settings,
                         unsigned shard_count, int64_t now_ms)
{
    struct kinesis_stream *stream;
    int code;

    if (store->count == KINESIS_STREAMS_CAP) {
        return -ERROR_LIMIT;
    }
    stream = stream_new(settings, shard_count);
    if (!stream) {
        return -ERROR_MEMORY;
    }
    stream->created_ms = now_ms;
    code = state_begin(store->state);
    if (code == 0 && (code = insert_all(store, stream, shard_count)) != 0) {
        state_rollback(store->state);
    }
    if (code == 0) {
        code = state_commit(store->state);
    }
    if (code) {
        stream_free(stream);
        return code;
    }
    store_insert(store, stream);
    return 0;
}

static int delete_rows(struct kinesis_store *store, const struct kinesis_stream *stream)
{
    sqlite3_stmt *s;

    for (size_t i = 0; i < stream->shard_count; i++) {
        if (kinesis_records_delete(store->state, &stream->shards[i])) {
            return -ERROR_IO;
        }
    }
    s = state_prepare(store->state, "DELETE FROM kinesis_shards WHERE stream_id=?");
    sqlite3_bind_int64(s, 1, stream->id);
    if (state_run(store->state, s)) {
        return -ERROR_IO;
    }
    s = state_prepare(store->state, "DELETE FROM kinesis_streams WHERE id=?");
    sqlite3_bind_int64(s, 1, stream->id);
    return state_run(store->state, s);
}

int kinesis_store_delete(struct kinesis_store *store, struct kinesis_stream *stream)
{
    size_t at = 0;
    int code = state_begin(store->state);

    if (code == 0 && (code = delete_rows(store, stream)) != 0) {
        state_rollback(store->state);
    }
    if (code == 0) {
        code = state_commit(store->state);
    }
    if (code) {
        return code;
    }
    while (store->streams[at] != stream) {
        at++;
    }
    for (store->count--; at < store->count; at++) {
        store->streams[at] = store->streams[at + 1];
    }
    stream_free(stream);
    return 0;
}

int kinesis_store_update(struct kinesis_store *store, const struct kinesis_stream *stream)
{
    sqlite3_stmt *s = state_prepare(store->state, "UPDATE kinesis_streams SET retention_hours=?,"
                                                  " max_record_kib=? WHERE id=?");

    sqlite3_bind_int64(s, 1, stream->retention_hours);
    sqlite3_bind_int64(s, 2, stream->max_record_kib);
    sqlite3_bind_int64(s, 3, stream->id);
    return state_run(store->state, s);
}

/* --- resharding ------------------------------------------------------------------------------------------
 */

static int close_shard(struct kinesis_store *store, const struct kinesis_shard *shard, int64_t now_ms)
{
    sqlite3_stmt *s = state_prepare(store->state, "UPDATE kinesis_shards SET closed_ms=? WHERE uid=?");

    sqlite3_bind_int64(s, 1, now_ms);
    sqlite3_bind_int64(s, 2, shard->uid);
    return state_run(store->state, s);
}

/* Closes `parents` and opens `children`, in the state and then in memory. */
static int reshard(struct kinesis_store *store, struct kinesis_stream *stream, const unsigned *parents,
                   size_t parent_count, struct kinesis_shard *children, size_t child_count, int64_t now_ms)
{
    struct kinesis_shard *grown;
    int code;

    if (stream->shard_count + child_count > KINESIS_SHARDS_CAP) {
        return -ERROR_LIMIT;
    }
    grown = realloc(stream->shards, (stream->shard_count + child_count) * sizeof(*grown));
    if (!grown) {
        return -ERROR_MEMORY;
    }
    stream->shards = grown;
    code = state_begin(store->state);
    for (size_t i = 0; code == 0 && i < parent_count; i++) {
        code = close_shard(store, &stream->shards[parents[i]], now_ms);
    }
    for (size_t i = 0; code == 0 && i < child_count; i++) {
        children[i].number = (unsigned)(stream->shard_count + i);
        children[i].created_ms = now_ms;
        code = insert_shard(store, stream->id, &children[i]);
    }
    if (code) {
        state_rollback(store->state);
        return code;
    }
    if ((code = state_commit(store->state)) != 0) {
        return code;
    }
    for (size_t i = 0; i < parent_count; i++) {
        stream->shards[parents[i]].closed_ms = now_ms;
    }
    memcpy(&stream->shards[stream->shard_count], children, child_count * sizeof(*children));
    stream->shard_count += child_count;
    return 0;
}

/* Children's sequence numbers are to be larger than their parents', so their creation must be later. */
static int64_t after(const struct kinesis_shard *parent, int64_t now_ms)
{
    return now_ms > parent->created_ms ? now_ms : parent->created_ms + 1;
}

int kinesis_store_split(struct kinesis_store *store, struct kinesis_stream *stream, unsigned number,
                        hash_key at, int64_t now_ms)
{
    const struct kinesis_shard *parent = &stream->shards[number];
    struct kinesis_shard children[2] = {
        {.parent = (int)number, .adjacent_parent = -1, .hash_start = parent->hash_start, .hash_end = at - 1},
        {.parent = (int)number, .adjacent_parent = -1, .hash_start = at, .hash_end = parent->hash_end}};

    return reshard(store, stream, &number, 1, children, 2, after(parent, now_ms));
}

int kinesis_store_merge(struct kinesis_store *store, struct kinesis_stream *stream, unsigned number,
                        unsigned adjacent, int64_t now_ms)
{
    const struct kinesis_shard *a = &stream->shards[number];
    const struct kinesis_shard *b = &stream->shards[adjacent];
    const unsigned parents[2] = {number, adjacent};
    struct kinesis_shard child = {.parent = (int)number,
                                  .adjacent_parent = (int)adjacent,
                                  .hash_start = a->hash_start < b->hash_start ? a->hash_start : b->hash_start,
                                  .hash_end = a->hash_end > b->hash_end ? a->hash_end : b->hash_end};

    return reshard(store, stream, parents, 2, &child, 1, after(a, after(b, now_ms)));
}
