/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A clean stop. SIGTERM and SIGINT set a flag and make a descriptor readable, so that a poll wakes up. A
 * second signal does not kill the process: the drain has its own deadline, DRAIN_TIMEOUT_MS.
 */
#ifndef LIB_STOP_H
#define LIB_STOP_H

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/error.h"

/* Installs the handlers and ignores SIGPIPE. Once per process, before threads are started. */
int stop_init(struct error *err) MUST_USE;
bool stop_requested(void);
/* Readable from the moment a stop was requested. Do not read from it. */
int stop_fd(void);
/* Requests a stop from inside, e.g. when the work is done. */
void stop_request(void);

#endif
