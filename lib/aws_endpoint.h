/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AWS's own endpoints by partition (docs.aws.amazon.com/general/latest/gr/rande.html and the endpoint rules
 * of the SDKs), for aws.c and for the credential providers that call STS and SSO.
 */
#ifndef LIB_AWS_ENDPOINT_H
#define LIB_AWS_ENDPOINT_H

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/buf.h"

/* A region goes into a host name: lower-case letters, digits and '-', at most 63. */
bool aws_region_is_valid(const char *region);

/*
 * "https://<service>[-fips].<region>.<suffix>" for an endpoint prefix such as "kinesis" or "portal.sso". A
 * region that no partition knows is taken for one of `aws`. -ERROR_CONFIG for a region that is not valid.
 */
int aws_endpoint_default(const char *service, const char *region, bool fips, bool dualstack,
                         struct buf *out) MUST_USE;

#endif
