/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the forwarder has to know of its Kinesis stream, from DescribeStreamSummary: that it exists, and the
 * largest record it takes (MaxRecordSizeInKiB, 1 MiB unless the stream was given more; data and partition key
 * together). Asked at start, and again when Kinesis refuses records as invalid.
 */
#ifndef FORWARDER_STREAM_H
#define FORWARDER_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/aws.h"

enum { STREAM_RECORD_CAP_DEFAULT = 1024 * 1024 };

struct stream {
    struct aws_client *aws;
    const char *name; /* or ARN */
    bool known;       /* it was described, or may not be described but is taken to exist */
    size_t record_cap;
    unsigned descriptions; /* successful ones */
    bool asking;
    unsigned attempts;
    int64_t due_ms; /* when to ask; 0: not */
    struct buf body;
};

void stream_init(struct stream *stream, struct aws_client *aws, const char *name);
void stream_done(struct stream *stream);
/* Asks again as soon as possible. */
void stream_refresh(struct stream *stream);
/* Starts the call when it is due. */
void stream_run(struct stream *stream, int64_t now_ms);
/* When that is, by itself; INT64_MAX: not while an answer is awaited or nothing is to be asked. */
int64_t stream_next_ms(const struct stream *stream);

/* Reads MaxRecordSizeInKiB out of an answer; the default if it is not there. Returns 0 or -ERROR_SYNTAX. */
int stream_read_cap(struct str body, size_t *ret_cap, struct error *err) MUST_USE;
/* The request body for a name or ARN. */
void stream_request(const char *name, struct buf *out);

#endif
