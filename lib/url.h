/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URLs as text: percent-encoding, query parameters and the parts of an http(s) URL (RFC 3986). Pure.
 */
#ifndef LIB_URL_H
#define LIB_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/str.h"

/* The parts of an absolute URL, borrowed from its text and still percent-encoded. */
struct url {
    struct str scheme;    /* "https" */
    struct str user;      /* "name:password" before '@'; empty if absent */
    struct str authority; /* host with its port as written, for a Host header: "[::1]:8080" */
    struct str host;      /* without the brackets of an IPv6 literal; never empty */
    int port;             /* of the text, else the scheme's: 80 or 443 */
    struct str path;      /* from the first '/'; empty if absent */
    struct str query;     /* behind '?'; empty if absent */
};

/*
 * Takes an http or https URL apart; a fragment is dropped. False, with *ret untouched, for another scheme,
 * an empty host, a bad port, or bytes that no URL holds (controls, space).
 */
bool url_split(struct str text, struct url *ret) MUST_USE;

/*
 * Decodes %XX, and '+' as a space if plus_is_space, into `out` with a NUL. False if the result and its NUL
 * do not fit in `size`, or the text holds a bad escape or an encoded NUL; `out` may then hold a part.
 */
bool url_decode(struct str text, bool plus_is_space, char *out, size_t size, size_t *ret_len) MUST_USE;

/*
 * Appends the text with every byte encoded that is not unreserved (RFC 3986 section 2.3: letters, digits and
 * "-._~"), '/' too unless keep_slash. This is AWS's UriEncode.
 */
void url_encode(struct buf *out, struct str text, bool keep_slash);

/*
 * The first parameter of that name ("a=1&b" has a and b), name compared after decoding. Its value stays
 * encoded; it is empty for "b". False, with *ret untouched, if there is none.
 */
bool url_query_find(struct str query, struct str name, struct str *ret) MUST_USE;

#endif
