/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a PutRecords answer: one result per record of the request, in its order
 * (docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html). Some servers send ErrorCode null for
 * success, AWS leaves it out; both are understood. Pure.
 */
#ifndef FORWARDER_ANSWER_H
#define FORWARDER_ANSWER_H

#include <stddef.h>

#include "lib/attr.h"
#include "lib/error.h"
#include "lib/str.h"

enum answer_result {
    ANSWER_STORED,
    ANSWER_THROTTLED, /* ProvisionedThroughputExceededException: not stored */
    ANSWER_FAILED     /* InternalFailure, or a code that is new: not stored */
};

/* Called for every record that was not stored; shard is the one that the message names, or empty. */
typedef void answer_failed_fn(void *ctx, size_t index, enum answer_result result, struct str code,
                              struct str message);

/*
 * Calls `failed` for the records that were not stored. Returns 0, or -ERROR_SYNTAX if the text is not the
 * complete answer to a request of `expected` records; nothing may then be concluded from the calls made.
 */
int answer_read(struct str text, size_t expected, answer_failed_fn *failed, void *ctx,
                struct error *err) MUST_USE;

/* The shard that a throttling message names ("... for shard shardId-000000000001 ..."), or empty. */
struct str answer_shard(struct str message);

#endif
