/* SPDX-License-Identifier: Apache-2.0 */
#include "transformer/base64_text.h"

#include "lib/span.h"

static const char newline_group[BASE64_TEXT_GROWTH] = {'C', 'g', '=', '='};

/* The six bits of a character of the alphabet. */
static unsigned sextet(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (unsigned)(c - 'A');
    }
    if (c >= 'a' && c <= 'z') {
        return (unsigned)(c - 'a') + 26;
    }
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0') + 52;
    }
    return c == '+' ? 62 : 63;
}

/* '=' at the start of [from, end), at most 2. */
static size_t padding_length(const char *from, const char *end)
{
    size_t length = 0;

    while (length < 2 && from + length < end && from[length] == '=') {
        length++;
    }
    return length;
}

static size_t padding_of(struct str text)
{
    if (text.len == 0 || text.ptr[text.len - 1] != '=') {
        return 0;
    }
    return text.ptr[text.len - 2] == '=' ? 2 : 1;
}

/* Of text whose characters are known to be right. */
static bool is_strict(struct str text, size_t padding)
{
    if (text.len % 4 != 0) {
        return false;
    }
    switch (padding) {
    case 1:
        return (sextet(text.ptr[text.len - 2]) & 3) == 0;
    case 2:
        return (sextet(text.ptr[text.len - 3]) & 15) == 0;
    default:
        return true;
    }
}

size_t base64_text_span(const char *from, const char *end, char stop, bool *ret_valid)
{
    size_t length = span_base64(from, end);
    size_t padding = padding_length(from + length, end);
    const char *behind = from + length + padding;

    if (behind < end && *behind == stop) {
        *ret_valid = is_strict((struct str){from, length + padding}, padding);
        return length + padding;
    }
    *ret_valid = false;
    return length;
}

bool base64_text_valid(struct str text)
{
    const char *end = text.ptr + text.len;
    size_t length = span_base64(text.ptr, end);
    size_t padding = padding_length(text.ptr + length, end);

    return length + padding == text.len && is_strict(text, padding);
}

bool base64_text_ends_in_newline(struct str text)
{
    const char *last;

    if (text.len == 0) {
        return false;
    }
    last = text.ptr + text.len - 4;
    switch (padding_of(text)) {
    case 1:
        return last[2] == 'o' && (sextet(last[1]) & 15) == 0;
    case 2:
        return last[0] == 'C' && last[1] == 'g';
    default:
        return last[3] == 'K' && (sextet(last[2]) & 3) == 0;
    }
}

size_t base64_text_add_newline(struct str text, char *out)
{
    memcpy(out, text.ptr, text.len);
    switch (padding_of(text)) {
    case 1:
        out[text.len - 1] = 'K';
        return text.len;
    case 2:
        out[text.len - 2] = 'o';
        return text.len;
    default:
        memcpy(out + text.len, newline_group, sizeof(newline_group));
        return text.len + sizeof(newline_group);
    }
}
