/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How UpdateShardCount gets from the open shards of a stream to `target` equal ones: one split or merge after
 * the other, as the service does it, shards in between included. Pure.
 */
#ifndef LOCAL_AWS_KINESIS_SCALING_H
#define LOCAL_AWS_KINESIS_SCALING_H

#include "local/aws/kinesis_stream.h"

enum kinesis_scaling_step { KINESIS_SCALING_DONE, KINESIS_SCALING_SPLIT, KINESIS_SCALING_MERGE };

struct kinesis_scaling {
    hash_key from;     /* all below is as it is to be; 0 at first */
    unsigned shard;    /* to split, or to merge */
    unsigned adjacent; /* to merge with */
    hash_key at;       /* where to split: the first key of the second child */
};

/* The next step; *step says which shards, and is given back for the one after it. */
enum kinesis_scaling_step kinesis_scaling_next(const struct kinesis_stream *stream, unsigned target,
                                               struct kinesis_scaling *step);

#endif
