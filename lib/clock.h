/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clocks. Only edges read them; pure logic takes a time as an argument.
 */
#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Milliseconds that only ever grow, for time-outs and durations. */
int64_t clock_monotonic_ms(void);
/* Microseconds of the same clock, for latencies. */
int64_t clock_monotonic_us(void);
/* Milliseconds since 1970-01-01 UTC. */
int64_t clock_wall_ms(void);

/* "2026-11-23T09:30:00.123Z"; out has at least CLOCK_ISO_SIZE bytes. */
enum { CLOCK_ISO_SIZE = 32 };
void clock_format_iso(int64_t wall_ms, char *out, size_t size);
/*
 * Reads "2026-11-23T09:30:00[.fraction]Z" (RFC 3339, UTC only). Returns milliseconds since 1970, or -1.
 */
int64_t clock_parse_iso(const char *text);
/* Reads an HTTP date such as "Mon, 23 Nov 2026 09:30:00 GMT" (RFC 9110 section 5.6.7), or -1. */
int64_t clock_parse_http_date(const char *text);

#endif
