/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading JSON with cJSON: bounded parsing of foreign bytes and getters that check the type. Documents are
 * built with struct buf and buf_add_json_string(), not with cJSON.
 */
#ifndef LIB_JSON_H
#define LIB_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/error.h"
#include "lib/str.h"

/*
 * Parses exactly one JSON value with nothing but white space behind it. The caller frees it with
 * cJSON_Delete(). NULL with err filled (position and rule) otherwise.
 */
cJSON *json_parse(const char *text, size_t len, struct error *err);

/* As json_parse and cJSON_Delete, but what was copied of the text is overwritten: for secrets. */
cJSON *json_parse_secret(const char *text, size_t len, struct error *err);
void json_delete_secret(cJSON *json);

/* Member of an object by exact name, or NULL; tolerant of NULL and of non-objects. */
const cJSON *json_get(const cJSON *object, const char *name);
/* Member at a path such as "location.coordinates.latitude" (no arrays), or NULL. */
const cJSON *json_path(const cJSON *object, const char *path);
/* The text of a string member, borrowed; NULL if it is absent or no string. */
const char *json_string(const cJSON *object, const char *name);
/* A whole number within [min, max]; false if absent, fractional, out of range or not a number. */
bool json_int64(const cJSON *object, const char *name, long long min, long long max, long long *ret);
bool json_bool(const cJSON *object, const char *name, bool fallback);

#endif
