/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/retry.h"

int64_t retry_delay_ms(const struct retry_policy *policy, unsigned attempt, uint64_t random)
{
    int64_t ceiling = policy->base_ms;

    for (; attempt > 0 && ceiling > 0 && ceiling < policy->cap_ms; attempt--) {
        ceiling = ceiling > policy->cap_ms / 2 ? policy->cap_ms : ceiling * 2;
    }
    if (ceiling > policy->cap_ms) {
        ceiling = policy->cap_ms;
    }
    return (int64_t)(random % ((uint64_t)ceiling + 1));
}
