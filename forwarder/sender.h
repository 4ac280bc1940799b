/* SPDX-License-Identifier: Apache-2.0 */
/* Sends batches that are due, as many at once as configured and as fast as the rate allows. */
#ifndef FORWARDER_SENDER_H
#define FORWARDER_SENDER_H

#include "forwarder/engine_state.h"

void sender_run(struct engine *engine, int64_t now_ms);
/* When a batch is to be sent next if nothing else happens; INT64_MAX: none. */
int64_t sender_next_ms(struct engine *engine, int64_t now_ms);

#endif
