/* SPDX-License-Identifier: Apache-2.0 */
/* What aws.c asks about refusals beyond aws_classify(). */
#ifndef LIB_AWS_ERROR_H
#define LIB_AWS_ERROR_H

#include "lib/aws.h"

/*
 * Code and first line of the message of a refusal: from its JSON, or from XML, which S3, STS and what stands
 * before a service send. The x-amzn-ErrorType header goes before the body's code. Empty is what there is not.
 * The lines that follow in signature errors quote the request's headers, the session token among them. Pure.
 */
void aws_error_read(struct str type_header, struct str body, char *code, size_t code_size, char *message,
                    size_t message_size);

/* The session token has expired. */
bool aws_is_expired(const char *code);
/* One of the codes that a wrong clock leads to, among other causes. */
bool aws_is_skew(const char *code);
/* The access key is not known (any more). */
bool aws_is_key(const char *code);

#endif
