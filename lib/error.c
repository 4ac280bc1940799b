/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct error *err, enum error_code code, bool retriable, const char *format, ...)
{
    if (err) {
        va_list args;
        err->code = code;
        err->retriable = retriable;
        va_start(args, format);
        vsnprintf(err->message, sizeof(err->message), format, args);
        va_end(args);
    }
    return -(int)code;
}

void error_prefix(struct error *err, const char *format, ...)
{
    char text[sizeof(err->message)];
    va_list args;
    size_t len;
    size_t rest;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    len = strlen(text);
    if (len + 2 < sizeof(text)) {
        text[len++] = ':';
        text[len++] = ' ';
        rest = strnlen(err->message, sizeof(text) - len - 1);
        memcpy(text + len, err->message, rest);
        text[len + rest] = '\0';
    }
    memcpy(err->message, text, sizeof(text));
}
