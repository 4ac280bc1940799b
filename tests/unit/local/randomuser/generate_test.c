/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "local/randomuser/generate.h"

static struct query query_of(const char *seed, uint32_t page, uint32_t results)
{
    struct query query;

    query_init(&query);
    query_set(&query, STR("seed"), str_of(seed));
    query.page = page;
    query.results = results;
    return query;
}

static struct buf page_text(const struct query *query)
{
    struct buf out;

    buf_init(&out, GENERATE_BODY_CAP);
    generate_page(query, &out);
    assert_int_equal(buf_error(&out), 0);
    return out;
}

static cJSON *page_tree(const struct query *query)
{
    struct buf text = page_text(query);
    cJSON *tree = cJSON_Parse(text.data);

    assert_non_null(tree);
    assert_true(str_is_utf8(buf_str(&text)));
    buf_done(&text);
    return tree;
}

static const cJSON *get(const cJSON *object, const char *a, const char *b)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, a);

    value = b ? cJSON_GetObjectItemCaseSensitive(value, b) : value;
    assert_non_null(value);
    return value;
}

static void the_same_query_gives_the_same_bytes(void **state)
{
    struct query query = query_of("demo", 3, 50);
    struct buf a = page_text(&query);
    struct buf b = page_text(&query);

    (void)state;
    assert_true(str_eq(buf_str(&a), buf_str(&b)));
    buf_done(&a);
    buf_done(&b);
}

static void users_do_not_depend_on_results_or_other_members(void **state)
{
    struct query many = query_of("demo", 3, 20);
    struct query few = query_of("demo", 3, 5);
    cJSON *a = page_tree(&many);
    cJSON *b;

    (void)state;
    query_set(&few, STR("exc"), STR("login,name,picture"));
    b = page_tree(&few);
    for (int i = 0; i < 5; i++) {
        const cJSON *from_many = cJSON_GetArrayItem(get(a, "results", NULL), i);
        const cJSON *from_few = cJSON_GetArrayItem(get(b, "results", NULL), i);
        assert_true(cJSON_Compare(get(from_many, "location", NULL), get(from_few, "location", NULL), 1));
        assert_true(cJSON_Compare(get(from_many, "dob", NULL), get(from_few, "dob", NULL), 1));
        assert_null(cJSON_GetObjectItem(from_few, "login"));
    }
    cJSON_Delete(a);
    cJSON_Delete(b);
}

static void seeds_and_pages_differ(void **state)
{
    struct query queries[] = {query_of("a", 1, 5), query_of("b", 1, 5), query_of("a", 2, 5)};
    struct buf texts[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        queries[i].noinfo = true;
        texts[i] = page_text(&queries[i]);
    }
    assert_false(str_eq(buf_str(&texts[0]), buf_str(&texts[1])));
    assert_false(str_eq(buf_str(&texts[0]), buf_str(&texts[2])));
    for (int i = 0; i < 3; i++) {
        buf_done(&texts[i]);
    }
}

static void check_user(const cJSON *user)
{
    const char *nation = get(user, "nat", NULL)->valuestring;
    const cJSON *location = get(user, "location", NULL);
    const cJSON *postcode = get(location, "postcode", NULL);
    int age = get(user, "dob", "age")->valueint;
    bool text = strcmp(nation, "GB") == 0 || strcmp(nation, "NL") == 0 || strcmp(nation, "NO") == 0;
    bool no_id = strcmp(nation, "TR") == 0 || strcmp(nation, "UA") == 0 || strcmp(nation, "IR") == 0;

    assert_int_equal(cJSON_GetArraySize(user), QUERY_FIELD_COUNT);
    assert_true(text ? cJSON_IsString(postcode) : cJSON_IsNumber(postcode));
    assert_true(cJSON_IsString(get(get(location, "coordinates", NULL), "latitude", NULL)));
    assert_true(no_id ? cJSON_IsNull(get(user, "id", "value")) : cJSON_IsString(get(user, "id", "value")));
    assert_in_range(age, GENERATE_AGE_MIN, GENERATE_AGE_MAX);
    assert_int_equal(strlen(get(user, "dob", "date")->valuestring), 24);
    assert_int_equal(strlen(get(user, "login", "md5")->valuestring), 32);
    assert_int_equal(strlen(get(user, "login", "sha1")->valuestring), 40);
    assert_int_equal(strlen(get(user, "login", "sha256")->valuestring), 64);
    assert_int_equal(strlen(get(user, "login", "uuid")->valuestring), 36);
}

static void members_have_the_types_of_the_api_and_both_sides_of_the_filter_occur(void **state)
{
    struct query query = query_of("types", 1, 3000);
    cJSON *tree = page_tree(&query);
    const cJSON *user;
    int males = 0;
    int minors = 0;

    (void)state;
    cJSON_ArrayForEach(user, get(tree, "results", NULL))
    {
        check_user(user);
        males += strcmp(get(user, "gender", NULL)->valuestring, "male") == 0;
        minors += get(user, "dob", "age")->valueint < 18;
    }
    assert_in_range(males, 1350, 1650);
    assert_in_range(minors, 200, 450);
    assert_string_equal(get(tree, "info", "version")->valuestring, "1.4");
    assert_int_equal(get(tree, "info", "results")->valueint, 3000);
    cJSON_Delete(tree);
}

static void ages_are_those_at_the_end_of_the_reference_year(void **state)
{
    struct query query = query_of("ages", 1, 200);
    cJSON *tree = page_tree(&query);
    const cJSON *user;

    (void)state;
    cJSON_ArrayForEach(user, get(tree, "results", NULL))
    {
        long long year;
        assert_true(str_to_int64((struct str){get(user, "dob", "date")->valuestring, 4}, 1900, 2100, &year));
        assert_int_equal(GENERATE_REFERENCE_YEAR - year, get(user, "dob", "age")->valueint);
    }
    cJSON_Delete(tree);
}

static void gender_and_nationality_can_be_asked_for(void **state)
{
    struct query query = query_of("x", 1, 200);
    cJSON *tree;
    const cJSON *user;

    (void)state;
    query.gender = QUERY_FEMALE;
    query_set(&query, STR("nat"), STR("ir"));
    tree = page_tree(&query);
    cJSON_ArrayForEach(user, get(tree, "results", NULL))
    {
        assert_string_equal(get(user, "gender", NULL)->valuestring, "female");
        assert_string_equal(get(user, "nat", NULL)->valuestring, "IR");
        assert_string_equal(get(user, "location", "country")->valuestring, "Iran");
    }
    cJSON_Delete(tree);
}

static void a_seed_with_quotes_is_still_json_and_noinfo_leaves_info_out(void **state)
{
    struct query query = query_of("a\"b\\\n", 1, 1);
    cJSON *tree = page_tree(&query);

    (void)state;
    assert_string_equal(get(tree, "info", "seed")->valuestring, "a\"b\\\n");
    cJSON_Delete(tree);
    query.noinfo = true;
    tree = page_tree(&query);
    assert_null(cJSON_GetObjectItem(tree, "info"));
    cJSON_Delete(tree);
}

static void no_members_make_empty_users(void **state)
{
    struct query query = query_of("x", 1, 2);
    struct buf text;

    (void)state;
    query.noinfo = true;
    query_set(&query, STR("inc"), STR("nothing"));
    text = page_text(&query);
    assert_string_equal(text.data, "{\"results\":[{},{}]}");
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_query_gives_the_same_bytes),
        cmocka_unit_test(users_do_not_depend_on_results_or_other_members),
        cmocka_unit_test(seeds_and_pages_differ),
        cmocka_unit_test(members_have_the_types_of_the_api_and_both_sides_of_the_filter_occur),
        cmocka_unit_test(ages_are_those_at_the_end_of_the_reference_year),
        cmocka_unit_test(gender_and_nationality_can_be_asked_for),
        cmocka_unit_test(a_seed_with_quotes_is_still_json_and_noinfo_leaves_info_out),
        cmocka_unit_test(no_members_make_empty_users),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
