/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/firehose_prefix.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "lib/error.h"

enum { RANDOM_CHARS = 11 };

static const char default_timestamp[] = "yyyy/MM/dd/HH/";

/* A run of one letter of Java's DateTimeFormatter, as strftime writes it. */
static const struct {
    const char *run;
    const char *format;
} runs[] = {{"yyyy", "%Y"}, {"yy", "%y"}, {"MM", "%m"},  {"dd", "%d"},  {"HH", "%H"},
            {"mm", "%M"},   {"ss", "%S"}, {"MMM", "%b"}, {"DDD", "%j"}, {"EEE", "%a"},
            {"u", "%u"},    {"hh", "%I"}, {"a", "%p"}};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static const char *run_format(struct str run)
{
    for (size_t i = 0; i < ARRAY_LENGTH(runs); i++) {
        if (str_eq(run, str_of(runs[i].run))) {
            return runs[i].format;
        }
    }
    return NULL;
}

/* Writes one time pattern: runs of letters are fields, text in quotes and all else stands for itself. */
static bool write_timestamp(struct str pattern, int64_t wall_ms, struct buf *out)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;
    char field[16];

    gmtime_r(&seconds, &utc);
    for (size_t i = 0; i < pattern.len;) {
        size_t end = i + 1;
        if (pattern.ptr[i] == '\'') {
            const char *close = memchr(pattern.ptr + end, '\'', pattern.len - end);
            if (!close) {
                return false;
            }
            end = (size_t)(close - pattern.ptr) + 1;
            buf_add(out, pattern.ptr + i + 1, end - i - 2);
        } else if (is_letter(pattern.ptr[i])) {
            while (end < pattern.len && pattern.ptr[end] == pattern.ptr[i]) {
                end++;
            }
            const char *format = run_format((struct str){pattern.ptr + i, end - i});
            if (!format) {
                return false;
            }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            buf_add(out, field, strftime(field, sizeof(field), format, &utc));
#pragma GCC diagnostic pop
        } else {
            buf_add_char(out, pattern.ptr[i]);
        }
        i = end;
    }
    return true;
}

static void write_random(uint64_t random, struct buf *out)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    for (int i = 0; i < RANDOM_CHARS; i++) {
        buf_add_char(out, alphabet[random % (sizeof(alphabet) - 1)]);
        random /= sizeof(alphabet) - 1;
    }
}

static bool write_expression(struct str text, const struct firehose_object_name *name, const char *error_type,
                             struct buf *out)
{
    if (str_starts_with(text, STR("timestamp:"))) {
        return write_timestamp((struct str){text.ptr + 10, text.len - 10}, name->oldest_ms, out);
    }
    if (str_eq(text, STR("firehose:random-string"))) {
        write_random(name->random, out);
        return true;
    }
    if (str_eq(text, STR("firehose:error-output-type")) && error_type) {
        buf_add_str(out, error_type);
        return true;
    }
    return false;
}

static bool write_prefix(const char *prefix, const struct firehose_object_name *name, const char *error_type,
                         struct buf *out)
{
    while (*prefix) {
        const char *open = strstr(prefix, "!{");
        const char *close = open ? strchr(open, '}') : NULL;
        if (!open) {
            buf_add_str(out, prefix);
            return true;
        }
        buf_add(out, prefix, (size_t)(open - prefix));
        if (!close ||
            !write_expression((struct str){open + 2, (size_t)(close - open) - 2}, name, error_type, out)) {
            return false;
        }
        prefix = close + 1;
    }
    return true;
}

const char *firehose_prefix_problem(const char *prefix, bool for_errors)
{
    const struct firehose_object_name name = {.oldest_ms = 0};
    struct buf text;
    const char *problem = NULL;

    if (strlen(prefix) > 1024) {
        return "is longer than 1024 bytes";
    }
    buf_init(&text, 8192);
    if (!write_prefix(prefix, &name, for_errors ? "processing-failed" : NULL, &text)) {
        problem = "holds an expression that Firehose does not know";
    } else if (for_errors && strstr(prefix, "!{") && !strstr(prefix, "!{firehose:error-output-type}")) {
        problem = "must contain !{firehose:error-output-type}";
    } else if (prefix[0] == '/') {
        problem = "must not begin with a slash";
    }
    buf_done(&text);
    return problem;
}

int firehose_object_key(const struct firehose_object_name *name, struct buf *out)
{
    bool own_error_prefix = name->error_type && name->error_prefix[0];
    const char *prefix = own_error_prefix ? name->error_prefix : name->prefix;

    if (name->error_type && !own_error_prefix && strstr(prefix, "!{")) {
        prefix = ""; /* an expression without an ErrorOutputPrefix was refused at creation */
    }
    if (!write_prefix(prefix, name, name->error_type, out)) {
        return -ERROR_SYNTAX;
    }
    if (name->error_type && !own_error_prefix) {
        buf_addf(out, "%s/", name->error_type);
    }
    if (!strstr(prefix, "!{timestamp:") &&
        !write_timestamp(str_of(default_timestamp), name->oldest_ms, out)) {
        return -ERROR_SYNTAX;
    }
    buf_addf(out, "%s-%" PRId64 "-", name->stream, name->version);
    if (!write_timestamp(STR("yyyy-MM-dd-HH-mm-ss"), name->oldest_ms, out)) {
        return -ERROR_SYNTAX;
    }
    buf_addf(out, "-%s%s", name->uuid, name->extension ? name->extension : "");
    return buf_error(out);
}
