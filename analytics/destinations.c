/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/destinations.h"

#include <stdio.h>

#include "lib/str.h"

struct entry {
    struct str table; /* empty: for all others */
    struct str stream;
};

static struct str trim(struct str s)
{
    while (s.len > 0 && s.ptr[0] == ' ') {
        s = (struct str){s.ptr + 1, s.len - 1};
    }
    while (s.len > 0 && s.ptr[s.len - 1] == ' ') {
        s.len--;
    }
    return s;
}

/* Cuts the next entry off the front; false at the end. */
static bool next_entry(const char **rest, struct entry *ret)
{
    size_t len;
    const char *equals;

    if (!*rest) {
        return false;
    }
    len = strcspn(*rest, ",");
    equals = memchr(*rest, '=', len);
    ret->table = (struct str){"", 0};
    ret->stream = trim((struct str){*rest, len});
    if (equals) {
        size_t name_len = (size_t)(equals - *rest);
        ret->table = trim((struct str){*rest, name_len});
        ret->stream = trim((struct str){equals + 1, len - name_len - 1});
    }
    *rest = (*rest)[len] == ',' ? *rest + len + 1 : NULL;
    return true;
}

static bool is_stream_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
              c == '.' || c == '-')) {
            return false;
        }
    }
    return name.len > 0 && name.len < DESTINATIONS_NAME_SIZE;
}

const char *destinations_check(const char *text)
{
    struct entry entry;
    const char *rest = text;
    unsigned unnamed = 0;

    while (next_entry(&rest, &entry)) {
        unnamed += entry.table.len == 0;
        if (!is_stream_name(entry.stream)) {
            return "a delivery stream's name has 1 to 64 letters, digits and _ . -; several are written as "
                   "TABLE=name,TABLE=name";
        }
    }
    return unnamed > 1 ? "only one delivery stream can go without a table's name" : NULL;
}

bool destinations_find(const char *text, const char *table, char out[DESTINATIONS_NAME_SIZE])
{
    struct entry entry;
    const char *rest = text;
    struct str found = {NULL, 0};

    while (next_entry(&rest, &entry)) {
        if (str_eq_nocase(entry.table, str_of(table))) {
            found = entry.stream;
            break;
        }
        if (entry.table.len == 0) {
            found = entry.stream;
        }
    }
    if (!found.ptr || found.len >= DESTINATIONS_NAME_SIZE) {
        return false;
    }
    memcpy(out, found.ptr, found.len);
    out[found.len] = '\0';
    return true;
}

bool destinations_all_known(const char *text, const char *const *tables, size_t count, char *out, size_t size)
{
    struct entry entry;
    const char *rest = text;

    while (next_entry(&rest, &entry)) {
        bool known = entry.table.len == 0;
        for (size_t i = 0; !known && i < count; i++) {
            known = str_eq_nocase(entry.table, str_of(tables[i]));
        }
        if (!known) {
            snprintf(out, size, "%.*s", STR_ARG(entry.table));
            return false;
        }
    }
    return true;
}
