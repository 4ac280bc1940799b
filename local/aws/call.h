/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One call of an AWS JSON service: what came in, and the answer under construction. An operation reads
 * `input`, appends the JSON answer to `output` and returns 0; or it ends with `return call_fail(...)`, which
 * describes the error as AWS would.
 */
#ifndef LOCAL_AWS_CALL_H
#define LOCAL_AWS_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/json.h"

#include "local/aws/local.h"

enum {
    CALL_OUTPUT_CAP = 32 * 1024 * 1024, /* GetRecords: 10 MiB, as base64 13.4 MiB, and 10,000 envelopes */
    CALL_REFUSED = -1
};

struct call {
    struct local *local;
    const char *operation;
    const cJSON *input;
    int64_t now_ms; /* wall clock */
    struct buf output;
    int status; /* of the error */
    const char *code;
    char message[400];
};

/* Describes the error of a call. `code` is static text. */
void call_describe(struct call *call, int status, const char *code, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* 400 ValidationException for a member that breaks its model; 500 InternalFailure for a broken state. */
void call_describe_invalid(struct call *call, const char *member, const char *rule);
void call_describe_broken(struct call *call);

/* The same as the end of an operation: all are CALL_REFUSED, for analyzers to see too. */
#define call_fail(call, ...) (call_describe((call), __VA_ARGS__), CALL_REFUSED)
#define call_invalid(call, member, rule) (call_describe_invalid((call), (member), (rule)), CALL_REFUSED)
#define call_broken(call) (call_describe_broken(call), CALL_REFUSED)

/*
 * A whole number of the input within [min, max]; `fallback` where it is absent. 0 or CALL_REFUSED.
 */
int call_int(struct call *call, const char *member, int64_t min, int64_t max, int64_t fallback,
             int64_t *ret) MUST_USE;
/*
 * The text of a string member of 1..max characters, NULL where it is absent and not required. 0 or
 * CALL_REFUSED.
 */
int call_text(struct call *call, const char *member, bool required, size_t max, const char **ret) MUST_USE;

/*
 * Name behind the last '/' of an ARN "arn:<partition>:<service>:<region>:<account>:<type>/<name>" of this
 * service, type and region; NULL if it is none.
 */
const char *call_arn_name(const struct call *call, const char *arn, const char *service, const char *type);

/* Seconds since 1970 with milliseconds, as the JSON protocol writes timestamps: 1795392000.123. */
void call_add_time(struct buf *out, int64_t wall_ms);

/* [a-zA-Z0-9_.-]+ */
bool call_is_name(const char *text);

#endif
