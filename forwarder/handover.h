/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commits, and partitions that come and go. A revoked partition is handed back when its requests are
 * answered, or after DRAIN_TIMEOUT_MS, with what is confirmed committed; answers that come later commit
 * nothing.
 */
#ifndef FORWARDER_HANDOVER_H
#define FORWARDER_HANDOVER_H

#include "forwarder/engine_state.h"

/* Starts a commit if one is due, and hands revoked partitions back if they are quiet. */
void handover_run(struct engine *engine, int64_t now_ms);
/* When a commit is due next. */
int64_t handover_next_ms(const struct engine *engine, int64_t now_ms);

#endif
