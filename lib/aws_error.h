/* SPDX-License-Identifier: Apache-2.0 */
/* What aws.c asks about error codes beyond aws_classify(). */
#ifndef LIB_AWS_ERROR_H
#define LIB_AWS_ERROR_H

#include "lib/aws.h"

/* The session token has expired. */
bool aws_is_expired(const char *code);
/* One of the codes that a wrong clock leads to, among other causes. */
bool aws_is_skew(const char *code);
/* The access key is not known (any more). */
bool aws_is_key(const char *code);

#endif
