/* SPDX-License-Identifier: Apache-2.0 */
/* What is there from the start: the streams and delivery streams that the environment asks for. */
#ifndef LOCAL_AWS_SETUP_H
#define LOCAL_AWS_SETUP_H

#include "lib/attr.h"
#include "lib/error.h"

#include "local/aws/local.h"

/* Rules for LOCAL_AWS_STREAMS and LOCAL_AWS_DELIVERY_STREAMS: NULL, or what is expected. */
const char *setup_check_streams(const char *value);
const char *setup_check_delivery_streams(const char *value);

/* Makes what is missing; what exists stays as it is. */
int setup_run(struct local *local, struct error *err) MUST_USE;

#endif
