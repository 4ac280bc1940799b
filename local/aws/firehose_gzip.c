/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/firehose_gzip.h"

#define ZLIB_CONST /* next_in points to const */
#include <zlib.h>

#include "lib/error.h"

enum { GZIP_WINDOW = 15 + 16, /* the largest window, and a gzip header */ MEMORY_LEVEL = 8 };

int firehose_gzip(struct str data, struct buf *out)
{
    z_stream stream = {0};
    char *end;
    int code;

    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        return -ERROR_MEMORY;
    }
    stream.avail_out = (uInt)deflateBound(&stream, data.len);
    end = buf_reserve(out, stream.avail_out);
    if (!end) {
        deflateEnd(&stream);
        return buf_error(out);
    }
    stream.next_in = (const Bytef *)data.ptr;
    stream.avail_in = (uInt)data.len;
    stream.next_out = (Bytef *)end;
    code = deflate(&stream, Z_FINISH);
    buf_commit(out, stream.total_out);
    deflateEnd(&stream);
    return code == Z_STREAM_END ? 0 : -ERROR_LIMIT;
}
