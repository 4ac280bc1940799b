/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The input schema of an application of the retired Kinesis Data Analytics for SQL, which lay beside its SQL
 * ("InputSchema" of its API, versions 1 and 2):
 *
 *   {"RecordFormat": {"RecordFormatType": "JSON", "MappingParameters": {"JSONMappingParameters":
 *    {"RecordRowPath": "$"}}}, "RecordEncoding": "UTF-8", "RecordColumns":
 *    [{"Name": "first", "Mapping": "$.name.first", "SqlType": "VARCHAR(16)"}, ...]}
 *
 * alone, or as the member InputSchema of an object, such as DiscoverInputSchema's answer or an input of
 * CreateApplication, whose NamePrefix then names the table. It becomes the schema text that engine.h takes.
 * Pure.
 */
#ifndef ANALYTICS_INPUT_SCHEMA_H
#define ANALYTICS_INPUT_SCHEMA_H

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"
#include "lib/str.h"

/* True if the text is a JSON object and no SQL. */
bool input_schema_is(struct str text);
/* Appends the CREATE VIRTUAL TABLE. Fills err with what is wrong, or cannot be done here. */
int input_schema_to_sql(struct str json, struct buf *out, struct error *err) MUST_USE;

#endif
