/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every power of ten that a double holds exactly, as far as the short forms need them. */
static const double powers_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                       1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* Whole numbers up to here are exact doubles. */
#define EXACT_LIMIT 9007199254740992.0 /* 2^53 */

/* Longer texts are no number that anybody wrote; keeps the copy for strtod on the stack. */
enum { NUMBER_TEXT_CAP = 400, SHORT_DIGITS = 15, SHORT_FRACTION = 6 };

/* Digits with at most one point: their value as a whole number and the digits behind the point. */
static bool parse_short(struct str text, bool *ret_negative, uint64_t *ret_digits, unsigned *ret_fraction)
{
    size_t i = text.len > 0 && text.ptr[0] == '-';
    bool point = false;
    unsigned count = 0;
    unsigned fraction = 0;
    uint64_t digits = 0;

    *ret_negative = i == 1;
    for (; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '.' && !point && count > 0) {
            point = true;
        } else if (c >= '0' && c <= '9' && count < SHORT_DIGITS) {
            digits = digits * 10 + (uint64_t)(c - '0');
            count++;
            fraction += point;
        } else {
            return false;
        }
    }
    *ret_digits = digits;
    *ret_fraction = fraction;
    return count > 0 && (!point || fraction > 0);
}

/* [-+]digits[.digits][e[-+]digits], also ".5" and "5.", as SQL writes them. */
static bool is_decimal(struct str text)
{
    size_t i = text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+');
    size_t digits = 0;

    for (; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++) {
        digits++;
    }
    if (i < text.len && text.ptr[i] == '.') {
        for (i++; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++) {
            digits++;
        }
    }
    if (digits == 0) {
        return false;
    }
    if (i < text.len && (text.ptr[i] == 'e' || text.ptr[i] == 'E')) {
        i++;
        i += i < text.len && (text.ptr[i] == '-' || text.ptr[i] == '+');
        for (digits = 0; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++) {
            digits++;
        }
    }
    return digits > 0 && i == text.len;
}

bool number_parse_real(struct str text, double *ret)
{
    char copy[NUMBER_TEXT_CAP + 1];
    bool negative;
    uint64_t digits;
    unsigned fraction;
    double value;

    if (parse_short(text, &negative, &digits, &fraction)) {
        /* Both operands are exact, so the quotient is the nearest double. */
        value = (double)digits / powers_of_ten[fraction];
        *ret = negative ? -value : value;
        return true;
    }
    if (text.len > NUMBER_TEXT_CAP || !is_decimal(text)) {
        return false;
    }
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    value = strtod(copy, NULL);
    if (!isfinite(value)) {
        return false;
    }
    *ret = value;
    return true;
}

bool number_parse_whole(struct str text, int64_t *ret)
{
    struct str digits = text;
    long long whole;
    double real;

    if (digits.len > 1 && digits.ptr[0] == '+') {
        digits = (struct str){digits.ptr + 1, digits.len - 1};
    }
    if (str_to_int64(digits, INT64_MIN, INT64_MAX, &whole)) {
        *ret = whole;
        return true;
    }
    if (!number_parse_real(text, &real) || fabs(real) > EXACT_LIMIT || real != floor(real)) {
        return false;
    }
    *ret = (int64_t)real;
    return true;
}

static size_t format_digits(uint64_t value, char *end)
{
    char *p = end;

    do {
        *--p = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return (size_t)(end - p);
}

void number_add_whole(struct buf *out, int64_t value)
{
    char text[24];
    char *end = text + sizeof(text);
    size_t len = format_digits(value < 0 ? -(uint64_t)value : (uint64_t)value, end);

    if (value < 0) {
        end[-(ptrdiff_t)++len] = '-';
    }
    buf_add(out, end - len, len);
}

/* The common case: few digits behind the point. False if the value has more. */
static bool add_short_real(struct buf *out, double value)
{
    double size = fabs(value);

    for (unsigned fraction = 0; fraction <= SHORT_FRACTION; fraction++) {
        double scaled = size * powers_of_ten[fraction];
        uint64_t digits;
        char text[40];
        char *end = text + sizeof(text);
        size_t len;
        if (scaled >= EXACT_LIMIT) {
            return false;
        }
        digits = (uint64_t)(scaled + 0.5);
        /* Equal after an exact division: reading the digits gives the same double. */
        if ((double)digits / powers_of_ten[fraction] != size) {
            continue;
        }
        len = format_digits(digits, end);
        while (len <= fraction) {
            end[-(ptrdiff_t)++len] = '0';
        }
        if (signbit(value)) {
            buf_add_char(out, '-');
        }
        buf_add(out, end - len, len - fraction);
        buf_add_char(out, '.');
        buf_add(out, fraction ? end - fraction : "0", fraction ? fraction : 1);
        return true;
    }
    return false;
}

void number_add_real(struct buf *out, double value)
{
    char text[40];
    int len = 0;

    if (!isfinite(value)) {
        buf_add_str(out, "null");
        return;
    }
    if (add_short_real(out, value)) {
        return;
    }
    for (int digits = 1; digits <= 17; digits++) {
        len = snprintf(text, sizeof(text), "%.*g", digits, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    buf_add(out, text, (size_t)len);
    if (!strpbrk(text, ".e")) {
        buf_add_str(out, ".0");
    }
}
