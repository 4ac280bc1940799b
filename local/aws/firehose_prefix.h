/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of the objects that Firehose writes (docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html):
 * prefix with its expressions !{timestamp:..}, !{firehose:random-string} and !{firehose:error-output-type},
 * then <stream>-<version>-yyyy-MM-dd-HH-mm-ss-<uuid><extension>. Times are UTC, of the oldest record. Pure.
 */
#ifndef LOCAL_AWS_FIREHOSE_PREFIX_H
#define LOCAL_AWS_FIREHOSE_PREFIX_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"

/* What an object's name is made of. */
struct firehose_object_name {
    const char *prefix;       /* may be empty */
    const char *error_prefix; /* may be empty; used when error_type is set */
    const char *error_type;   /* "processing-failed"; NULL: an object of good records */
    const char *stream;
    int64_t version;
    const char *extension; /* ".gz"; NULL or empty: none */
    int64_t oldest_ms;     /* arrival of the oldest record */
    uint64_t random;       /* for random-string */
    const char *uuid;
};

/*
 * NULL if the prefix can be used, else what is wrong. Where `for_errors`, it may hold error-output-type,
 * and must if it holds any expression.
 */
const char *firehose_prefix_problem(const char *prefix, bool for_errors);

/*
 * Appends the key. A prefix without a timestamp gets yyyy/MM/dd/HH/ behind it; the error prefix is, if none
 * is given, the prefix and <error type>/. 0, or -ERROR_SYNTAX for a prefix that has a problem.
 */
int firehose_object_key(const struct firehose_object_name *name, struct buf *out) MUST_USE;

#endif
