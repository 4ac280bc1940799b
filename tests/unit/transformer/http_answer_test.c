/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "transformer/http_answer.h"

enum { BODY_CAP = 1000 };

/* Feeds the bytes in pieces of `piece`; `closed` says that the connection ends behind them. */
static enum http_answer_state feed(struct http_answer *answer, struct str bytes, size_t piece, bool closed)
{
    enum http_answer_state state = HTTP_ANSWER_MORE;

    http_answer_init(answer, BODY_CAP);
    for (size_t at = 0; at < bytes.len && state == HTTP_ANSWER_MORE; at += piece) {
        buf_add(&answer->bytes, bytes.ptr + at, bytes.len - at < piece ? bytes.len - at : piece);
        state = http_answer_read(answer, false);
    }
    return state == HTTP_ANSWER_MORE && closed ? http_answer_read(answer, true) : state;
}

static void check(const char *text, const char *body, bool keep_alive, bool closed)
{
    struct str bytes = str_of(text);

    for (size_t piece = 1; piece <= bytes.len; piece++) {
        struct http_answer answer;
        if (feed(&answer, bytes, piece, closed) != HTTP_ANSWER_DONE) {
            fail_msg("in pieces of %zu: %s", piece, text);
        }
        assert_int_equal(answer.status, 200);
        assert_true(str_eq(http_answer_body(&answer), str_of(body)));
        assert_int_equal(answer.keep_alive, keep_alive);
        http_answer_done(&answer);
    }
}

static void a_body_with_a_length_is_read(void **state)
{
    (void)state;
    check("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", true, false);
    check("HTTP/1.1 200 OK\r\ncontent-length:5\r\nConnection: close\r\n\r\nhello", "hello", false, false);
    check("HTTP/1.1 200\r\nContent-Length: 0 \r\n\r\n", "", true, false);
    check("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", false, false);
    check("HTTP/1.1 200 OK\nContent-Length: 2\n\n\n\n", "\n\n", true, false);
}

static void a_body_in_chunks_is_read(void **state)
{
    (void)state;
    check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n \r\nA\r\nwide "
          "world\r\n0\r\n\r\n",
          "hello wide world", true, false);
    check("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\n", "",
          true, false);
    check(
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n05\r\nhello\r\n0\r\n\r\n",
        "hello", true, false);
}

static void a_body_without_a_length_ends_with_the_connection(void **state)
{
    (void)state;
    check("HTTP/1.1 200 OK\r\n\r\nhello", "hello", false, true);
    check("HTTP/1.1 200 OK\r\nX: y\r\n\r\n", "", false, true);
}

static void interim_answers_are_passed_over(void **state)
{
    (void)state;
    check("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: "
          "1\r\n\r\nx",
          "x", true, false);
}

static void statuses_without_a_body_have_none(void **state)
{
    struct http_answer answer;

    (void)state;
    assert_int_equal(feed(&answer, STR("HTTP/1.1 204 No Content\r\n\r\n"), 100, false), HTTP_ANSWER_DONE);
    assert_int_equal(answer.status, 204);
    assert_int_equal(http_answer_body(&answer).len, 0);
    assert_true(answer.keep_alive);
    http_answer_done(&answer);
}

static void bytes_behind_the_answer_end_the_keep_alive(void **state)
{
    struct http_answer answer;

    (void)state;
    assert_int_equal(feed(&answer, STR("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxyz"), 100, false),
                     HTTP_ANSWER_DONE);
    assert_true(str_eq(http_answer_body(&answer), STR("x")));
    assert_false(answer.keep_alive);
    http_answer_done(&answer);
}

static void headers_are_found_by_name_without_case(void **state)
{
    struct http_answer answer;

    (void)state;
    assert_int_equal(
        feed(&answer,
             STR("HTTP/1.1 200 OK\r\nX-Ab: wrong: no\r\nx-a:  one two \t\r\nX-A: again\r\nEmpty:\r\n"
                 "Content-Length: 9\r\n\r\nX-B: body"),
             100, false),
        HTTP_ANSWER_DONE);
    assert_true(str_eq(http_answer_header(&answer, "X-A"), STR("one two")));
    assert_true(str_eq(http_answer_header(&answer, "X-AB"), STR("wrong: no")));
    assert_int_equal(http_answer_header(&answer, "Empty").len, 0);
    assert_int_equal(http_answer_header(&answer, "X-B").len, 0);
    assert_int_equal(http_answer_header(&answer, "HTTP/1.1 200 OK").len, 0);
    http_answer_done(&answer);
}

static void what_is_not_http_is_refused(void **state)
{
    static const char *const texts[] = {
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 -99 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "SSH-2.0-x\r\n\r\n",
        "\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n123456789\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct http_answer answer;
        if (feed(&answer, str_of(texts[i]), 7, false) != HTTP_ANSWER_WRONG) {
            fail_msg("%s", texts[i]);
        }
        http_answer_done(&answer);
    }
}

/* Each answer cut off anywhere is wrong once the connection is closed. */
static void an_answer_cut_off_is_refused(void **state)
{
    static const char *const texts[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct str bytes = str_of(texts[i]);
        for (size_t length = 1; length < bytes.len; length++) {
            struct http_answer answer;
            assert_int_equal(feed(&answer, (struct str){bytes.ptr, length}, 3, true), HTTP_ANSWER_WRONG);
            http_answer_done(&answer);
        }
    }
}

static void what_is_too_long_is_refused(void **state)
{
    struct http_answer answer;

    (void)state;
    http_answer_init(&answer, BODY_CAP);
    buf_add_str(&answer.bytes, "HTTP/1.1 200 OK\r\n");
    while (answer.bytes.len <= HTTP_ANSWER_HEAD_CAP) {
        assert_int_equal(http_answer_read(&answer, false), HTTP_ANSWER_MORE);
        buf_add_str(&answer.bytes, "X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n");
    }
    assert_int_equal(http_answer_read(&answer, false), HTTP_ANSWER_WRONG);
    http_answer_done(&answer);

    http_answer_init(&answer, BODY_CAP);
    buf_add_str(&answer.bytes, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;");
    for (int i = 0; i < HTTP_ANSWER_LINE_CAP - 1; i++) {
        assert_int_equal(http_answer_read(&answer, false), HTTP_ANSWER_MORE);
        buf_add_char(&answer.bytes, 'x');
    }
    assert_int_equal(http_answer_read(&answer, false), HTTP_ANSWER_WRONG);
    http_answer_done(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_with_a_length_is_read),
        cmocka_unit_test(a_body_in_chunks_is_read),
        cmocka_unit_test(a_body_without_a_length_ends_with_the_connection),
        cmocka_unit_test(interim_answers_are_passed_over),
        cmocka_unit_test(statuses_without_a_body_have_none),
        cmocka_unit_test(bytes_behind_the_answer_end_the_keep_alive),
        cmocka_unit_test(headers_are_found_by_name_without_case),
        cmocka_unit_test(what_is_not_http_is_refused),
        cmocka_unit_test(an_answer_cut_off_is_refused),
        cmocka_unit_test(what_is_too_long_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
