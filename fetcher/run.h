/* SPDX-License-Identifier: Apache-2.0 */
/* The fetcher at work: the loop that ties source, pace, checks and publisher together. */
#ifndef FETCHER_RUN_H
#define FETCHER_RUN_H

#include <stdbool.h>

#include "lib/service.h"

struct run_mode {
    bool once;  /* one page, at once */
    bool print; /* to standard output instead of Kafka */
};

/* Runs until a stop, the limit, or a failure that no waiting mends. Returns the exit code. */
int run_fetcher(const struct service *service, struct run_mode mode);

#endif
