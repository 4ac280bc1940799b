/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ini.h"

#include <stdlib.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct str trim(struct str text)
{
    while (text.len > 0 && is_blank(text.ptr[0])) {
        text.ptr++;
        text.len--;
    }
    while (text.len > 0 && is_blank(text.ptr[text.len - 1])) {
        text.len--;
    }
    return text;
}

static struct str without_comment(struct str value)
{
    for (size_t i = 0; i < value.len; i++) {
        if ((value.ptr[i] == '#' || value.ptr[i] == ';') && (i == 0 || is_blank(value.ptr[i - 1]))) {
            value.len = i;
        }
    }
    return trim(value);
}

static struct str cut_line(struct str *rest)
{
    const char *end = memchr(rest->ptr, '\n', rest->len);
    struct str line = {rest->ptr, end ? (size_t)(end - rest->ptr) : rest->len};
    size_t used = line.len + (end != NULL);

    rest->ptr += used;
    rest->len -= used;
    return line;
}

static int add(struct ini *ini, struct ini_entry entry)
{
    struct ini_entry *grown;

    if (ini->count == INI_ENTRY_CAP) {
        return -ERROR_LIMIT;
    }
    if ((ini->count & (ini->count - 1)) == 0) { /* room is the next power of two */
        size_t room = ini->count == 0 ? 1 : ini->count * 2;
        grown = realloc(ini->entries, room * sizeof(*grown));
        if (!grown) {
            return -ERROR_MEMORY;
        }
        ini->entries = grown;
    }
    ini->entries[ini->count++] = entry;
    return 0;
}

static int parse_section(struct ini *ini, struct str line, struct str *section)
{
    const char *end = memchr(line.ptr, ']', line.len);
    struct str behind;

    if (!end) {
        return -ERROR_SYNTAX;
    }
    behind = (struct str){end + 1, line.len - (size_t)(end + 1 - line.ptr)};
    if (without_comment(behind).len > 0) {
        return -ERROR_SYNTAX;
    }
    *section = trim((struct str){line.ptr + 1, (size_t)(end - line.ptr) - 1});
    return section->len > 0 ? add(ini, (struct ini_entry){.section = *section}) : -ERROR_SYNTAX;
}

static int parse_property(struct ini *ini, struct str line, struct str section)
{
    const char *equals = memchr(line.ptr, '=', line.len);
    struct ini_entry entry = {.section = section};
    size_t key_len;

    if (!equals || section.len == 0) {
        return -ERROR_SYNTAX;
    }
    key_len = (size_t)(equals - line.ptr);
    entry.key = trim((struct str){line.ptr, key_len});
    entry.value = without_comment((struct str){equals + 1, line.len - key_len - 1});
    return entry.key.len > 0 ? add(ini, entry) : -ERROR_SYNTAX;
}

/* Where the lines before have led to. */
struct place {
    struct str section;
    bool has_key; /* in this section */
    size_t indent;
};

static int parse_line(struct ini *ini, struct str line, struct place *place)
{
    struct str text = trim(line);
    size_t indent = (size_t)(text.ptr - line.ptr);

    if (line.len > INI_LINE_CAP) {
        return -ERROR_LIMIT;
    }
    if (text.len == 0 || text.ptr[0] == '#' || text.ptr[0] == ';') {
        return 0;
    }
    if (place->has_key && indent > place->indent) {
        return 0; /* goes on with the value before it */
    }
    if (text.ptr[0] == '[') {
        place->has_key = false;
        return parse_section(ini, text, &place->section);
    }
    place->has_key = true;
    place->indent = indent;
    return parse_property(ini, text, place->section);
}

int ini_parse(struct str text, struct ini *ret, struct error *err)
{
    struct ini ini = {0};
    struct place place = {.section = STR("")};
    size_t number = 0;
    int r = 0;

    if (str_starts_with(text, STR("\xEF\xBB\xBF"))) {
        text.ptr += 3;
        text.len -= 3;
    }
    while (r == 0 && text.len > 0) {
        number++;
        r = parse_line(&ini, cut_line(&text), &place);
    }
    if (r < 0) {
        ini_done(&ini);
        return error_set(err, (enum error_code) - r, false, "line %zu is %s", number,
                         r == -ERROR_LIMIT    ? "too long, or one too many"
                         : r == -ERROR_SYNTAX ? "neither [section] nor key = value in one"
                                              : "more than fits into memory");
    }
    *ret = ini;
    return 0;
}

void ini_done(struct ini *ini)
{
    free(ini->entries);
    *ini = (struct ini){0};
}
