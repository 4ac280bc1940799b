/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A record that produced no row because it could not be read or computed with: what the retired Kinesis Data
 * Analytics put into its error stream, and what goes into the error table here (checkpoint.h).
 */
#ifndef ANALYTICS_FAILURE_H
#define ANALYTICS_FAILURE_H

#include <stddef.h>

enum failure_reason {
    FAILURE_BAD_JSON,     /* not one JSON object in UTF-8 */
    FAILURE_BAD_VALUE,    /* a value does not fit its column's type */
    FAILURE_SQL,          /* the statement failed on it (overflow, a function's refusal) */
    FAILURE_ROW_TOO_LARGE /* its row is beyond what Firehose takes */
};
/* The reasons as the metric's label and the error table show them, in the order of the enum; ends with NULL.
 */
extern const char *const failure_reasons[];

enum { FAILURE_MESSAGE_SIZE = 160 };

struct failure {
    size_t record; /* index within the slice that was run */
    enum failure_reason reason;
    char message[FAILURE_MESSAGE_SIZE]; /* may show the offending value: not for the log */
};

#endif
