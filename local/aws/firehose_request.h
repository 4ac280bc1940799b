/* SPDX-License-Identifier: Apache-2.0 */
/* Delivery streams in JSON: CreateDeliveryStream's input, DescribeDeliveryStream's output. */
#ifndef LOCAL_AWS_FIREHOSE_REQUEST_H
#define LOCAL_AWS_FIREHOSE_REQUEST_H

#include "local/aws/firehose.h"

/* Reads the input of CreateDeliveryStream. 0 or CALL_REFUSED. */
int firehose_request_settings(struct call *call, struct firehose_settings *ret) MUST_USE;
/* Appends the output of DescribeDeliveryStream. */
void firehose_request_describe(struct call *call, const struct firehose_stream *stream);

#endif
