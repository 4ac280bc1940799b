/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FIREHOSE_STREAM: which delivery stream a destination table goes to. "users-to-s3" is for every table;
 * "DESTINATION_USER_DATA=users-to-s3,MINORS=minors-to-s3,rest" names some and has one for the others. Pure.
 */
#ifndef ANALYTICS_DESTINATIONS_H
#define ANALYTICS_DESTINATIONS_H

#include <stdbool.h>
#include <stddef.h>

enum { DESTINATIONS_NAME_SIZE = 65 }; /* Firehose: 1..64 characters */

/* NULL if the text is right, else the rule that it breaks. */
const char *destinations_check(const char *text);
/* Writes the delivery stream for a table (names compare without case); false if there is none. */
bool destinations_find(const char *text, const char *table, char out[DESTINATIONS_NAME_SIZE]);
/* True if every table named is one of these; otherwise the first that is not is written to out. */
bool destinations_all_known(const char *text, const char *const *tables, size_t count, char *out,
                            size_t size);

#endif
