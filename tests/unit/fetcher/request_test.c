/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fetcher/request.h"
#include "lib/error.h"

static void expect(const char *base, const char *url)
{
    struct position position = {.seed = "a b&c~2", .page = 7};
    struct buf out;

    buf_init(&out, REQUEST_URL_CAP);
    assert_int_equal(request_url(str_of(base), &position, 500, &out), 0);
    assert_string_equal(out.data, url);
    buf_done(&out);
}

static void the_parameters_are_added(void **state)
{
    (void)state;
    expect("https://randomuser.me/api/1.4/",
           "https://randomuser.me/api/1.4/?exc=login&results=500&seed=a%20b%26c~2&page=7");
    expect("http://127.0.0.1:8090", "http://127.0.0.1:8090/?exc=login&results=500&seed=a%20b%26c~2&page=7");
    expect("http://h/api/?", "http://h/api/?exc=login&results=500&seed=a%20b%26c~2&page=7");
}

static void parameters_of_the_url_are_kept_and_the_own_ones_replaced(void **state)
{
    (void)state;
    expect("http://h/?nat=nl,de&gender=male",
           "http://h/?nat=nl,de&gender=male&exc=login&results=500&seed=a%20b%26c~2&page=7");
    expect("http://h/?results=1&nat=nl&&seed=x&page=3",
           "http://h/?nat=nl&exc=login&results=500&seed=a%20b%26c~2&page=7");
    expect("http://h/?exc=picture,id&noinfo",
           "http://h/?noinfo&exc=login,picture,id&results=500&seed=a%20b%26c~2&page=7");
    expect("http://h/?a=1#part", "http://h/?a=1&exc=login&results=500&seed=a%20b%26c~2&page=7");
}

static void what_is_no_url_is_refused(void **state)
{
    struct position position = {.seed = "s", .page = 1};
    struct buf out;

    (void)state;
    buf_init(&out, REQUEST_URL_CAP);
    assert_int_equal(request_url(STR("ftp://h/"), &position, 1, &out), -ERROR_SYNTAX);
    buf_done(&out);
    buf_init(&out, 20);
    assert_int_equal(request_url(STR("http://h/"), &position, 1, &out), -ERROR_LIMIT);
    buf_done(&out);
}

static void the_source_is_host_and_port(void **state)
{
    (void)state;
    assert_true(str_eq(request_source(STR("https://randomuser.me/api/1.4/?a=b")), STR("randomuser.me")));
    assert_true(str_eq(request_source(STR("http://127.0.0.1:8090/api/")), STR("127.0.0.1:8090")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_parameters_are_added),
        cmocka_unit_test(parameters_of_the_url_are_kept_and_the_own_ones_replaced),
        cmocka_unit_test(what_is_no_url_is_refused),
        cmocka_unit_test(the_source_is_host_and_port),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
