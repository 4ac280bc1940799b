/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/words.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Copies a quoted part. Returns the closing quote, or NULL if there is none. */
static const char *copy_quoted(const char *line, char **out)
{
    char quote = *line++;

    for (; *line && *line != quote; line++) {
        if (quote == '"' && *line == '\\' && (line[1] == '"' || line[1] == '\\')) {
            line++;
        }
        *(*out)++ = *line;
    }
    return *line ? line : NULL;
}

/* Copies one word with its NUL. Returns what is behind it, or NULL. */
static const char *copy_word(const char *line, char **out)
{
    while (*line && !is_blank(*line)) {
        if (*line == '\'' || *line == '"') {
            line = copy_quoted(line, out);
            if (!line) {
                return NULL;
            }
        } else if (*line == '\\') {
            if (*++line == '\0') {
                return NULL;
            }
            *(*out)++ = *line;
        } else {
            *(*out)++ = *line;
        }
        line++;
    }
    *(*out)++ = '\0';
    return line;
}

char *words_split(const char *line, char **words, size_t cap)
{
    char *memory = malloc(strlen(line) + 2); /* quoting only shortens; each word ends where a blank was */
    char *out = memory;
    size_t count = 0;

    while (memory && line && count <= cap) {
        while (is_blank(*line)) {
            line++;
        }
        if (*line == '\0') {
            break;
        }
        if (count < cap) {
            words[count] = out;
        }
        count++;
        line = copy_word(line, &out);
    }
    if (!memory || !line || count == 0 || count > cap) {
        free(memory);
        return NULL;
    }
    words[count] = NULL;
    return memory;
}
