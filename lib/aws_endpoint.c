/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/aws_endpoint.h"

#include "lib/error.h"

struct partition {
    const char *region_prefix;
    const char *suffix;
    const char *dualstack_suffix;
};

/* The first whose prefix fits; the last fits all. */
static const struct partition partitions[] = {
    {"cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
    {"us-gov-", "amazonaws.com", "api.aws"},
    {"eusc-", "amazonaws.eu", "api.amazonwebservices.eu"},
    {"us-iso-", "c2s.ic.gov", "api.aws.ic.gov"},
    {"us-isob-", "sc2s.sgov.gov", "api.aws.scloud"},
    {"eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
    {"us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
    {"", "amazonaws.com", "api.aws"},
};

static const struct partition *partition_of(const char *region)
{
    const struct partition *partition = partitions;

    while (!str_starts_with(str_of(region), str_of(partition->region_prefix))) {
        partition++;
    }
    return partition;
}

bool aws_region_is_valid(const char *region)
{
    size_t len = region ? strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-") : 0;

    return len > 0 && len <= 63 && region[len] == '\0' && region[0] != '-' && region[len - 1] != '-';
}

/* Services whose endpoints in us-gov regions are FIPS ones under the plain name. */
static bool is_fips_anyway(const char *service, const char *region, bool dualstack)
{
    static const char *const services[] = {"kinesis", "sts", "portal.sso"};

    if (dualstack || !str_starts_with(str_of(region), STR("us-gov-"))) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(services); i++) {
        if (strcmp(service, services[i]) == 0) {
            return true;
        }
    }
    return false;
}

int aws_endpoint_default(const char *service, const char *region, bool fips, bool dualstack, struct buf *out)
{
    const struct partition *partition;

    if (!aws_region_is_valid(region)) {
        return -ERROR_CONFIG;
    }
    partition = partition_of(region);
    fips = fips && !is_fips_anyway(service, region, dualstack);
    buf_addf(out, "https://%s%s.%s.%s", service, fips ? "-fips" : "", region,
             dualstack ? partition->dualstack_suffix : partition->suffix);
    return buf_error(out);
}
