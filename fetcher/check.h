/* SPDX-License-Identifier: Apache-2.0 */
/* --check: tries what the fetcher needs and says on standard output what it found. */
#ifndef FETCHER_CHECK_H
#define FETCHER_CHECK_H

#include "lib/service.h"

/* Asks Kafka for both topics, and each source for one user. Returns the exit code. */
int check_run(const struct service *service);

#endif
