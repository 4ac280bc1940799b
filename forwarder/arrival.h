/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A record on its way in: what is put for it, or why it never can be. Decides by configuration and the
 * stream's limits; changes nothing.
 */
#ifndef FORWARDER_ARRIVAL_H
#define FORWARDER_ARRIVAL_H

#include "forwarder/consumer.h"
#include "forwarder/dlq.h"
#include "forwarder/engine_state.h"

struct arrival {
    const struct consumer_record *record;
    struct batch_record put; /* borrows from the record and from `scratch` */
    struct batch_entry entry;
    const char *poison; /* NULL, or why it can never be put */
    const char *poison_text;
    bool dropped; /* a null value that is not wanted */
    char scratch[KEY_SCRATCH_SIZE];
};

/* Fills a zeroed arrival for the record that the consumer is at. */
void arrival_read(const struct engine *engine, const struct consumer_record *record,
                  struct partition *partition, struct arrival *arrival);
/* The letter for one that is poison; `headers` is where it has the record's. Borrows from the record. */
struct dlq_letter arrival_letter(const struct engine *engine, const struct arrival *arrival,
                                 struct kafka_header headers[DLQ_HEADERS_MAX]);

#endif
