/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/firehose_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/error.h"
#include "lib/json.h"

enum { SETTINGS_CAP = 16384 }; /* two prefixes of 1 KiB, each byte of them escaped, and the rest */

/* --- settings as JSON ------------------------------------------------------------------------------------
 */

#define SETTING(member)                                                                                      \
    {                                                                                                        \
#member, offsetof(struct firehose_settings, member), sizeof(((struct firehose_settings *)0)->member) \
    }

static const struct {
    const char *name;
    size_t offset;
    size_t size;
} texts[] = {SETTING(name),     SETTING(bucket), SETTING(prefix),    SETTING(error_prefix), SETTING(function),
             SETTING(role_arn), SETTING(source), SETTING(delimiter), SETTING(extension)},
  numbers[] = {SETTING(version),         SETTING(buffer_bytes), SETTING(buffer_ms),
               SETTING(transform_bytes), SETTING(retries),      SETTING(gzip)};

static void write_settings(const struct firehose_settings *settings, struct buf *out)
{
    buf_add_char(out, '{');
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        const char *text = (const char *)settings + texts[i].offset;
        buf_addf(out, "\"%s\":", texts[i].name);
        buf_add_json_string(out, text, strlen(text));
        buf_add_char(out, ',');
    }
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++) {
        int64_t number;
        memcpy(&number, (const char *)settings + numbers[i].offset, sizeof(number));
        buf_addf(out, "%s\"%s\":%" PRId64, i > 0 ? "," : "", numbers[i].name, number);
    }
    buf_add_char(out, '}');
}

static bool read_settings(struct str json, struct firehose_settings *ret)
{
    cJSON *root = json_parse(json.ptr, json.len, NULL);

    memset(ret, 0, sizeof(*ret));
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        const char *text = json_string(root, texts[i].name);
        snprintf((char *)ret + texts[i].offset, texts[i].size, "%s", text ? text : "");
    }
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++) {
        long long number = 0;
        int64_t value;
        (void)json_int64(root, numbers[i].name, 0, INT64_MAX, &number);
        value = number;
        memcpy((char *)ret + numbers[i].offset, &value, sizeof(value));
    }
    cJSON_Delete(root);
    return ret->name[0] != '\0';
}

/* --- delivery streams ------------------------------------------------------------------------------------
 */

int firehose_store_each(struct state *state,
                        int (*fn)(void *ctx, int64_t id, int64_t created_ms,
                                  const struct firehose_settings *settings),
                        void *ctx)
{
    sqlite3_stmt *s =
        state_prepare(state, "SELECT id, created_ms, settings FROM firehose_streams ORDER BY name");
    struct firehose_settings settings;
    int row;

    while ((row = state_row(state, s)) == 1) {
        if (!read_settings(state_column(s, 2), &settings) ||
            fn(ctx, sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1), &settings)) {
            sqlite3_reset(s);
            return -ERROR_STATE;
        }
    }
    return row;
}

int firehose_store_create(struct state *state, const struct firehose_settings *settings, int64_t now_ms,
                          int64_t *ret_id)
{
    sqlite3_stmt *s =
        state_prepare(state, "INSERT INTO firehose_streams(name, created_ms, settings) VALUES(?,?,?)");
    struct buf json;
    int code;

    buf_init(&json, SETTINGS_CAP);
    write_settings(settings, &json);
    code = buf_error(&json);
    if (code == 0) {
        state_bind_text(s, 1, str_of(settings->name));
        sqlite3_bind_int64(s, 2, now_ms);
        state_bind_text(s, 3, buf_str(&json));
        code = state_run(state, s);
    }
    if (code == 0) {
        *ret_id = state_last_id(state);
    }
    buf_done(&json);
    return code;
}

static int update_settings(struct state *state, int64_t stream_id, const struct firehose_settings *settings)
{
    sqlite3_stmt *s = state_prepare(state, "UPDATE firehose_streams SET settings=? WHERE id=?");
    struct buf json;
    int code;

    buf_init(&json, SETTINGS_CAP);
    write_settings(settings, &json);
    code = buf_error(&json);
    if (code == 0) {
        state_bind_text(s, 1, buf_str(&json));
        sqlite3_bind_int64(s, 2, stream_id);
        code = state_run(state, s);
    }
    buf_done(&json);
    return code;
}

static int release_raw(struct state *state, int64_t stream_id)
{
    sqlite3_stmt *s =
        state_prepare(state, "UPDATE firehose_records SET state=? WHERE stream_id=? AND state=?");

    sqlite3_bind_int(s, 1, FIREHOSE_READY);
    sqlite3_bind_int64(s, 2, stream_id);
    sqlite3_bind_int(s, 3, FIREHOSE_RAW);
    return state_run(state, s);
}

int firehose_store_update(struct state *state, int64_t stream_id, const struct firehose_settings *settings)
{
    if (state_begin(state)) {
        return -ERROR_IO;
    }
    if (update_settings(state, stream_id, settings) ||
        (!settings->function[0] && release_raw(state, stream_id))) {
        state_rollback(state);
        return -ERROR_IO;
    }
    return state_commit(state);
}

int firehose_store_delete(struct state *state, int64_t stream_id)
{
    static const char *const deletes[] = {"DELETE FROM firehose_records WHERE stream_id=?",
                                          "DELETE FROM firehose_objects WHERE stream_id=?",
                                          "DELETE FROM firehose_positions WHERE stream_id=?",
                                          "DELETE FROM firehose_streams WHERE id=?"};

    if (state_begin(state)) {
        return -ERROR_IO;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(deletes); i++) {
        sqlite3_stmt *s = state_prepare(state, deletes[i]);
        sqlite3_bind_int64(s, 1, stream_id);
        if (state_run(state, s)) {
            state_rollback(state);
            return -ERROR_IO;
        }
    }
    return state_commit(state);
}

/* --- records ---------------------------------------------------------------------------------------------
 */

int firehose_store_add(struct state *state, int64_t stream_id, enum firehose_state in, int64_t arrival_ms,
                       struct str data, int64_t *ret_id)
{
    sqlite3_stmt *s = state_prepare(
        state, "INSERT INTO firehose_records(stream_id, state, arrival_ms, data) VALUES(?,?,?,?)");

    sqlite3_bind_int64(s, 1, stream_id);
    sqlite3_bind_int(s, 2, (int)in);
    sqlite3_bind_int64(s, 3, arrival_ms);
    state_bind_blob(s, 4, data);
    if (state_run(state, s)) {
        return -ERROR_IO;
    }
    *ret_id = state_last_id(state);
    return 0;
}

int firehose_store_change(struct state *state, int64_t id, enum firehose_state in, struct str data)
{
    sqlite3_stmt *s = state_prepare(state, "UPDATE firehose_records SET state=?, data=? WHERE id=?");

    sqlite3_bind_int(s, 1, (int)in);
    state_bind_blob(s, 2, data);
    sqlite3_bind_int64(s, 3, id);
    return state_run(state, s);
}

int firehose_store_drop(struct state *state, int64_t id)
{
    sqlite3_stmt *s = state_prepare(state, "DELETE FROM firehose_records WHERE id=?");

    sqlite3_bind_int64(s, 1, id);
    return state_run(state, s);
}

int firehose_store_queue(struct state *state, int64_t stream_id, enum firehose_state in,
                         struct firehose_queue *ret)
{
    sqlite3_stmt *s = state_prepare(state, "SELECT count(*), coalesce(sum(length(data)), 0)"
                                           " FROM firehose_records WHERE stream_id=? AND state=?");

    *ret = (struct firehose_queue){0};
    sqlite3_bind_int64(s, 1, stream_id);
    sqlite3_bind_int(s, 2, (int)in);
    if (state_row(state, s) != 1) {
        return -ERROR_IO;
    }
    ret->count = sqlite3_column_int64(s, 0);
    ret->bytes = sqlite3_column_int64(s, 1);
    sqlite3_reset(s);
    return firehose_store_first(state, stream_id, in, ret);
}

int firehose_store_first(struct state *state, int64_t stream_id, enum firehose_state in,
                         struct firehose_queue *queue)
{
    sqlite3_stmt *s = state_prepare(state, "SELECT id, arrival_ms FROM firehose_records"
                                           " WHERE stream_id=? AND state=? ORDER BY id LIMIT 1");
    int row;

    sqlite3_bind_int64(s, 1, stream_id);
    sqlite3_bind_int(s, 2, (int)in);
    row = state_row(state, s);
    queue->first_id = row == 1 ? sqlite3_column_int64(s, 0) : 0;
    queue->oldest_ms = row == 1 ? sqlite3_column_int64(s, 1) : 0;
    sqlite3_reset(s);
    return row < 0 ? row : 0;
}

int64_t firehose_store_last_id(struct state *state, int64_t stream_id)
{
    sqlite3_stmt *s =
        state_prepare(state, "SELECT coalesce(max(id), 0) FROM firehose_records WHERE stream_id=?");
    int64_t id = 0;

    sqlite3_bind_int64(s, 1, stream_id);
    if (state_row(state, s) == 1) {
        id = sqlite3_column_int64(s, 0);
    }
    sqlite3_reset(s);
    return id;
}

int firehose_store_read(struct state *state, int64_t stream_id, enum firehose_state in, int64_t last_id,
                        firehose_record_fn *fn, void *ctx)
{
    sqlite3_stmt *s = state_prepare(state, "SELECT id, arrival_ms, data FROM firehose_records"
                                           " WHERE stream_id=? AND state=? AND id<=? ORDER BY id");
    int row;

    sqlite3_bind_int64(s, 1, stream_id);
    sqlite3_bind_int(s, 2, (int)in);
    sqlite3_bind_int64(s, 3, last_id);
    while ((row = state_row(state, s)) == 1) {
        struct firehose_record record = {.id = sqlite3_column_int64(s, 0),
                                         .arrival_ms = sqlite3_column_int64(s, 1),
                                         .data = state_column(s, 2)};
        if (!fn(ctx, &record)) {
            sqlite3_reset(s);
            return 0;
        }
    }
    return row;
}

/* --- objects under way -----------------------------------------------------------------------------------
 */

int firehose_store_object_begin(struct state *state, int64_t stream_id, enum firehose_state of,
                                const struct firehose_object *object)
{
    sqlite3_stmt *s = state_prepare(
        state, "INSERT OR REPLACE INTO firehose_objects(stream_id, state, last_id, key) VALUES(?,?,?,?)");

    sqlite3_bind_int64(s, 1, stream_id);
    sqlite3_bind_int(s, 2, (int)of);
    sqlite3_bind_int64(s, 3, object->last_id);
    state_bind_text(s, 4, str_of(object->key));
    return state_run(state, s);
}

int firehose_store_object_find(struct state *state, int64_t stream_id, enum firehose_state of,
                               struct firehose_object *ret)
{
    sqlite3_stmt *s =
        state_prepare(state, "SELECT last_id, key FROM firehose_objects WHERE stream_id=? AND state=?");
    int row;

    sqlite3_bind_int64(s, 1, stream_id);
    sqlite3_bind_int(s, 2, (int)of);
    row = state_row(state, s);
    if (row == 1) {
        ret->last_id = sqlite3_column_int64(s, 0);
        snprintf(ret->key, sizeof(ret->key), "%.*s", STR_ARG(state_column(s, 1)));
        sqlite3_reset(s);
    }
    return row;
}

int firehose_store_object_end(struct state *state, int64_t stream_id, enum firehose_state of, int64_t last_id)
{
    sqlite3_stmt *s =
        state_prepare(state, "DELETE FROM firehose_records WHERE stream_id=? AND state=? AND id<=?");

    sqlite3_bind_int64(s, 1, stream_id);
    sqlite3_bind_int(s, 2, (int)of);
    sqlite3_bind_int64(s, 3, last_id);
    if (state_run(state, s)) {
        return -ERROR_IO;
    }
    s = state_prepare(state, "DELETE FROM firehose_objects WHERE stream_id=? AND state=?");
    sqlite3_bind_int64(s, 1, stream_id);
    sqlite3_bind_int(s, 2, (int)of);
    return state_run(state, s);
}

/* --- positions in a source stream ------------------------------------------------------------------------
 */

int64_t firehose_store_position(struct state *state, int64_t stream_id, int64_t shard_uid)
{
    sqlite3_stmt *s =
        state_prepare(state, "SELECT serial FROM firehose_positions WHERE stream_id=? AND shard_uid=?");
    int64_t serial = 0;

    sqlite3_bind_int64(s, 1, stream_id);
    sqlite3_bind_int64(s, 2, shard_uid);
    if (state_row(state, s) == 1) {
        serial = sqlite3_column_int64(s, 0);
    }
    sqlite3_reset(s);
    return serial;
}

int firehose_store_set_position(struct state *state, int64_t stream_id, int64_t shard_uid, int64_t serial)
{
    sqlite3_stmt *s = state_prepare(
        state, "INSERT OR REPLACE INTO firehose_positions(stream_id, shard_uid, serial) VALUES(?,?,?)");

    sqlite3_bind_int64(s, 1, stream_id);
    sqlite3_bind_int64(s, 2, shard_uid);
    sqlite3_bind_int64(s, 3, serial);
    return state_run(state, s);
}
