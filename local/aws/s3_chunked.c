/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/s3_chunked.h"

#include <stdint.h>
#include <string.h>

/* Takes a line that ends in CRLF off the front. */
static bool take_line(struct str *rest, struct str *ret)
{
    const char *end = memmem(rest->ptr, rest->len, "\r\n", 2);

    if (!end) {
        return false;
    }
    *ret = (struct str){rest->ptr, (size_t)(end - rest->ptr)};
    rest->ptr = end + 2;
    rest->len -= ret->len + 2;
    return true;
}

/* A size in hexadecimal, up to an extension behind ';'. */
static bool read_size(struct str line, size_t *ret)
{
    size_t size = 0;
    size_t i;

    for (i = 0; i < line.len && line.ptr[i] != ';'; i++) {
        char c = line.ptr[i] | 0x20;
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                                                : 16;
        if (digit > 15 || size > SIZE_MAX >> 5) {
            return false;
        }
        size = size << 4 | digit;
    }
    *ret = size;
    return i > 0;
}

bool s3_chunked_decode(struct str body, struct buf *out)
{
    struct str line;
    size_t size;

    while (take_line(&body, &line) && read_size(line, &size)) {
        if (size == 0) {
            return buf_error(out) == 0; /* trailers follow, which are checksums of no concern here */
        }
        if (size > body.len || body.len - size < 2 || memcmp(body.ptr + size, "\r\n", 2) != 0) {
            return false;
        }
        buf_add(out, body.ptr, size);
        body.ptr += size + 2;
        body.len -= size + 2;
    }
    return false;
}
