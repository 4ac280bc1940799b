/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/xml.h"

#include <stdint.h>

/* What is between two markups, or one markup without its brackets. */
struct reader {
    struct str rest;
    struct str names[XML_DEPTH_CAP];
    size_t depth;
    bool root_seen;
};

enum event { EVENT_START, EVENT_END, EVENT_EMPTY, EVENT_TEXT, EVENT_CDATA, EVENT_EOF, EVENT_BAD };

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct str trim(struct str text)
{
    while (text.len > 0 && is_space(text.ptr[0])) {
        text.ptr++;
        text.len--;
    }
    while (text.len > 0 && is_space(text.ptr[text.len - 1])) {
        text.len--;
    }
    return text;
}

static void skip(struct str *text, size_t count)
{
    text->ptr += count;
    text->len -= count;
}

/* Cuts *rest behind `end`, and returns what was before it in *ret. False if there is no `end`. */
static bool cut(struct str *rest, struct str end, struct str *ret)
{
    const char *at = memmem(rest->ptr, rest->len, end.ptr, end.len);

    if (!at) {
        return false;
    }
    *ret = (struct str){rest->ptr, (size_t)(at - rest->ptr)};
    skip(rest, ret->len + end.len);
    return true;
}

static bool is_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
        bool other = (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':';
        if (!letter && !(other && i > 0)) {
            return false;
        }
    }
    return name.len > 0 && name.ptr[name.len - 1] != ':';
}

static struct str name_of(struct str tag)
{
    size_t len = 0;

    while (len < tag.len && !is_space(tag.ptr[len])) {
        len++;
    }
    return (struct str){tag.ptr, len};
}

/* '>' that ends a start tag: not one in an attribute's quotes. */
static bool cut_tag(struct str *rest, struct str *ret)
{
    char quote = '\0';

    for (size_t i = 0; i < rest->len; i++) {
        char c = rest->ptr[i];
        if (c == '<') {
            return false;
        }
        if (quote != '\0') {
            quote = c == quote ? '\0' : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '>') {
            *ret = (struct str){rest->ptr, i};
            skip(rest, i + 1);
            return true;
        }
    }
    return false;
}

static enum event end_tag(struct reader *reader, struct str tag)
{
    struct str name = trim((struct str){tag.ptr + 1, tag.len - 1});

    if (reader->depth == 0 || !str_eq(name, reader->names[reader->depth - 1])) {
        return EVENT_BAD;
    }
    reader->depth--;
    return EVENT_END;
}

static enum event start_tag(struct reader *reader, struct str tag)
{
    bool empty = tag.len > 0 && tag.ptr[tag.len - 1] == '/';
    struct str name;

    tag.len -= empty;
    name = name_of(tag);
    if (!is_name(name) || reader->depth == XML_DEPTH_CAP || (reader->depth == 0 && reader->root_seen)) {
        return EVENT_BAD;
    }
    reader->root_seen = true;
    reader->names[reader->depth++] = name;
    return empty ? EVENT_EMPTY : EVENT_START;
}

static enum event next_markup(struct reader *reader, struct str *ret)
{
    struct str *rest = &reader->rest;

    if (str_starts_with(*rest, STR("<!--"))) {
        skip(rest, 4);
        return cut(rest, STR("-->"), ret) ? EVENT_TEXT : EVENT_BAD;
    }
    if (str_starts_with(*rest, STR("<![CDATA["))) {
        skip(rest, 9);
        return reader->depth > 0 && cut(rest, STR("]]>"), ret) ? EVENT_CDATA : EVENT_BAD;
    }
    if (str_starts_with(*rest, STR("<?"))) {
        skip(rest, 2);
        return cut(rest, STR("?>"), ret) ? EVENT_TEXT : EVENT_BAD;
    }
    skip(rest, 1);
    if (!cut_tag(rest, ret) || ret->len == 0 || ret->ptr[0] == '!') {
        return EVENT_BAD;
    }
    return ret->ptr[0] == '/' ? end_tag(reader, *ret) : start_tag(reader, *ret);
}

/* Comments and processing instructions come as empty texts. */
static enum event next(struct reader *reader, struct str *ret)
{
    const char *markup;
    enum event event;

    if (reader->rest.len == 0) {
        return reader->depth == 0 && reader->root_seen ? EVENT_EOF : EVENT_BAD;
    }
    if (reader->rest.ptr[0] == '<') {
        event = next_markup(reader, ret);
        if (event == EVENT_TEXT) {
            *ret = STR("");
        }
        return event;
    }
    markup = memchr(reader->rest.ptr, '<', reader->rest.len);
    *ret = (struct str){reader->rest.ptr, markup ? (size_t)(markup - reader->rest.ptr) : reader->rest.len};
    skip(&reader->rest, ret->len);
    return reader->depth > 0 || trim(*ret).len == 0 ? EVENT_TEXT : EVENT_BAD;
}

static bool add_utf8(uint32_t point, struct buf *out)
{
    char bytes[4];
    size_t len = 0;

    if (point == 0 || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) {
        return false;
    }
    if (point < 0x80) {
        bytes[len++] = (char)point;
    } else {
        int extra = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
        static const unsigned char lead[] = {0, 0xC0, 0xE0, 0xF0};
        bytes[len++] = (char)(lead[extra] | (point >> (6 * extra)));
        while (extra-- > 0) {
            bytes[len++] = (char)(0x80 | ((point >> (6 * extra)) & 0x3F));
        }
    }
    buf_add(out, bytes, len);
    return true;
}

/* "#38" or "#x26" */
static bool add_character(struct str text, struct buf *out)
{
    bool hex = text.len > 1 && text.ptr[1] == 'x';
    uint32_t point = 0;
    size_t i = hex ? 2 : 1;

    if (i == text.len || text.len > 10) {
        return false;
    }
    for (; i < text.len; i++) {
        char c = text.ptr[i];
        uint32_t digit = c >= '0' && c <= '9'          ? (uint32_t)(c - '0')
                         : hex && c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : hex && c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                       : 99;
        if (digit == 99) {
            return false;
        }
        point = point * (hex ? 16 : 10) + digit;
        if (point > 0x10FFFF) {
            return false;
        }
    }
    return add_utf8(point, out);
}

static bool add_reference(struct str name, struct buf *out)
{
    static const struct {
        const char *name;
        char character;
    } entities[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};

    if (name.len > 0 && name.ptr[0] == '#') {
        return add_character(name, out);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(entities); i++) {
        if (str_eq(name, str_of(entities[i].name))) {
            buf_add_char(out, entities[i].character);
            return true;
        }
    }
    return false;
}

static bool add_text(struct str text, struct buf *out)
{
    struct str plain;
    struct str name;

    while (cut(&text, STR("&"), &plain)) {
        buf_add(out, plain.ptr, plain.len);
        if (!cut(&text, STR(";"), &name) || !add_reference(name, out)) {
            return false;
        }
    }
    buf_add(out, text.ptr, text.len);
    return true;
}

static struct str without_prefix(struct str name)
{
    const char *colon = memchr(name.ptr, ':', name.len);

    if (colon) {
        skip(&name, (size_t)(colon + 1 - name.ptr));
    }
    return name;
}

/* Are the open elements those of the path? */
static bool is_at(const struct reader *reader, const char *path)
{
    for (size_t i = 0; i < reader->depth; i++) {
        size_t len = strcspn(path, "/");
        if (!str_eq(without_prefix(reader->names[i]), (struct str){path, len})) {
            return false;
        }
        path += len;
        path += *path == '/';
    }
    return *path == '\0';
}

/* The search: before the element, in it, behind it. */
enum phase { BEFORE, INSIDE, BEHIND };

static bool step(struct reader *reader, enum event event, struct str text, const char *path,
                 enum phase *phase, struct buf *found)
{
    switch (event) {
    case EVENT_EMPTY:
    case EVENT_START:
        if (*phase == INSIDE) {
            return false; /* a child */
        }
        if (*phase == BEFORE && is_at(reader, path)) {
            *phase = event == EVENT_START ? INSIDE : BEHIND;
        }
        reader->depth -= event == EVENT_EMPTY;
        return true;
    case EVENT_END:
        *phase = *phase == INSIDE ? BEHIND : *phase;
        return true;
    case EVENT_TEXT:
        return *phase != INSIDE || add_text(text, found);
    case EVENT_CDATA:
        if (*phase == INSIDE) {
            buf_add(found, text.ptr, text.len);
        }
        return true;
    default:
        return false;
    }
}

bool xml_text(struct str document, const char *path, struct buf *out)
{
    struct reader reader = {.rest = document};
    enum phase phase = BEFORE;
    enum event event;
    struct str text = STR("");
    struct str trimmed;
    struct buf found;
    bool right = true;

    buf_init(&found, document.len);
    while (right && (event = next(&reader, &text)) != EVENT_EOF) {
        right = step(&reader, event, text, path, &phase, &found);
    }
    right = right && phase == BEHIND && buf_error(&found) == 0;
    if (right) {
        trimmed = trim(buf_str(&found));
        right = buf_reserve(out, trimmed.len) != NULL;
        buf_add(out, trimmed.ptr, right ? trimmed.len : 0);
    }
    buf_done_secret(&found);
    return right;
}

/* --- every element ---------------------------------------------------------------------------------------
 */

/* Names of 16 open elements, as AWS has them. */
enum { PATH_CAP = 1024 };

struct walk {
    struct reader reader;
    bool leaf; /* the open element has had no child yet */
    struct buf path;
    struct buf text;
    xml_element_fn *fn;
    void *ctx;
};

/* Tells of the element at `depth`, which ends. */
static bool walk_end(struct walk *walk, size_t depth)
{
    struct str text = walk->leaf ? buf_str(&walk->text) : STR("");

    buf_reset(&walk->path);
    for (size_t i = 0; i <= depth; i++) {
        struct str name = without_prefix(walk->reader.names[i]);
        buf_add_str(&walk->path, i > 0 ? "/" : "");
        buf_add(&walk->path, name.ptr, name.len);
    }
    walk->leaf = false;
    return buf_error(&walk->path) == 0 && buf_error(&walk->text) == 0 &&
           walk->fn(walk->ctx, buf_str(&walk->path), text);
}

static bool walk_step(struct walk *walk, enum event event, struct str text)
{
    switch (event) {
    case EVENT_START:
        walk->leaf = true;
        buf_reset(&walk->text);
        return true;
    case EVENT_EMPTY:
        walk->leaf = false;
        return walk_end(walk, --walk->reader.depth);
    case EVENT_END:
        return walk_end(walk, walk->reader.depth);
    case EVENT_TEXT:
        return !walk->leaf || add_text(text, &walk->text);
    case EVENT_CDATA:
        if (walk->leaf) {
            buf_add(&walk->text, text.ptr, text.len);
        }
        return true;
    default:
        return false;
    }
}

bool xml_each(struct str document, xml_element_fn *fn, void *ctx)
{
    struct walk walk = {.reader.rest = document, .fn = fn, .ctx = ctx};
    enum event event;
    struct str text = STR("");
    bool right = true;

    buf_init(&walk.path, PATH_CAP);
    buf_init(&walk.text, document.len);
    while (right && (event = next(&walk.reader, &text)) != EVENT_EOF) {
        right = walk_step(&walk, event, text);
    }
    buf_done(&walk.path);
    buf_done(&walk.text);
    return right;
}
