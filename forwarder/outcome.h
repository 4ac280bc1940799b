/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of a request: its records are confirmed, or put into the wheel to be sent again one by one, or
 * the request is sent again as it is, or halved until the record is found that Kinesis refuses.
 */
#ifndef FORWARDER_OUTCOME_H
#define FORWARDER_OUTCOME_H

#include "forwarder/engine_state.h"

/* The answer to a request; ctx is the struct request. Given to aws_call(). */
void outcome_answer(void *ctx, const struct aws_response *response);
/* It could not even be sent. */
void outcome_not_sent(struct engine *engine, struct request *request, const char *why, int64_t now_ms);

#endif
