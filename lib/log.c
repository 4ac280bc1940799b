/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/log.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/clock.h"

enum { LOG_LINE_CAP = 16384 };

static const char *log_service = "userstream";
static enum log_level log_threshold = LOG_LEVEL_INFO;
static enum log_format log_form = LOG_FORMAT_JSON;

static const char *const level_names[] = {"error", "warn", "info", "debug"};

void log_init(const char *service, enum log_level level, enum log_format format)
{
    log_service = service;
    log_threshold = level;
    log_form = format;
}

bool log_enabled(enum log_level level)
{
    return level <= log_threshold;
}

static void add_number(struct buf *line, const struct log_field *field)
{
    switch (field->kind) {
    case LOG_FIELD_INT:
        buf_addf(line, "%lld", (long long)field->value.number);
        break;
    case LOG_FIELD_UINT:
        buf_addf(line, "%llu", (unsigned long long)field->value.count);
        break;
    case LOG_FIELD_DOUBLE:
        if (isfinite(field->value.real)) {
            buf_addf(line, "%.6g", field->value.real);
        } else {
            buf_add_str(line, "null"); /* JSON has no other word for it */
        }
        break;
    case LOG_FIELD_BOOL:
        buf_add_str(line, field->value.flag ? "true" : "false");
        break;
    case LOG_FIELD_STR:
        break;
    }
}

static void add_json_line(struct buf *line, const char *time, enum log_level level, const char *event,
                          const struct log_field *fields, size_t count)
{
    buf_addf(line, "{\"ts\":\"%s\",\"level\":\"%s\",\"service\":\"%s\",\"event\":", time, level_names[level],
             log_service);
    buf_add_json_string(line, event, str_of(event).len);
    for (size_t i = 0; i < count; i++) {
        buf_addf(line, ",\"%s\":", fields[i].key);
        if (fields[i].kind == LOG_FIELD_STR) {
            buf_add_json_string(line, fields[i].value.text.ptr, fields[i].value.text.len);
        } else {
            add_number(line, &fields[i]);
        }
    }
    buf_add_str(line, "}\n");
}

static bool needs_quotes(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7F) {
            return true;
        }
    }
    return text.len == 0;
}

static void add_text_line(struct buf *line, const char *time, enum log_level level, const char *event,
                          const struct log_field *fields, size_t count)
{
    buf_addf(line, "%.12s %-5s %s: %s", time + 11, level_names[level], log_service, event);
    for (size_t i = 0; i < count; i++) {
        buf_addf(line, " %s=", fields[i].key);
        if (fields[i].kind != LOG_FIELD_STR) {
            add_number(line, &fields[i]);
        } else if (needs_quotes(fields[i].value.text)) {
            buf_add_json_string(line, fields[i].value.text.ptr, fields[i].value.text.len);
        } else {
            buf_add(line, fields[i].value.text.ptr, fields[i].value.text.len);
        }
    }
    buf_add_char(line, '\n');
}

static void add_line(struct buf *line, const char *time, enum log_level level, const char *event,
                     const struct log_field *fields, size_t count)
{
    if (log_form == LOG_FORMAT_JSON) {
        add_json_line(line, time, level, event, fields, count);
    } else {
        add_text_line(line, time, level, event, fields, count);
    }
}

void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
    char time[CLOCK_ISO_SIZE];
    struct buf line;

    buf_init(&line, LOG_LINE_CAP);
    clock_format_iso(clock_wall_ms(), time, sizeof(time));
    add_line(&line, time, level, event, fields, count);
    if (buf_error(&line)) {
        buf_reset(&line);
        add_line(&line, time, level, event, NULL, 0); /* too long: the event alone */
    }
    ssize_t written = write(STDERR_FILENO, line.data, line.len);
    (void)written; /* there is nowhere left to complain to */
    buf_done(&line);
}
