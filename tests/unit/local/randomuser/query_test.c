/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "local/randomuser/nation.h"
#include "local/randomuser/query.h"

static struct query with(const char *name, const char *value)
{
    struct query query;

    query_init(&query);
    query_set(&query, str_of(name), str_of(value));
    return query;
}

static void results_outside_1_to_5000_count_as_1(void **state)
{
    (void)state;
    assert_int_equal(with("results", "5000").results, 5000);
    assert_int_equal(with("results", "1").results, 1);
    assert_int_equal(with("results", "5001").results, 1);
    assert_int_equal(with("results", "0").results, 1);
    assert_int_equal(with("results", "-3").results, 1);
    assert_int_equal(with("results", "12x").results, 1);
    assert_int_equal(with("results", "").results, 1);
}

static void pages_beyond_10000_are_page_1(void **state)
{
    (void)state;
    assert_int_equal(with("page", "10000").page, 10000);
    assert_int_equal(with("page", "10001").page, 1);
    assert_int_equal(with("page", "-1").page, 1);
}

static void inc_and_exc_choose_members(void **state)
{
    struct query query = with("inc", "name, dob,nonsense");

    (void)state;
    assert_int_equal(query_fields(&query), 1U << QUERY_NAME | 1U << QUERY_DOB);
    query_set(&query, STR("exc"), STR("dob"));
    assert_int_equal(query_fields(&query), 1U << QUERY_NAME);
    query = with("exc", "login");
    assert_int_equal(query_fields(&query), ((1U << QUERY_FIELD_COUNT) - 1) & ~(1U << QUERY_LOGIN));
}

static void one_unknown_nationality_makes_it_all(void **state)
{
    uint32_t all = (1U << nation_count) - 1;

    (void)state;
    assert_int_equal(with("nat", "us").nations, 1);
    assert_int_equal(__builtin_popcount(with("nat", "NL,de").nations), 2);
    assert_int_equal(with("nat", "nl,xx").nations, all);
    assert_int_equal(with("nat", "").nations, all);
}

static void gender_and_format_are_read_without_case(void **state)
{
    (void)state;
    assert_int_equal(with("gender", "Male").gender, QUERY_MALE);
    assert_int_equal(with("gender", "female").gender, QUERY_FEMALE);
    assert_int_equal(with("gender", "other").gender, QUERY_ANY_GENDER);
    assert_true(with("format", "PRETTY").pretty);
    assert_false(with("format", "json").pretty);
    assert_true(with("noinfo", "").noinfo);
}

static void a_long_seed_is_cut(void **state)
{
    char seed[400];
    struct query query;

    (void)state;
    memset(seed, 's', sizeof(seed));
    query_init(&query);
    query_set(&query, STR("seed"), (struct str){seed, sizeof(seed)});
    assert_int_equal(strlen(query.seed), QUERY_SEED_SIZE - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_outside_1_to_5000_count_as_1),
        cmocka_unit_test(pages_beyond_10000_are_page_1),
        cmocka_unit_test(inc_and_exc_choose_members),
        cmocka_unit_test(one_unknown_nationality_makes_it_all),
        cmocka_unit_test(gender_and_format_are_read_without_case),
        cmocka_unit_test(a_long_seed_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
