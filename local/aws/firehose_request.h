/* SPDX-License-Identifier: Apache-2.0 */
/* Delivery streams in JSON: what CreateDeliveryStream and UpdateDestination take, and DescribeDeliveryStream
 * gives. Functions that return int return 0 or CALL_REFUSED. */
#ifndef LOCAL_AWS_FIREHOSE_REQUEST_H
#define LOCAL_AWS_FIREHOSE_REQUEST_H

#include "local/aws/firehose.h"

/* Reads the input of CreateDeliveryStream. */
int firehose_request_settings(struct call *call, struct firehose_settings *ret) MUST_USE;
/* Changes settings by the input of UpdateDestination; what it does not name stays. */
int firehose_request_update(struct call *call, struct firehose_settings *settings) MUST_USE;
/* Appends the output of DescribeDeliveryStream. */
void firehose_request_describe(struct call *call, const struct firehose_stream *stream);

/* Refuses with InvalidArgumentException. */
int firehose_request_refuse(struct call *call, const char *text) MUST_USE;

/* ProcessingConfiguration, read in place of what was set, and written: firehose_processors.c. */
int firehose_processors_read(struct call *call, const cJSON *configuration,
                             struct firehose_settings *ret) MUST_USE;
void firehose_processors_add(struct call *call, const struct firehose_settings *settings);

#endif
