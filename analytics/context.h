/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of a running analytics process share. One thread. */
#ifndef ANALYTICS_CONTEXT_H
#define ANALYTICS_CONTEXT_H

#include <stddef.h>
#include <stdint.h>

#include "analytics/checkpoint.h"
#include "analytics/config.h"
#include "analytics/destinations.h"
#include "analytics/engine.h"
#include "analytics/metrics.h"
#include "analytics/replica.h"
#include "lib/aws.h"

struct context {
    const struct analytics_config *config;
    struct metrics *metrics;
    struct aws_client *kinesis;
    struct aws_client *firehose;
    struct engine *engine;
    char delivery_streams[ENGINE_TARGETS_CAP][DESTINATIONS_NAME_SIZE]; /* for the engine's target i */
    struct checkpoint *checkpoint;
    struct replica replica;
    int64_t buffered_bytes; /* of ANALYTICS_BUFFER_BYTES, by all readers together */
    int64_t saved_ms;       /* monotonic, when a position was last saved */
};

#endif
