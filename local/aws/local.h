/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of local-aws share: one per process, made by main.c, borrowed by everyone else. */
#ifndef LOCAL_AWS_LOCAL_H
#define LOCAL_AWS_LOCAL_H

#include "lib/http.h"
#include "lib/metrics.h"

#include "local/aws/config.h"
#include "local/aws/metrics.h"
#include "local/aws/state.h"

struct kinesis_store;
struct firehose;
struct s3_store;
struct faults;

/* The account of all ARNs. */
#define LOCAL_ACCOUNT "000000000000"

struct local {
    const struct local_config *config;
    struct metrics *metrics;
    struct state *state;
    struct http_client *http;
    struct kinesis_store *kinesis;
    struct firehose *firehose;
    struct s3_store *s3;
    struct faults *faults; /* NULL: switched off */
};

#endif
