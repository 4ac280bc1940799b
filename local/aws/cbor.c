/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/cbor.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "lib/base64.h"
#include "lib/error.h"

enum major { UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE };
enum {
    INDEFINITE = 31,
    BREAK = 0xFF,
    TAG_TIME = 1,
    FALSE = 20,
    TRUE = 21,
    NIL = 22,
    UNDEFINED = 23,
    DOUBLE = 27
};

/* Below 2^53 a double holds every whole number. */
static const double exact = 9007199254740992.0;

/* --- reading ---------------------------------------------------------------------------------------------
 */

struct reader {
    struct str rest;
    unsigned depth;
    unsigned items;
};

struct head {
    enum major major;
    unsigned info;  /* the low five bits */
    uint64_t value; /* what they or the bytes behind them say */
};

static bool take(struct reader *reader, size_t len, struct str *ret)
{
    if (len > reader->rest.len) {
        return false;
    }
    *ret = (struct str){reader->rest.ptr, len};
    reader->rest.ptr += len;
    reader->rest.len -= len;
    return true;
}

static bool take_head(struct reader *reader, struct head *ret)
{
    struct str bytes;
    unsigned char first;

    if (!take(reader, 1, &bytes)) {
        return false;
    }
    first = (unsigned char)bytes.ptr[0];
    *ret = (struct head){.major = (enum major)(first >> 5), .info = first & 31, .value = first & 31};
    if (ret->info < 24 || ret->info == INDEFINITE) {
        return true;
    }
    if (ret->info > 27 || !take(reader, (size_t)1 << (ret->info - 24), &bytes)) {
        return false;
    }
    ret->value = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        ret->value = ret->value << 8 | (unsigned char)bytes.ptr[i];
    }
    return true;
}

/* Takes the end of something of indefinite length, if it comes next. */
static bool take_break(struct reader *reader)
{
    struct str bytes;

    return reader->rest.len > 0 && (unsigned char)reader->rest.ptr[0] == BREAK && take(reader, 1, &bytes);
}

/* The bytes of a string, of its pieces if its length is not definite. */
static bool take_string(struct reader *reader, const struct head *head, struct buf *out)
{
    struct str piece;
    struct head next;

    if (head->info != INDEFINITE) {
        if (!take(reader, head->value, &piece)) {
            return false;
        }
        buf_add(out, piece.ptr, piece.len);
        return buf_error(out) == 0;
    }
    while (!take_break(reader)) {
        if (!take_head(reader, &next) || next.major != head->major || next.info == INDEFINITE ||
            !take(reader, next.value, &piece)) {
            return false;
        }
        buf_add(out, piece.ptr, piece.len);
    }
    return buf_error(out) == 0;
}

static cJSON *read_string(struct reader *reader, const struct head *head)
{
    struct buf bytes;
    struct buf text;
    cJSON *item = NULL;

    buf_init(&bytes, reader->rest.len);
    buf_init(&text, base64_encoded_size(reader->rest.len));
    if (take_string(reader, head, &bytes)) {
        struct str value = buf_str(&bytes);
        if (head->major == BYTES) {
            buf_add_base64(&text, value.ptr, value.len);
            item = buf_error(&text) ? NULL : cJSON_CreateString(buf_str(&text).ptr);
        } else if (!memchr(value.ptr, '\0', value.len) && str_is_utf8(value)) {
            item = cJSON_CreateString(value.ptr);
        }
    }
    buf_done(&bytes);
    buf_done(&text);
    return item;
}

static double half(uint64_t bits)
{
    int exponent = (int)(bits >> 10 & 31);
    double mantissa = (double)(bits & 1023);
    double value = exponent == 0    ? ldexp(mantissa, -24)
                   : exponent == 31 ? (double)INFINITY
                                    : ldexp(mantissa + 1024, exponent - 25);

    return bits & 0x8000 ? -value : value;
}

static cJSON *read_simple(const struct head *head)
{
    uint32_t single = (uint32_t)head->value;
    float narrow;
    double number;

    switch (head->info) {
    case FALSE:
    case TRUE:
        return cJSON_CreateBool(head->info == TRUE);
    case NIL:
    case UNDEFINED:
        return cJSON_CreateNull();
    case 25:
        number = half(head->value);
        break;
    case 26:
        memcpy(&narrow, &single, sizeof(narrow));
        number = (double)narrow;
        break;
    case DOUBLE:
        memcpy(&number, &head->value, sizeof(number));
        break;
    default:
        return NULL;
    }
    return isfinite(number) ? cJSON_CreateNumber(number) : NULL;
}

static cJSON *read_item(struct reader *reader);

/* Whether another element follows; `left` counts down where the length is definite. */
static bool goes_on(struct reader *reader, const struct head *head, uint64_t *left)
{
    return head->info == INDEFINITE ? !take_break(reader) : (*left)-- > 0;
}

static cJSON *read_list(struct reader *reader, const struct head *head)
{
    cJSON *list = head->major == MAP ? cJSON_CreateObject() : cJSON_CreateArray();
    uint64_t left = head->value;

    while (list && goes_on(reader, head, &left)) {
        cJSON *name = head->major == MAP ? read_item(reader) : NULL;
        cJSON *item = head->major == ARRAY || cJSON_IsString(name) ? read_item(reader) : NULL;
        bool added = item && (name ? cJSON_AddItemToObject(list, name->valuestring, item)
                                   : cJSON_AddItemToArray(list, item));
        cJSON_Delete(name);
        if (!added) {
            cJSON_Delete(item);
            cJSON_Delete(list);
            return NULL;
        }
    }
    return list;
}

/* A time becomes seconds; of other tags only what they hold counts. */
static cJSON *read_tagged(struct reader *reader, const struct head *head)
{
    cJSON *item = read_item(reader);

    if (item && head->value == TAG_TIME && cJSON_IsNumber(item)) {
        cJSON_SetNumberValue(item, item->valuedouble / 1000);
    }
    return item;
}

static cJSON *read_content(struct reader *reader)
{
    struct head head;

    if (!take_head(reader, &head) || (head.info == INDEFINITE && (head.major < BYTES || head.major > MAP))) {
        return NULL;
    }
    switch (head.major) {
    case UNSIGNED:
        return cJSON_CreateNumber((double)head.value);
    case NEGATIVE:
        return cJSON_CreateNumber(-1 - (double)head.value);
    case BYTES:
    case TEXT:
        return read_string(reader, &head);
    case ARRAY:
    case MAP:
        return read_list(reader, &head);
    case TAG:
        return read_tagged(reader, &head);
    case SIMPLE:
        break;
    }
    return read_simple(&head);
}

static cJSON *read_item(struct reader *reader)
{
    cJSON *item = NULL;

    if (reader->depth < CBOR_DEPTH_CAP && reader->items++ < CBOR_ITEMS_CAP) {
        reader->depth++;
        item = read_content(reader);
        reader->depth--;
    }
    return item;
}

cJSON *cbor_read(struct str document)
{
    struct reader reader = {.rest = document};
    cJSON *root = read_item(&reader);

    if (reader.rest.len > 0) {
        cJSON_Delete(root);
        return NULL;
    }
    return root;
}

/* --- writing ---------------------------------------------------------------------------------------------
 */

static void add_head(struct buf *out, enum major major, uint64_t value)
{
    unsigned info = value < 24            ? (unsigned)value
                    : value <= 0xFF       ? 24
                    : value <= 0xFFFF     ? 25
                    : value <= 0xFFFFFFFF ? 26
                                          : 27;

    buf_add_char(out, (char)(major << 5 | info));
    for (unsigned bytes = info < 24 ? 0 : 1U << (info - 24); bytes > 0; bytes--) {
        buf_add_char(out, (char)(value >> (8 * (bytes - 1))));
    }
}

/* A whole number as such, any other as a double. */
static void add_number(struct buf *out, double number)
{
    uint64_t bits;

    if (number == floor(number) && fabs(number) < exact) {
        if (number < 0) {
            add_head(out, NEGATIVE, (uint64_t)(-1 - number));
        } else {
            add_head(out, UNSIGNED, (uint64_t)number);
        }
        return;
    }
    memcpy(&bits, &number, sizeof(bits));
    buf_add_char(out, (char)(SIMPLE << 5 | DOUBLE));
    for (int shift = 56; shift >= 0; shift -= 8) {
        buf_add_char(out, (char)(bits >> shift));
    }
}

static void add_text(struct buf *out, const char *text)
{
    size_t len = strlen(text);

    add_head(out, TEXT, len);
    buf_add(out, text, len);
}

static int add_blob(struct buf *out, const char *text)
{
    struct str base64 = str_of(text);
    size_t most = base64_decoded_size(base64.len);
    size_t len = most - (base64.len > 0 && text[base64.len - 1] == '=') -
                 (base64.len > 1 && text[base64.len - 2] == '=');
    char *end;

    add_head(out, BYTES, len);
    end = buf_reserve(out, most);
    if (!end || !base64_decode(base64, end, &len)) {
        return -ERROR_SYNTAX;
    }
    buf_commit(out, len);
    return 0;
}

static bool ends_with(const char *name, const char *end)
{
    size_t len = name ? strlen(name) : 0;

    return len >= strlen(end) && strcmp(name + len - strlen(end), end) == 0;
}

static int add_item(struct buf *out, const cJSON *item)
{
    const cJSON *child;
    int code = 0;

    if (cJSON_IsObject(item) || cJSON_IsArray(item)) {
        bool named = cJSON_IsObject(item);
        add_head(out, named ? MAP : ARRAY, (uint64_t)cJSON_GetArraySize(item));
        cJSON_ArrayForEach(child, item)
        {
            if (named) {
                add_text(out, child->string);
            }
            code = code ? code : add_item(out, child);
        }
    } else if (cJSON_IsString(item)) {
        if (item->string && strcmp(item->string, "Data") == 0) { /* the one blob there is */
            return add_blob(out, item->valuestring);
        }
        add_text(out, item->valuestring);
    } else if (cJSON_IsNumber(item) && ends_with(item->string, "Timestamp")) {
        add_head(out, TAG, TAG_TIME);
        add_number(out, round(item->valuedouble * 1000));
    } else if (cJSON_IsNumber(item)) {
        add_number(out, item->valuedouble);
    } else {
        add_head(out, SIMPLE, cJSON_IsTrue(item) ? TRUE : cJSON_IsFalse(item) ? FALSE : NIL);
    }
    return code ? code : buf_error(out);
}

int cbor_write(struct str json, struct buf *out)
{
    cJSON *root = json_parse(json.ptr, json.len, NULL);
    int code = root ? add_item(out, root) : -ERROR_SYNTAX;

    cJSON_Delete(root);
    return code;
}
