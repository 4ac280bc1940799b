/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One invocation of the function, wherever it came from: event in, answer or error document out, metrics and
 * log on the way. The HTTP service and the Lambda runtime loop share it.
 */
#ifndef TRANSFORMER_INVOCATION_H
#define TRANSFORMER_INVOCATION_H

#include <stdbool.h>

#include "lib/buf.h"
#include "lib/metrics.h"
#include "lib/str.h"
#include "transformer/transform.h"

struct function {
    struct transform_options options;
    struct metrics *metrics; /* borrowed */
    struct buf out;          /* the answer; its memory serves the next invocation too */
};

/* metrics is borrowed. */
void function_init(struct function *function, struct metrics *metrics, bool if_missing);
void function_done(struct function *function);

/*
 * Fills function->out with the answer and returns NULL; or with
 *   {"errorMessage":"records[3].recordId: a string is required","errorType":"Function.InvalidEvent"}
 * and returns the error's type. Types are of the form that Lambda's runtime API takes. `request_id` is for
 * the log.
 */
const char *function_invoke(struct function *function, struct str event, const char *request_id);

#endif
