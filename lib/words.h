/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command line as words, by the quoting of the POSIX shell and nothing else of it: '...' is verbatim, in
 * "..." a backslash quotes " and itself, elsewhere any character. No variables, no globbing. Pure.
 */
#ifndef LIB_WORDS_H
#define LIB_WORDS_H

#include <stddef.h>

/*
 * Fills words[0..] and a NULL behind the last; there is room for `cap` words and that NULL. Returns the
 * memory that the words lie in, the caller's to free(), or NULL for a quote without end, no words or too
 * many.
 */
char *words_split(const char *line, char **words, size_t cap);

#endif
