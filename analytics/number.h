/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers between text and binary, exact in both directions, independent of the locale. */
#ifndef ANALYTICS_NUMBER_H
#define ANALYTICS_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/str.h"

/*
 * The double nearest to a decimal number ("-12.3456", "1e3"; no spaces, no hexadecimal, no "inf"). False if
 * the text is none, or its value is beyond the range of a double.
 */
bool number_parse_real(struct str text, double *ret);

/*
 * A whole number: digits, or a decimal whose value is whole ("18", "18.0", "1.8e1"). False otherwise, and
 * beyond 64 bits.
 */
bool number_parse_whole(struct str text, int64_t *ret);

/*
 * The shortest decimal that reads back as the same double, with a point or an exponent, so that it stays
 * recognisable as a fraction: 10.0, -12.3456, 1e+300. What JSON has no number for (infinity) is "null".
 */
void number_add_real(struct buf *out, double value);
void number_add_whole(struct buf *out, int64_t value);

#endif
