/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ends that a record can come to; each consumed record comes to exactly one. Those in an aggregate are
 * confirmed or released together.
 */
#ifndef FORWARDER_SETTLE_H
#define FORWARDER_SETTLE_H

#include "forwarder/dlq.h"
#include "forwarder/engine_state.h"

/* Kinesis has it. */
void settle_confirmed(struct engine *engine, const struct batch_entry *entry);
/* It is not to be forwarded, by configuration; `reason` is the metric's label. */
void settle_dropped(struct engine *engine, const struct batch_entry *entry, const char *reason);
/* Its partition has gone to another owner, who will read it again from Kafka. Frees it. */
void settle_released(struct engine *engine, struct held *held);
/*
 * Kinesis can never take it: by FORWARDER_POISON it goes to the dead-letter topic, is dropped, or stops the
 * engine. The letter has owner and ticket; its lane, if it was in one, was left. Alive until the letter is
 * confirmed.
 */
void settle_poison(struct engine *engine, const struct dlq_letter *letter);
/* The record leaves its lane: the next one of the key may go. */
void settle_leave_lane(struct engine *engine, uint32_t lane);

/* An aggregate has come to its end, or apart: frees the list of its records, if the entry has one. */
void settle_pack(struct engine *engine, const struct batch_entry *entry);

/* Not an end: keeps a record's JSON and entry outside of a batch. NULL without memory, and then the engine
 * fails. */
struct held *settle_hold(struct engine *engine, const struct batch_entry *entry, struct str json);

#endif
