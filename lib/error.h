/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What went wrong, told by the one who saw it to the one who decides. A function that can fail returns
 * 0 or a negative error code; one that crosses a boundary (network, file, foreign bytes) also fills the
 * caller's `struct error`, whose message is written for a person and names the offending value.
 */
#ifndef LIB_ERROR_H
#define LIB_ERROR_H

#include <stdbool.h>

#include "lib/attr.h"

enum error_code {
    ERROR_NONE = 0,
    ERROR_MEMORY,  /* an allocation failed */
    ERROR_LIMIT,   /* a named cap would have been passed */
    ERROR_SYNTAX,  /* foreign bytes are not what their format says */
    ERROR_IO,      /* the operating system refused */
    ERROR_TIMEOUT, /* no answer in time; whether it was acted on is unknown */
    ERROR_NETWORK, /* no connection, or it broke */
    ERROR_AUTH,    /* credentials missing, expired or refused */
    ERROR_REMOTE,  /* the other side answered, with an error */
    ERROR_CONFIG,  /* the configuration is wrong */
    ERROR_STATE,   /* a stored state does not fit */
    ERROR_STOPPED  /* the process was asked to stop */
};

struct error {
    enum error_code code;
    bool retriable; /* the same call may succeed later */
    char message[512];
};

/*
 * Fills `err` (NULL is allowed: then only the code is returned) and returns the negative code, so that a
 * function can end with `return error_set(...)`.
 */
int error_set(struct error *err, enum error_code code, bool retriable, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* Puts "context: " before the message that is there already. */
void error_prefix(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
