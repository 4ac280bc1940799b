/* SPDX-License-Identifier: Apache-2.0 */
/* The URL of a page, made from the configured one. Pure. */
#ifndef FETCHER_REQUEST_H
#define FETCHER_REQUEST_H

#include "fetcher/position.h"
#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/str.h"

enum { REQUEST_URL_CAP = 8192 };

/*
 * Appends `base` with its query parameters kept, but for results, seed and page, which are replaced;
 * login is added to its exc. -ERROR_SYNTAX if base is no http(s) URL, -ERROR_LIMIT if it gets too long.
 */
int request_url(struct str base, const struct position *position, int64_t results, struct buf *out) MUST_USE;

/* Host and port of a URL as written in it: what the records carry as their source. */
struct str request_source(struct str base);

#endif
