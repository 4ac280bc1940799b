/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --try: the statements over records from a file, without AWS and without a checkpoint; for writing one's own
 * query.
 */
#ifndef ANALYTICS_TRY_H
#define ANALYTICS_TRY_H

#include <stdio.h>

#include "analytics/config.h"

/*
 * Runs each line of `in` as a record. Its rows go to `out`, one a line, behind the table's name if there are
 * several; what cannot be read is told on `problems` with the line's number. Returns the exit code.
 */
int try_statements(const struct analytics_config *config, FILE *in, FILE *out, FILE *problems);

#endif
