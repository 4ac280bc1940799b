/* SPDX-License-Identifier: Apache-2.0 */
#include "local/randomuser/metrics.h"

static const char *const statuses[] = {"200", "404", "405", "429", NULL};

const struct metric_def randomuser_metrics[RANDOMUSER_METRIC_COUNT] = {
    [METRIC_REQUESTS] = {.name = "local_randomuser_requests_total",
                         .kind = METRIC_COUNTER,
                         .label = "status",
                         .label_values = statuses,
                         .help = "Requests answered, by HTTP status."},
    [METRIC_USERS] = {.name = "local_randomuser_users_total",
                      .kind = METRIC_COUNTER,
                      .help = "Users handed out."},
    [METRIC_BYTES] = {.name = "local_randomuser_response_bytes_total",
                      .kind = METRIC_COUNTER,
                      .help = "Bytes of answers with users."},
};
