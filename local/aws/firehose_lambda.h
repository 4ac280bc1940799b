/* SPDX-License-Identifier: Apache-2.0 */
/* Invocations of the transform: one batch at a time per delivery stream, over HTTP. */
#ifndef LOCAL_AWS_FIREHOSE_LAMBDA_H
#define LOCAL_AWS_FIREHOSE_LAMBDA_H

#include <stdint.h>

#include "local/aws/firehose.h"

/*
 * Starts an invocation or a retry if one is due. Returns milliseconds until it is to be called again, -1:
 * when an invocation is answered or records come.
 */
int64_t firehose_lambda_run(struct local *local, struct firehose_stream *stream);
/* Cancels what is under way; the records stay. */
void firehose_lambda_cancel(struct firehose_stream *stream);

#endif
