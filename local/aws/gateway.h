/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The front door: takes HTTP requests, checks their signatures, hands them to Kinesis and Firehose (by
 * X-Amz-Target) or to S3 (everything else), makes ordered faults happen, and writes errors as AWS does.
 * /_local/faults is open without a signature, and only there with LOCAL_AWS_FAULTS.
 */
#ifndef LOCAL_AWS_GATEWAY_H
#define LOCAL_AWS_GATEWAY_H

#include <stdint.h>

#include "lib/httpd.h"

#include "local/aws/auth.h"
#include "local/aws/local.h"

struct gateway;

/* NULL without memory. `local` is borrowed. */
struct gateway *gateway_new(struct local *local);
/* Cuts off the requests that an ordered latency still holds back. */
void gateway_free(struct gateway *gateway);

void gateway_handle(struct gateway *gateway, struct httpd_request *request);

/* Handles what was held back and is due. Returns milliseconds until the next one, -1 if there is none. */
int64_t gateway_run(struct gateway *gateway);
/* Makes everything that is held back due: before a stop. */
void gateway_hurry(struct gateway *gateway);

/* A request's headers, and the input of auth_check made from it. Borrowed from the request. */
struct gateway_input {
    struct sigv4_header headers[SIGV4_HEADER_CAP];
    size_t header_count;
    struct auth_input auth;
};
void gateway_read(const struct local *local, const struct httpd_request *request, const char *service,
                  int64_t now_ms, struct gateway_input *ret);

#endif
