/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/url.h"

static struct str before(struct str s, size_t end)
{
    return (struct str){s.ptr, end};
}

static struct str from(struct str s, size_t start)
{
    return (struct str){s.ptr + start, s.len - start};
}

/* Place of the first byte that is one of `set`, or the length. */
static size_t find_any(struct str s, const char *set)
{
    size_t i = 0;

    while (i < s.len && (s.ptr[i] == '\0' || !strchr(set, s.ptr[i]))) {
        i++;
    }
    return i;
}

static bool only_url_bytes(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c <= ' ' || c == 0x7F) {
            return false;
        }
    }
    return true;
}

static bool split_scheme(struct str *text, struct url *url)
{
    static const struct str http = {"http", 4}, https = {"https", 5};
    size_t colon = find_any(*text, ":");

    if (text->len - colon < 3 || memcmp(text->ptr + colon, "://", 3) != 0) {
        return false;
    }
    url->scheme = before(*text, colon);
    if (str_eq_nocase(url->scheme, http)) {
        url->port = 80;
    } else if (str_eq_nocase(url->scheme, https)) {
        url->port = 443;
    } else {
        return false;
    }
    *text = from(*text, colon + 3);
    return true;
}

/* "host", "host:port", "[v6]" or "[v6]:port". */
static bool split_authority(struct str text, struct url *url)
{
    bool bracketed = text.len > 0 && text.ptr[0] == '[';
    size_t end = find_any(text, bracketed ? "]" : ":");
    struct str rest;
    long long port;

    url->authority = text;
    if (bracketed) {
        if (end == text.len) {
            return false;
        }
        url->host = (struct str){text.ptr + 1, end - 1};
        rest = from(text, end + 1);
    } else {
        url->host = before(text, end);
        rest = from(text, end);
    }
    if (rest.len > 0) {
        if (rest.ptr[0] != ':' || !str_to_int64(from(rest, 1), 1, 65535, &port)) {
            return false;
        }
        url->port = (int)port;
    }
    return url->host.len > 0;
}

bool url_split(struct str text, struct url *ret)
{
    struct url url = {0};
    size_t end;

    if (!only_url_bytes(text) || !split_scheme(&text, &url)) {
        return false;
    }
    text = before(text, find_any(text, "#"));
    end = find_any(text, "/?");
    struct str authority = before(text, end);
    text = from(text, end);
    for (size_t i = authority.len; i > 0; i--) {
        if (authority.ptr[i - 1] == '@') {
            url.user = before(authority, i - 1);
            authority = from(authority, i);
            break;
        }
    }
    end = find_any(text, "?");
    url.path = before(text, end);
    url.query = end < text.len ? from(text, end + 1) : STR("");
    if (!split_authority(authority, &url)) {
        return false;
    }
    *ret = url;
    return true;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

/* Decodes the byte at *i and moves *i behind it. -1 for a bad escape. */
static int next_byte(struct str text, size_t *i, bool plus_is_space)
{
    char c = text.ptr[(*i)++];
    int high;
    int low;

    if (c == '+' && plus_is_space) {
        return ' ';
    }
    if (c != '%') {
        return (unsigned char)c;
    }
    if (text.len - *i < 2) {
        return -1;
    }
    high = hex_value(text.ptr[*i]);
    low = hex_value(text.ptr[*i + 1]);
    *i += 2;
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool url_decode(struct str text, bool plus_is_space, char *out, size_t size, size_t *ret_len)
{
    size_t len = 0;

    for (size_t i = 0; i < text.len;) {
        int byte = next_byte(text, &i, plus_is_space);
        if (byte <= 0 || len + 1 >= size) {
            return false;
        }
        out[len++] = (char)byte;
    }
    if (size == 0) {
        return false;
    }
    out[len] = '\0';
    if (ret_len) {
        *ret_len = len;
    }
    return true;
}

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void url_encode(struct buf *out, struct str text, bool keep_slash)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (is_unreserved(c) || (c == '/' && keep_slash)) {
            buf_add_char(out, c);
        } else {
            char escape[3] = {'%', hex[(unsigned char)c >> 4], hex[(unsigned char)c & 15]};
            buf_add(out, escape, sizeof(escape));
        }
    }
}

static bool decodes_to(struct str encoded, struct str plain)
{
    size_t n = 0;

    for (size_t i = 0; i < encoded.len; n++) {
        int byte = next_byte(encoded, &i, true);
        if (n == plain.len || byte != (unsigned char)plain.ptr[n]) {
            return false;
        }
    }
    return n == plain.len;
}

bool url_query_find(struct str query, struct str name, struct str *ret)
{
    while (query.len > 0) {
        size_t end = find_any(query, "&");
        struct str pair = before(query, end);
        size_t equals = find_any(pair, "=");

        if (pair.len > 0 && decodes_to(before(pair, equals), name)) {
            *ret = equals < pair.len ? from(pair, equals + 1) : STR("");
            return true;
        }
        query = end < query.len ? from(query, end + 1) : STR("");
    }
    return false;
}
