/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiler attributes that the headers use to state a contract. Everything here expands to nothing
 * on a compiler that does not know it.
 */
#ifndef LIB_ATTR_H
#define LIB_ATTR_H

#if defined(__GNUC__)
/* The result says whether the call failed; ignoring it is a mistake. */
#define MUST_USE __attribute__((warn_unused_result))
/* Argument `string` is a printf format for the arguments from `first` on. */
#define PRINTF_LIKE(string, first) __attribute__((format(printf, string, first)))
#else
#define MUST_USE
#define PRINTF_LIKE(string, first)
#endif

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#endif
