/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The function as an HTTP service that answers like Lambda's Invoke API:
 *   POST /2015-03-31/functions/<name>/invocations
 * 200 with the answer; 200 with X-Amz-Function-Error: Unhandled and the error document if the event is wrong;
 * any function name is ours. X-Amz-Invocation-Type may be RequestResponse, or DryRun (204). Every answer has
 * an X-Amzn-RequestId.
 */
#ifndef TRANSFORMER_INVOKE_API_H
#define TRANSFORMER_INVOKE_API_H

#include "lib/service.h"

/* An httpd_handler; ctx is a struct function. */
void invoke_api_handle(void *ctx, struct httpd_request *request);

#endif
