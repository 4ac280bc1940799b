/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fetcher/outcome.h"

static void a_json_answer_with_200_can_be_read(void **state)
{
    (void)state;
    assert_int_equal(outcome_of_response(HTTP_FAILURE_NONE, 200, STR("application/json; charset=utf-8")),
                     OUTCOME_OK);
    assert_int_equal(outcome_of_response(HTTP_FAILURE_NONE, 200, STR("Application/JSON")), OUTCOME_OK);
    assert_int_equal(outcome_of_response(HTTP_FAILURE_NONE, 200, STR("text/html")), OUTCOME_CONTENT_TYPE);
    assert_int_equal(outcome_of_response(HTTP_FAILURE_NONE, 200, STR("application/jsonp")),
                     OUTCOME_CONTENT_TYPE);
    assert_int_equal(outcome_of_response(HTTP_FAILURE_NONE, 200, STR("")), OUTCOME_CONTENT_TYPE);
}

static void statuses_have_their_kinds(void **state)
{
    struct str json = STR("application/json");

    (void)state;
    assert_int_equal(outcome_of_response(HTTP_FAILURE_NONE, 429, json), OUTCOME_THROTTLED);
    assert_int_equal(outcome_of_response(HTTP_FAILURE_NONE, 403, STR("text/html")), OUTCOME_FORBIDDEN);
    assert_int_equal(outcome_of_response(HTTP_FAILURE_NONE, 503, json), OUTCOME_SERVER_ERROR);
    assert_int_equal(outcome_of_response(HTTP_FAILURE_NONE, 301, json), OUTCOME_HTTP_STATUS);
    assert_int_equal(outcome_of_response(HTTP_FAILURE_NONE, 404, json), OUTCOME_HTTP_STATUS);
    assert_int_equal(outcome_of_response(HTTP_FAILURE_NONE, 204, json), OUTCOME_HTTP_STATUS);
}

static void failures_have_their_kinds(void **state)
{
    struct str none = STR("");

    (void)state;
    assert_int_equal(outcome_of_response(HTTP_FAILURE_DNS, 0, none), OUTCOME_DNS);
    assert_int_equal(outcome_of_response(HTTP_FAILURE_CONNECT, 0, none), OUTCOME_CONNECTION);
    assert_int_equal(outcome_of_response(HTTP_FAILURE_BROKEN, 0, none), OUTCOME_CONNECTION);
    assert_int_equal(outcome_of_response(HTTP_FAILURE_TLS, 0, none), OUTCOME_TLS);
    assert_int_equal(outcome_of_response(HTTP_FAILURE_TIMEOUT, 200, none), OUTCOME_TIMEOUT);
    assert_int_equal(outcome_of_response(HTTP_FAILURE_CUT_SHORT, 200, none), OUTCOME_TRUNCATED);
    assert_int_equal(outcome_of_response(HTTP_FAILURE_TOO_LONG, 200, none), OUTCOME_TOO_LARGE);
    assert_int_equal(outcome_of_response(HTTP_FAILURE_OTHER, 0, none), OUTCOME_OTHER);
}

static void retry_after_is_read_as_seconds_and_as_a_date(void **state)
{
    /* 2026-11-23T09:30:00Z */
    const int64_t now_ms = 1795426200000;

    (void)state;
    assert_int_equal(outcome_retry_after_ms(STR("7"), now_ms), 7000);
    assert_int_equal(outcome_retry_after_ms(STR("Mon, 23 Nov 2026 09:30:20 GMT"), now_ms), 20000);
    assert_int_equal(outcome_retry_after_ms(STR("Mon, 23 Nov 2026 09:00:00 GMT"), now_ms), 0);
    assert_int_equal(outcome_retry_after_ms(STR("999999999"), now_ms), 3600000);
    assert_int_equal(outcome_retry_after_ms(STR("-5"), now_ms), 0);
    assert_int_equal(outcome_retry_after_ms(STR("soon"), now_ms), 0);
    assert_int_equal(outcome_retry_after_ms((struct str){NULL, 0}, now_ms), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_json_answer_with_200_can_be_read),
        cmocka_unit_test(statuses_have_their_kinds),
        cmocka_unit_test(failures_have_their_kinds),
        cmocka_unit_test(retry_after_is_read_as_seconds_and_as_a_date),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
