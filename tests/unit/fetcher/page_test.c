/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "fetcher/page.h"
#include "lib/buf.h"

static enum page_result result_of(const char *text)
{
    char problem[256];
    struct page page;
    enum page_result result = page_split(str_of(text), &page, problem, sizeof(problem));

    if (result != PAGE_OK) {
        assert_int_equal(page.count, 0);
        assert_true(strlen(problem) > 0);
    }
    page_done(&page);
    return result;
}

static void users_are_the_exact_bytes_sent(void **state)
{
    char problem[256];
    struct page page;
    enum page_result result = page_split(STR("{ \"info\":{\"seed\":\"x\"},\n \"results\" : [ {\"a\": 1.50, "
                                             "\"b\":\"\\u00e9\"} ,\n{}\n, 7 ] }\n"),
                                         &page, problem, sizeof(problem));

    (void)state;
    assert_int_equal(result, PAGE_OK);
    assert_int_equal(page.count, 3);
    assert_true(str_eq(page.users[0].text, STR("{\"a\": 1.50, \"b\":\"\\u00e9\"}")));
    assert_true(str_eq(page.users[1].text, STR("{}")));
    assert_true(str_eq(page.users[2].text, STR("7")));
    assert_int_equal(page.users[0].depth, 1);
    page_done(&page);
}

static void an_error_key_goes_before_everything(void **state)
{
    (void)state;
    assert_int_equal(result_of("{\"error\":\"Uh oh\"}"), PAGE_ERROR_KEY);
    assert_int_equal(result_of("{\"results\":[{}],\"error\":null}"), PAGE_ERROR_KEY);
}

static void an_empty_page_is_no_page(void **state)
{
    (void)state;
    assert_int_equal(result_of("{\"results\":[],\"info\":{\"seed\":\"d3adb33f\"}}"), PAGE_EMPTY);
    assert_int_equal(result_of("{\"results\":[ ]}"), PAGE_EMPTY);
}

static void a_page_cut_anywhere_is_truncated(void **state)
{
    static const char whole[] = "{\"results\":[{\"a\":\"\\u00e9\"},{\"b\":[1,true]}],\"info\":{\"page\":1}}";

    (void)state;
    for (size_t len = 0; len < sizeof(whole) - 1; len++) {
        char problem[256];
        struct page page;
        char *cut = test_malloc(len + 1); /* exact, so that ASan sees reading on */
        memcpy(cut, whole, len);
        assert_int_equal(page_split((struct str){cut, len}, &page, problem, sizeof(problem)), PAGE_TRUNCATED);
        test_free(cut);
    }
    assert_int_equal(result_of(whole), PAGE_OK);
}

static void other_shapes_are_broken(void **state)
{
    (void)state;
    assert_int_equal(result_of("<html>"), PAGE_BROKEN);
    assert_int_equal(result_of("[]"), PAGE_BROKEN);
    assert_int_equal(result_of("{}"), PAGE_BROKEN);
    assert_int_equal(result_of("{\"results\":{}}"), PAGE_BROKEN);
    assert_int_equal(result_of("{\"results\":[{}],\"results\":[{}]}"), PAGE_BROKEN);
    assert_int_equal(result_of("{\"results\":[{},]}"), PAGE_BROKEN);
    assert_int_equal(result_of("{\"results\":[{}]} x"), PAGE_BROKEN);
    assert_int_equal(result_of("{\"results\":[{}] \"info\":1}"), PAGE_BROKEN);
    assert_int_equal(result_of("{\"results\":[{\"a\":01}]}"), PAGE_BROKEN);
}

static struct buf many(unsigned users)
{
    struct buf body;

    buf_init(&body, 1 << 20);
    buf_add_str(&body, "{\"results\":[{}");
    for (unsigned i = 1; i < users; i++) {
        buf_add_str(&body, ",{}");
    }
    buf_add_str(&body, "]}");
    return body;
}

static void no_more_users_than_the_api_ever_sends(void **state)
{
    struct buf most = many(PAGE_USERS_MAX);
    struct buf more = many(PAGE_USERS_MAX + 1);

    (void)state;
    assert_int_equal(result_of(most.data), PAGE_OK);
    assert_int_equal(result_of(more.data), PAGE_BROKEN);
    buf_done(&most);
    buf_done(&more);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(users_are_the_exact_bytes_sent),
        cmocka_unit_test(an_error_key_goes_before_everything),
        cmocka_unit_test(an_empty_page_is_no_page),
        cmocka_unit_test(a_page_cut_anywhere_is_truncated),
        cmocka_unit_test(other_shapes_are_broken),
        cmocka_unit_test(no_more_users_than_the_api_ever_sends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
