/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A record that was sent alone and refused as invalid. Kafka's record is gone from memory by then: the letter
 * is made of what was put, so it has the data as they were, but none of the record's own headers.
 */
#ifndef FORWARDER_REFUSAL_H
#define FORWARDER_REFUSAL_H

#include "forwarder/engine_state.h"

/* Treats the one record of the request's part as poison; `text` is what Kinesis said. */
void refusal_bury(struct engine *engine, const struct request *request, const char *text);

#endif
