/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The token with which a Kafka client proves its AWS identity to Amazon MSK by SASL OAUTHBEARER
 * (docs.aws.amazon.com/msk/latest/developerguide/iam-access-control.html; the form is that of AWS's own
 * aws-msk-iam-sasl-signer libraries): a presigned URL of the action kafka-cluster:Connect, with a User-Agent
 * added behind the signature, as unpadded base64url. Pure.
 */
#ifndef LIB_MSK_IAM_H
#define LIB_MSK_IAM_H

#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/creds.h"

enum { MSK_IAM_LIFE_S = 900 /* the longest that MSK accepts */, MSK_IAM_TOKEN_CAP = 64 * 1024 };

/*
 * Appends the token, made of one snapshot of credentials. *ret_expires_ms is when it, or what it was made
 * from, ends. Returns 0, -ERROR_CONFIG for a region that is none, or another negative code.
 */
int msk_iam_token(const struct creds *creds, const char *region, const char *user_agent, int64_t now_wall_ms,
                  struct buf *out, int64_t *ret_expires_ms) MUST_USE;

#endif
