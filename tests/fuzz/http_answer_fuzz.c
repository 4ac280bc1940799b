/* SPDX-License-Identifier: Apache-2.0 */
/* folders: transformer */
/*
 * Any bytes as the answer of Lambda's Runtime API. It must not matter in which pieces they arrive: the first
 * byte chooses the pieces of a second reading, which has to come to the same end as byte by byte.
 */
#include "transformer/http_answer.h"

#include "tests/fuzz/fuzz.h"

enum { BODY_CAP = 10000 };

static enum http_answer_state read_in_pieces(struct http_answer *answer, struct str bytes, size_t piece)
{
    enum http_answer_state state = HTTP_ANSWER_MORE;

    http_answer_init(answer, BODY_CAP);
    for (size_t at = 0; at < bytes.len && state == HTTP_ANSWER_MORE; at += piece) {
        buf_add(&answer->bytes, bytes.ptr + at, bytes.len - at < piece ? bytes.len - at : piece);
        state = http_answer_read(answer, false);
    }
    return state == HTTP_ANSWER_MORE ? http_answer_read(answer, true) : state;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = {(const char *)data + (size > 0), size - (size > 0)};
    struct http_answer one;
    struct http_answer other;
    enum http_answer_state state = read_in_pieces(&one, bytes, 1);

    require(state != HTTP_ANSWER_MORE);
    require(read_in_pieces(&other, bytes, size > 0 ? (size_t)data[0] + 2 : 1) == state);
    if (state == HTTP_ANSWER_DONE) {
        require(one.status == other.status && one.status >= 200 && one.status <= 599);
        require(str_eq(http_answer_body(&one), http_answer_body(&other)));
        require(str_eq(http_answer_header(&one, "Lambda-Runtime-Aws-Request-Id"),
                       http_answer_header(&other, "Lambda-Runtime-Aws-Request-Id")));
        require(http_answer_body(&one).len <= bytes.len);
    }
    http_answer_done(&one);
    http_answer_done(&other);
    return 0;
}
