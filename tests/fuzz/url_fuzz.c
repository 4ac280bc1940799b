/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a URL lie inside it in order; what decodes, encoded again, decodes to the same. */
#include "lib/url.h"

#include "tests/fuzz/fuzz.h"

static void check_inside(struct str part, struct str whole)
{
    require(part.len == 0 || (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len));
}

static void check_split(struct str text)
{
    struct url url;

    if (url_split(text, &url)) {
        check_inside(url.scheme, text);
        check_inside(url.user, text);
        check_inside(url.host, url.authority);
        check_inside(url.authority, text);
        check_inside(url.path, text);
        check_inside(url.query, text);
        require(url.host.len > 0 && url.port > 0 && url.port < 65536);
        require(url.path.len == 0 || url.path.ptr[0] == '/');
        require(memchr(url.path.len ? url.path.ptr : "", '?', url.path.len) == NULL);
    }
}

static void check_decode(struct str text, bool plus_is_space)
{
    char *plain = malloc(text.len + 1);
    char *back = malloc(text.len + 1);
    struct buf encoded;
    size_t len = 0, back_len = 0;

    if (url_decode(text, plus_is_space, plain, text.len + 1, &len)) {
        require(len <= text.len && strlen(plain) == len);
        buf_init(&encoded, len * 3);
        url_encode(&encoded, (struct str){plain, len}, plus_is_space);
        require(buf_error(&encoded) == 0);
        require(url_decode(buf_str(&encoded), true, back, text.len + 1, &back_len));
        require(back_len == len && memcmp(plain, back, len) == 0);
        buf_done(&encoded);
        require(len == 0 || !url_decode(text, plus_is_space, plain, len, NULL));
    }
    free(plain);
    free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct str value;

    check_split(text);
    check_decode(text, true);
    check_decode(text, false);
    if (url_query_find(text, STR("list-type"), &value)) {
        check_inside(value, text);
        require(value.len == 0 || memchr(value.ptr, '&', value.len) == NULL);
    }
    return 0;
}
