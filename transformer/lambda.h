/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The function as a Lambda custom runtime: takes events from the Runtime API (AWS: "Using the Lambda runtime
 * API for custom runtimes", version 2018-06-01) one after the other, and posts the answers.
 *   GET  /runtime/invocation/next            waits as long as it takes: Lambda freezes the sandbox meanwhile
 *   POST /runtime/invocation/<id>/response   202; 413 if the answer is too long, which /error then tells
 *   POST /runtime/invocation/<id>/error      {"errorMessage":..,"errorType":"Function.Reason"}
 *   POST /runtime/init/error                 before the first event
 * A status of 500 to any of them means that the sandbox is lost: the process ends.
 */
#ifndef TRANSFORMER_LAMBDA_H
#define TRANSFORMER_LAMBDA_H

#include "transformer/invocation.h"

/* Runs until a stop is requested or the Runtime API is lost. Returns the process's exit code. */
int lambda_run(const char *runtime_api, struct function *function);

/* Tells Lambda that the process cannot start; `type` is of the form Runtime.Reason. */
void lambda_init_failed(const char *runtime_api, const char *type, const char *message);

#endif
