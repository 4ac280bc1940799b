/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Adding a newline to data without decoding it. Base64 puts three bytes into four characters, so one more
 * byte changes the last group only (RFC 4648 section 4):
 *
 *   "abcd"  full     a group of its own for the newline   "abcd" "Cg=="
 *   "abc="  2 bytes  the newline's low six bits, 10 = K    "abcK"
 *   "ab=="  1 byte   the newline's low four bits, 40 = o   "abo="
 *
 * The bits that the newline fills must have been zero, as strict base64 has it.
 */
#ifndef TRANSFORMER_BASE64_TEXT_H
#define TRANSFORMER_BASE64_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/str.h"

/* Most characters that base64_text_add_newline() adds. */
enum { BASE64_TEXT_GROWTH = 4 };

/*
 * The length of the base64 at the start of [from, end), its padding included, if `stop` follows it; otherwise
 * the length of the text up to the first character that is not base64. *ret_valid says which, and also
 * whether it is strict: length a multiple of 4, no bits left over.
 */
size_t base64_text_span(const char *from, const char *end, char stop, bool *ret_valid);
/* True for strict base64, all of it. */
bool base64_text_valid(struct str text);
/* For valid text: whether the last byte is a newline. */
bool base64_text_ends_in_newline(struct str text);
/*
 * Copies valid text to `out`, which has text.len + BASE64_TEXT_GROWTH bytes, with a newline added to the
 * bytes that it stands for. Returns the new length.
 */
size_t base64_text_add_newline(struct str text, char *out);

#endif
