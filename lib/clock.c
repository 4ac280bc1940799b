/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t clock_read_us(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_monotonic_us(void)
{
    return clock_read_us(CLOCK_MONOTONIC);
}

int64_t clock_monotonic_ms(void)
{
    return clock_monotonic_us() / 1000;
}

int64_t clock_wall_ms(void)
{
    return clock_read_us(CLOCK_REALTIME) / 1000;
}

void clock_format_iso(int64_t wall_ms, char *out, size_t size)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;

    gmtime_r(&seconds, &utc);
    snprintf(out, size, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900, utc.tm_mon + 1,
             utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, (int)(wall_ms % 1000));
}

/* Seconds since 1970, or -1 for a day that the month does not have: timegm() takes it for the next month's.
 */
static int64_t to_seconds(const struct tm *utc)
{
    struct tm normal = *utc;
    time_t seconds = timegm(&normal);

    return normal.tm_mday == utc->tm_mday && normal.tm_sec == utc->tm_sec ? (int64_t)seconds : -1;
}

/* True if the text starts like that, with any digit for a 0: strptime() alone takes white space and fewer. */
static bool has_shape(const char *text, const char *shape)
{
    for (; *shape; text++, shape++) {
        if (*shape == '0' ? *text < '0' || *text > '9' : *text != *shape) {
            return false;
        }
    }
    return true;
}

int64_t clock_parse_iso(const char *text)
{
    struct tm utc = {0};
    const char *rest =
        has_shape(text, "0000-00-00T00:00:00") ? strptime(text, "%Y-%m-%dT%H:%M:%S", &utc) : NULL;
    int64_t seconds = rest ? to_seconds(&utc) : -1;
    int64_t milliseconds = 0;

    if (seconds < 0) {
        return -1;
    }
    if (*rest == '.') {
        int64_t unit = 100;
        if (rest[1] < '0' || rest[1] > '9') {
            return -1;
        }
        for (rest++; *rest >= '0' && *rest <= '9'; rest++) {
            milliseconds += (*rest - '0') * unit;
            unit /= 10;
        }
    }
    return strcmp(rest, "Z") == 0 ? seconds * 1000 + milliseconds : -1;
}

int64_t clock_parse_http_date(const char *text)
{
    struct tm utc = {0};
    const char *rest = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    int64_t seconds = rest && *rest == '\0' ? to_seconds(&utc) : -1;

    return seconds < 0 ? -1 : seconds * 1000;
}
