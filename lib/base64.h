/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Base64 with the standard alphabet and padding (RFC 4648 section 4), strict on decoding: padding is
 * required, white space and bits left over are refused. Own code, since every record passes through it.
 */
#ifndef LIB_BASE64_H
#define LIB_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/str.h"

static inline size_t base64_encoded_size(size_t len)
{
    return (len + 2) / 3 * 4;
}

/* Most bytes that `len` characters can decode to. */
static inline size_t base64_decoded_size(size_t len)
{
    return len / 4 * 3;
}

/* Writes base64_encoded_size(len) characters, no NUL. Returns that count. */
size_t base64_encode(const void *data, size_t len, char *out);

/*
 * Decodes into `out`, which has base64_decoded_size(text.len) bytes. Returns false, with *ret_len
 * untouched, if the text is not strict base64.
 */
bool base64_decode(struct str text, void *out, size_t *ret_len);

#endif
