/* SPDX-License-Identifier: Apache-2.0 */
#include "local/randomuser/pretty.h"

static void add_line_break(struct buf *out, unsigned depth)
{
    buf_add_char(out, '\n');
    while (depth-- > 0) {
        buf_add(out, "  ", 2);
    }
}

/* Bytes of the string literal at the start of `json`, both quotes included. */
static size_t string_length(struct str json)
{
    size_t i = 1;

    while (i < json.len && json.ptr[i] != '"') {
        i += json.ptr[i] == '\\' ? 2 : 1;
    }
    return i + 1;
}

void pretty_print(struct str json, struct buf *out)
{
    unsigned depth = 0;
    size_t i = 0;

    while (i < json.len) {
        char c = json.ptr[i];
        size_t length = c == '"' ? string_length((struct str){json.ptr + i, json.len - i}) : 1;
        bool closes_empty =
            i > 0 && (c == '}' || c == ']') && (json.ptr[i - 1] == '{' || json.ptr[i - 1] == '[');

        if ((c == '}' || c == ']') && depth > 0) {
            depth--;
            if (!closes_empty) {
                add_line_break(out, depth);
            }
        }
        buf_add(out, json.ptr + i, length);
        i += length;
        if (c == '{' || c == '[') {
            depth++;
        }
        if (c == ',' ||
            ((c == '{' || c == '[') && i < json.len && json.ptr[i] != '}' && json.ptr[i] != ']')) {
            add_line_break(out, depth);
        } else if (c == ':') {
            buf_add_char(out, ' ');
        }
    }
}
