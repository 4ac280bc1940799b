/* SPDX-License-Identifier: Apache-2.0 */
/* Randomness from the kernel. */
#ifndef LIB_RANDOM_H
#define LIB_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Fills memory with random bytes. Aborts the process if the kernel has none, which does not happen. */
void random_bytes(void *memory, size_t len);
uint64_t random_u64(void);
/* A random UUID, version 4 (RFC 9562), lower case; out has at least RANDOM_UUID_SIZE bytes. */
enum { RANDOM_UUID_SIZE = 37 };
void random_uuid(char *out);

#endif
