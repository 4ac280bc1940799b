/* SPDX-License-Identifier: Apache-2.0 */
#include "transformer/transform.h"

#include "lib/jscan.h"
#include "transformer/base64_text.h"

#define ANSWER_HEAD "{\"records\":["
#define ANSWER_TAIL "]}"
#define RECORD_HEAD "{\"recordId\":\""
#define RECORD_OK "\",\"result\":\"Ok\",\""
#define RECORD_FAILED "\",\"result\":\"ProcessingFailed\",\""
#define RECORD_VALUE "\":\""
#define RECORD_TAIL "\"}"

#define DATA "data"
#define KAFKA "kafkaRecordValue"

enum { LONGEST_NAME = 6 * (sizeof(KAFKA) - 1) }; /* every character of it as an escape */

enum value_kind {
    VALUE_NONE,   /* absent or null */
    VALUE_BASE64, /* as written it is strict base64 */
    VALUE_STRING, /* any other string */
    VALUE_OTHER   /* not a string */
};

struct value {
    enum value_kind kind;
    bool escaped;
    struct str raw;
};

struct record {
    bool has_id;
    struct str id; /* as written */
    struct value data;
    struct value kafka;
};

struct answer {
    struct buf *out;
    size_t cap;
    size_t size;  /* bytes of the answer so far, the tail included, if every record got its full form */
    size_t floor; /* the same if every record got its least form */
    bool full;    /* size went past the cap: from here on only measured, not written */
    bool fitted;  /* second pass: a record is written in full only if the later ones keep their least form */
    size_t later; /* second pass: least bytes of the records still to come */
    struct transform_counts counts;
};

struct pass {
    struct jscan scan;
    bool if_missing;
    struct answer answer;
    struct buf scratch; /* a value without its escapes */
    bool has_records;
    bool wrong; /* the event has not the right shape */
    struct error shape;
};

/* --- reading ---------------------------------------------------------------------------------------------
 */

/* Not inlined, since its buffer would cost the common case a stack check. */
static __attribute__((noinline)) bool escaped_name_is(struct str key, struct str name)
{
    char text[LONGEST_NAME] = {0};

    return key.len <= sizeof(text) && str_eq((struct str){text, jscan_unescape(key, text)}, name);
}

/* Of the member read last. */
static inline bool name_is(const struct jscan *scan, struct str key, struct str name)
{
    if (__builtin_expect(scan->escaped, false)) {
        return escaped_name_is(key, name);
    }
    return key.len == name.len && memcmp(key.ptr, name.ptr, name.len) == 0;
}
#define NAME_IS(scan, key, literal) name_is((scan), (key), STR(literal))

static void wrong_shape(struct pass *pass, const char *where, long long index, const char *rule)
{
    if (pass->wrong) {
        return;
    }
    pass->wrong = true;
    if (index < 0) {
        (void)error_set(&pass->shape, ERROR_SYNTAX, false, "%s: %s", where, rule);
    } else {
        (void)error_set(&pass->shape, ERROR_SYNTAX, false, "records[%lld]%s: %s", index, where, rule);
    }
}

static void read_value(struct jscan *scan, struct value *ret)
{
    char first = jscan_first(scan);
    bool valid;
    size_t length;

    if (first != '"') {
        ret->kind = first == 'n' ? VALUE_NONE : VALUE_OTHER;
        jscan_skip(scan);
        return;
    }
    length = base64_text_span(scan->at + 1, scan->end, '"', &valid);
    if (valid) {
        *ret = (struct value){VALUE_BASE64, false, {scan->at + 1, length}};
        scan->at += length + 2;
        return;
    }
    ret->kind = VALUE_STRING;
    (void)jscan_take_string(scan, &ret->raw);
    ret->escaped = scan->escaped;
}

static void read_id(struct jscan *scan, struct record *record)
{
    record->has_id = jscan_take_string(scan, &record->id);
    if (!record->has_id) {
        jscan_skip(scan);
    }
}

static void read_record(struct jscan *scan, struct record *record)
{
    struct str key;

    while (jscan_member(scan, &key)) {
        if (NAME_IS(scan, key, "recordId")) {
            read_id(scan, record);
        } else if (NAME_IS(scan, key, DATA)) {
            read_value(scan, &record->data);
        } else if (NAME_IS(scan, key, KAFKA)) {
            read_value(scan, &record->kafka);
        } else {
            jscan_skip(scan);
        }
    }
}

/* --- writing ---------------------------------------------------------------------------------------------
 */

static void answer_start(struct answer *answer, size_t later)
{
    buf_reset(answer->out);
    buf_add(answer->out, ANSWER_HEAD, sizeof(ANSWER_HEAD) - 1);
    answer->size = sizeof(ANSWER_HEAD ANSWER_TAIL) - 1;
    answer->floor = answer->size;
    answer->full = false;
    answer->later = later;
    answer->counts = (struct transform_counts){0};
}

static char *put(char *to, const char *bytes, size_t len)
{
    memcpy(to, bytes, len);
    return to + len;
}
#define PUT(to, literal) put((to), (literal), sizeof(literal) - 1)

/* How a record is going to be written. */
struct line {
    struct str id;
    struct str name;
    struct str value;
    bool ok;
    bool newline; /* to be added to value, which is valid base64 then */
};

static size_t line_size(const struct line *line)
{
    size_t growth = line->newline && (line->value.len == 0 || line->value.ptr[line->value.len - 1] != '=')
                        ? BASE64_TEXT_GROWTH
                        : 0;

    return (line->ok ? sizeof(RECORD_HEAD RECORD_OK RECORD_VALUE RECORD_TAIL)
                     : sizeof(RECORD_HEAD RECORD_FAILED RECORD_VALUE RECORD_TAIL)) -
           1 + line->id.len + line->name.len + line->value.len + growth;
}

static void line_write(const struct line *line, bool comma, struct buf *out)
{
    char *start = buf_reserve(out, line_size(line) + comma);
    char *to = start;

    if (!start) {
        return;
    }
    if (comma) {
        *to++ = ',';
    }
    to = PUT(to, RECORD_HEAD);
    to = put(to, line->id.ptr, line->id.len);
    to = line->ok ? PUT(to, RECORD_OK) : PUT(to, RECORD_FAILED);
    to = put(to, line->name.ptr, line->name.len);
    to = PUT(to, RECORD_VALUE);
    if (line->newline) {
        to += base64_text_add_newline(line->value, to);
    } else {
        to = put(to, line->value.ptr, line->value.len);
    }
    to = PUT(to, RECORD_TAIL);
    buf_commit(out, (size_t)(to - start));
}

/* Adds a record in full, or in its least form if the full one does not fit. */
static void answer_add(struct answer *answer, const struct line *line)
{
    bool comma = answer->counts.ok + answer->counts.failed > 0;
    const struct line least = {.id = line->id, .name = line->name, .value = STR("")};
    const struct line *chosen = line;
    size_t size = line_size(line) + comma;
    size_t least_size = line_size(&least) + comma;

    least_size = least_size < size ? least_size : size;
    answer->floor += least_size;
    if (answer->fitted) {
        answer->later -= least_size < answer->later ? least_size : answer->later;
        if (answer->size + size + answer->later > answer->cap && least_size < size) {
            chosen = &least;
            size = least_size;
        }
    }
    answer->size += size;
    answer->counts.ok += chosen->ok;
    answer->counts.failed += !chosen->ok;
    answer->full = answer->full || answer->size > answer->cap;
    if (!answer->full) {
        line_write(chosen, comma, answer->out);
    }
}

/* --- the transform ---------------------------------------------------------------------------------------
 */

/* A string with escapes can still stand for base64: that text, or one with ptr NULL. */
static struct str unescaped_base64(struct pass *pass, const struct value *value)
{
    const struct str none = {NULL, 0};
    struct str text;
    char *memory;

    if (!value->escaped) {
        return none;
    }
    buf_reset(&pass->scratch);
    memory = buf_reserve(&pass->scratch, value->raw.len);
    if (!memory) {
        pass->answer.out->failure = buf_error(&pass->scratch);
        return none;
    }
    text = (struct str){memory, jscan_unescape(value->raw, memory)};
    return base64_text_valid(text) ? text : none;
}

static struct line line_of(struct pass *pass, const struct record *record)
{
    bool kafka = record->data.kind == VALUE_NONE && record->kafka.kind != VALUE_NONE;
    const struct value *value = kafka ? &record->kafka : &record->data;
    struct line line = {.id = record->id, .name = kafka ? STR(KAFKA) : STR(DATA), .value = STR("")};

    if (value->kind == VALUE_BASE64) {
        line.value = value->raw;
        line.ok = true;
    } else if (value->kind == VALUE_STRING) {
        struct str text = unescaped_base64(pass, value);
        line.ok = text.ptr != NULL;
        line.value = line.ok ? text : value->raw;
    }
    line.newline = line.ok && !(pass->if_missing && base64_text_ends_in_newline(line.value));
    return line;
}

static void transform_record(struct pass *pass, long long index)
{
    struct record record = {0};
    struct line line;

    if (!jscan_enter(&pass->scan, '{')) {
        wrong_shape(pass, "", index, "an object is required");
        jscan_skip(&pass->scan);
        return;
    }
    read_record(&pass->scan, &record);
    if (!record.has_id) {
        wrong_shape(pass, ".recordId", index, "a string is required");
    }
    if (!pass->scan.problem && !pass->wrong) {
        line = line_of(pass, &record);
        answer_add(&pass->answer, &line);
    }
}

/* A second "records" takes the place of the first. */
static void transform_records(struct pass *pass, size_t later)
{
    pass->has_records = true;
    pass->wrong = false;
    answer_start(&pass->answer, later);
    if (!jscan_enter(&pass->scan, '[')) {
        wrong_shape(pass, "records", -1, "an array is required");
        jscan_skip(&pass->scan);
        return;
    }
    for (long long index = 0; jscan_element(&pass->scan); index++) {
        transform_record(pass, index);
    }
}

static int run_pass(struct pass *pass, struct str event, size_t later, struct error *err)
{
    struct jscan *scan = &pass->scan;
    struct str key;

    *scan = jscan_start(event);
    pass->has_records = false;
    if (jscan_enter(scan, '{')) {
        while (jscan_member(scan, &key)) {
            if (NAME_IS(scan, key, "records")) {
                transform_records(pass, later);
            } else {
                jscan_skip(scan);
            }
        }
        if (!pass->has_records) {
            wrong_shape(pass, "records", -1, "an array is required");
        }
    } else {
        wrong_shape(pass, "event", -1, "an object is required");
        jscan_skip(scan);
    }
    if (!jscan_end(scan)) {
        return error_set(err, ERROR_SYNTAX, false, "not JSON at byte %zu: %s", jscan_offset(scan),
                         scan->problem);
    }
    return pass->wrong ? error_set(err, ERROR_SYNTAX, false, "%s", pass->shape.message) : 0;
}

static int run_passes(struct pass *pass, struct str event, struct error *err)
{
    struct answer *answer = &pass->answer;
    int rc = run_pass(pass, event, 0, err);

    if (rc == 0 && answer->full) {
        if (answer->floor > answer->cap) {
            return error_set(err, ERROR_LIMIT, false, "no answer of %zu bytes can hold %zu records",
                             answer->cap, (size_t)answer->counts.ok + (size_t)answer->counts.failed);
        }
        answer->fitted = true;
        rc = run_pass(pass, event, answer->floor - (sizeof(ANSWER_HEAD ANSWER_TAIL) - 1), err);
    }
    return rc;
}

int transform_event(struct str event, const struct transform_options *options, struct buf *out,
                    struct transform_counts *ret_counts, struct error *err)
{
    struct pass pass = {.if_missing = options->if_missing,
                        .answer = {.out = out, .cap = options->payload_cap}};
    int rc;

    buf_reset(out);
    buf_init(&pass.scratch, event.len);
    /* An answer is about as long as its event: one block instead of ever larger ones. */
    (void)buf_reserve(out, event.len < out->cap ? event.len : out->cap);
    rc = run_passes(&pass, event, err);
    if (rc == 0) {
        buf_add(out, ANSWER_TAIL, sizeof(ANSWER_TAIL) - 1);
        if (buf_error(out) != 0) {
            rc = error_set(err, ERROR_MEMORY, true, "out of memory");
        }
    }
    buf_done(&pass.scratch);
    if (rc == 0) {
        *ret_counts = pass.answer.counts;
    } else {
        buf_reset(out);
    }
    return rc;
}
