/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Structured log lines on standard error, one event a line, as JSON or as text:
 *   {"ts":"2026-11-23T09:30:00.123Z","level":"info","service":"fetcher","event":"page fetched","users":500}
 *   09:30:00.123 info  page fetched users=500
 * Written where a decision is taken; the event or a field says what happens next. lib/ itself logs nothing
 * above debug. Payloads and secrets never appear.
 *
 *   LOG_INFO("page fetched", LOG_UINT("users", n), LOG_STR("source", url));
 */
#ifndef LIB_LOG_H
#define LIB_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/str.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_format { LOG_FORMAT_JSON, LOG_FORMAT_TEXT };

enum log_field_kind { LOG_FIELD_STR, LOG_FIELD_INT, LOG_FIELD_UINT, LOG_FIELD_DOUBLE, LOG_FIELD_BOOL };
struct log_field {
    const char *key;
    enum log_field_kind kind;
    union {
        struct str text;
        int64_t number;
        uint64_t count;
        double real;
        bool flag;
    } value;
};

/* LOG_STR takes a C string, LOG_STRN a struct str. */
#define LOG_STR(key, text_) ((struct log_field){(key), LOG_FIELD_STR, {.text = str_of(text_)}})
#define LOG_STRN(key, str_) ((struct log_field){(key), LOG_FIELD_STR, {.text = (str_)}})
#define LOG_INT(key, number_) ((struct log_field){(key), LOG_FIELD_INT, {.number = (number_)}})
#define LOG_UINT(key, count_) ((struct log_field){(key), LOG_FIELD_UINT, {.count = (count_)}})
#define LOG_DOUBLE(key, real_) ((struct log_field){(key), LOG_FIELD_DOUBLE, {.real = (real_)}})
#define LOG_BOOL(key, flag_) ((struct log_field){(key), LOG_FIELD_BOOL, {.flag = (flag_)}})

/* Once, before the first line. `service` is borrowed for ever. */
void log_init(const char *service, enum log_level level, enum log_format format);
bool log_enabled(enum log_level level);
void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t count);

/* The first field of the array is a place holder, so that an event without fields is valid C11. */
#define LOG_AT(level, event, ...)                                                                            \
    do {                                                                                                     \
        if (log_enabled(level)) {                                                                            \
            const struct log_field log_fields_[] = {{0}, ##__VA_ARGS__};                                     \
            log_write((level), (event), log_fields_ + 1, sizeof(log_fields_) / sizeof(log_fields_[0]) - 1);  \
        }                                                                                                    \
    } while (0)
#define LOG_ERROR(event, ...) LOG_AT(LOG_LEVEL_ERROR, event, ##__VA_ARGS__)
#define LOG_WARN(event, ...) LOG_AT(LOG_LEVEL_WARN, event, ##__VA_ARGS__)
#define LOG_INFO(event, ...) LOG_AT(LOG_LEVEL_INFO, event, ##__VA_ARGS__)
#define LOG_DEBUG(event, ...) LOG_AT(LOG_LEVEL_DEBUG, event, ##__VA_ARGS__)

#endif
