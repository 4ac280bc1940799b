/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FORWARDER_AGGREGATE_BYTES: when a lane is released, its next record is packed together with those that wait
 * behind it, as one Kinesis record (forwarder/aggregate.h). They have the same partition key, explicit hash
 * key and Kafka partition, and none of them was sent before: what was sent goes again as it was. So an
 * aggregate is resent as it is, and a record that was taken out of one stays alone.
 */
#ifndef FORWARDER_PACKING_H
#define FORWARDER_PACKING_H

#include "forwarder/engine_state.h"

/* Memory for one aggregate, if any are to be made. Returns 0 or -ERROR_MEMORY. */
int packing_init(struct engine *engine) MUST_USE;
/*
 * Adds the first ready record to the batch as an aggregate with those behind it. False if nothing was
 * changed: it goes alone.
 */
bool packing_ready(struct engine *engine, struct batch *batch);
/*
 * Takes the refused aggregate at that place of the batch apart. Its first record is ready, the others wait
 * before all others in its lane.
 */
void packing_undo(struct engine *engine, const struct batch *batch, size_t index);

#endif
