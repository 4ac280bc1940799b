/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fills batches: first with records that waited (their lane is free, or they are to be sent again), then with
 * new ones from Kafka, as far as memory and free batches go.
 */
#ifndef FORWARDER_INTAKE_H
#define FORWARDER_INTAKE_H

#include "forwarder/engine_state.h"

/* Fills until nothing is left to take or there is no room; sends each batch that becomes full. */
void intake_run(struct engine *engine, int64_t now_ms);
/* True while new records could be taken. */
bool intake_hungry(const struct engine *engine);

#endif
