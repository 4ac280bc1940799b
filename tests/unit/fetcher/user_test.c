/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "fetcher/user.h"
#include "lib/jscan.h"

#define NAME "\"name\":{\"title\":\"Mr\",\"first\":\"Jürgen\",\"last\":\"Groß\"}"
#define PLACE                                                                                                \
    "\"location\":{\"postcode\":12345,\"coordinates\":{\"latitude\":\"-12.3456\",\"longitude\":\"98.7654\"}" \
    "}"
#define DOB "\"dob\":{\"date\":\"1970-03-04T05:06:07.089Z\",\"age\":56}"
#define GENDER "\"gender\":\"male\""
#define GOOD "{" GENDER "," NAME "," PLACE "," DOB "}"

static struct page_user scanned(const char *text)
{
    struct page_user user = {.text = str_of(text)};
    struct jscan scan = jscan_start(user.text);

    scan.any_bytes = true;
    scan.depth_max = SIZE_MAX;
    jscan_skip(&scan);
    assert_true(jscan_end(&scan));
    user.depth = scan.deepest;
    user.nul_escape = scan.nul_escape;
    return user;
}

static void expect(const char *text, enum user_reason reason, const char *message)
{
    struct page_user user = scanned(text);
    struct user_verdict verdict;

    user_check(&user, &verdict);
    assert_string_equal(user_reason_names[verdict.reason], user_reason_names[reason]);
    if (message && !strstr(verdict.message, message)) {
        fail_msg("\"%s\" is not in \"%s\"", message, verdict.message);
    }
}

static void a_user_with_the_needed_fields_is_good(void **state)
{
    (void)state;
    expect(GOOD, USER_OK, NULL);
}

static void a_missing_field_is_named(void **state)
{
    (void)state;
    expect("{" NAME "," PLACE "," DOB "}", USER_MISSING_FIELD, "gender");
    expect("{" GENDER "," PLACE "," DOB "}", USER_MISSING_FIELD, "name.first");
    expect("{" GENDER ",\"name\":{\"first\":\"A\"}," PLACE "," DOB "}", USER_MISSING_FIELD, "name.last");
    expect("{" GENDER "," NAME "," DOB "}", USER_MISSING_FIELD, "location.coordinates.latitude");
    expect("{" GENDER "," NAME "," PLACE "}", USER_MISSING_FIELD, "dob.age");
    expect("{" GENDER "," NAME "," PLACE ",\"dob\":{\"age\":null}}", USER_MISSING_FIELD, "dob.age");
    expect("{}", USER_MISSING_FIELD, NULL);
}

static void ages_are_whole_numbers_of_people(void **state)
{
    (void)state;
    expect("{" GENDER "," NAME "," PLACE ",\"dob\":{\"age\":\"56\"}}", USER_WRONG_TYPE, "dob.age");
    expect("{" GENDER "," NAME "," PLACE ",\"dob\":{\"age\":56.5}}", USER_WRONG_TYPE, "dob.age");
    expect("{" GENDER "," NAME "," PLACE ",\"dob\":{\"age\":-1}}", USER_WRONG_TYPE, "dob.age");
    expect("{" GENDER "," NAME "," PLACE ",\"dob\":{\"age\":151}}", USER_WRONG_TYPE, "dob.age");
    expect("{" GENDER "," NAME "," PLACE ",\"dob\":{\"age\":0}}", USER_OK, NULL);
    expect("{" GENDER "," NAME "," PLACE ",\"dob\":{\"age\":150}}", USER_OK, NULL);
}

static void check_latitude(const char *value, enum user_reason reason)
{
    char text[512];

    snprintf(text, sizeof(text),
             "{" GENDER "," NAME "," DOB
             ",\"location\":{\"coordinates\":{\"latitude\":%s,\"longitude\":\"180.0\"}}}",
             value);
    expect(text, reason, reason == USER_OK ? NULL : "latitude");
}

static void coordinates_are_decimal_strings_on_earth(void **state)
{
    (void)state;
    check_latitude("\"90\"", USER_OK);
    check_latitude("\"-90.0000\"", USER_OK);
    check_latitude("\"0.0001\"", USER_OK);
    check_latitude("\"90.0001\"", USER_WRONG_TYPE);
    check_latitude("\"-91\"", USER_WRONG_TYPE);
    check_latitude("12.5", USER_WRONG_TYPE);
    check_latitude("\"\"", USER_WRONG_TYPE);
    check_latitude("\"-\"", USER_WRONG_TYPE);
    check_latitude("\"1.\"", USER_WRONG_TYPE);
    check_latitude("\".5\"", USER_WRONG_TYPE);
    check_latitude("\"1e1\"", USER_WRONG_TYPE);
    check_latitude("\" 1\"", USER_WRONG_TYPE);
    check_latitude("\"0012\"", USER_WRONG_TYPE);
}

static void names_are_texts(void **state)
{
    (void)state;
    expect("{" GENDER ",\"name\":{\"first\":1,\"last\":\"B\"}," PLACE "," DOB "}", USER_WRONG_TYPE,
           "name.first");
    expect("{" GENDER ",\"name\":{\"first\":\"A\",\"last\":\"\"}," PLACE "," DOB "}", USER_WRONG_TYPE,
           "name.last");
    expect("{" GENDER ",\"name\":\"A B\"," PLACE "," DOB "}", USER_MISSING_FIELD, "name.first");
}

static void login_is_never_passed_on(void **state)
{
    struct page_user user = scanned("{\"login\":{\"password\":\"secret\"}," GENDER "}");
    struct buf out;

    (void)state;
    expect("{\"login\":{\"password\":\"secret\"}," GENDER "," NAME "," PLACE "," DOB "}", USER_LOGIN,
           "login");
    expect("{\"lo\\u0067in\":null," GENDER "," NAME "," PLACE "," DOB "}", USER_LOGIN, "login");
    buf_init(&out, 4096);
    assert_true(user_dead_letter(&user, USER_LOGIN, &out));
    assert_string_equal(out.data, "{\"gender\":\"male\"}");
    buf_done(&out);
}

static void a_login_hidden_behind_another_mistake_is_taken_out_too(void **state)
{
    struct page_user user = scanned("{\"login\":1,\"a\":1,\"login\":2,\"a\":2}");
    struct buf out;

    (void)state;
    buf_init(&out, 4096);
    assert_true(user_dead_letter(&user, USER_DUPLICATE_KEY, &out));
    assert_string_equal(out.data, "{\"a\":1,\"a\":2}");
    buf_done(&out);
}

static void a_dead_letter_is_byte_for_byte_where_it_can_be(void **state)
{
    struct page_user user = scanned("{ \"gender\" : \"m\\u0061le\", \"n\": 1.50 }");
    struct buf out;

    (void)state;
    buf_init(&out, 4096);
    assert_true(user_dead_letter(&user, USER_MISSING_FIELD, &out));
    assert_string_equal(out.data, "{ \"gender\" : \"m\\u0061le\", \"n\": 1.50 }");
    buf_reset(&out);
    assert_false(user_dead_letter(&user, USER_NESTING, &out));
    assert_false(user_dead_letter(&user, USER_SYNTAX, &out));
    assert_int_equal(out.len, 0);
    buf_done(&out);
}

static void keys_that_occur_twice_are_refused_at_any_level(void **state)
{
    (void)state;
    expect("{" GENDER ",\"gender\":\"female\"," NAME "," PLACE "," DOB "}", USER_DUPLICATE_KEY, NULL);
    expect("{" GENDER ",\"g\\u0065nder\":\"female\"," NAME "," PLACE "," DOB "}", USER_DUPLICATE_KEY, NULL);
    expect("{" GENDER "," NAME "," PLACE "," DOB ",\"x\":[{\"a\":{\"b\":1,\"b\":2}}]}", USER_DUPLICATE_KEY,
           NULL);
    expect("{" GENDER "," NAME "," PLACE "," DOB ",\"x\":[{\"a\":1},{\"a\":1}]}", USER_OK, NULL);
}

static void text_that_is_not_utf8_is_refused(void **state)
{
    (void)state;
    expect("{" GENDER "," NAME "," PLACE "," DOB ",\"x\":\"\xC3\"}", USER_INVALID_UTF8, NULL);
    expect("{" GENDER "," NAME "," PLACE "," DOB ",\"x\":\"\xED\xA0\x80\"}", USER_INVALID_UTF8, NULL);
    expect("{" GENDER "," NAME "," PLACE "," DOB ",\"x\":\"\\ud83d\"}", USER_SYNTAX, NULL);
    expect("{" GENDER "," NAME "," PLACE "," DOB ",\"x\":\"\\u0000\"}", USER_SYNTAX, "u0000");
}

static void bombs_are_refused_without_being_parsed(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, 1 << 20);
    buf_add_str(&text, "{\"x\":");
    for (int i = 0; i < 100000; i++) {
        buf_add_char(&text, '[');
    }
    for (int i = 0; i < 100000; i++) {
        buf_add_char(&text, ']');
    }
    buf_add_char(&text, '}');
    expect(text.data, USER_NESTING, "levels");
    buf_reset(&text);
    buf_addf(&text, "\"%0*d\"", USER_BYTES_MAX, 1);
    expect(text.data, USER_TOO_LARGE, "bytes");
    buf_reset(&text);
    buf_add_str(&text, "{\"k\":1");
    for (int i = 0; i < USER_MEMBERS_MAX; i++) {
        buf_addf(&text, ",\"k%d\":1", i);
    }
    buf_add_char(&text, '}');
    expect(text.data, USER_TOO_LARGE, "members");
    buf_done(&text);
}

static void what_is_no_object_is_no_user(void **state)
{
    (void)state;
    expect("7", USER_NOT_OBJECT, NULL);
    expect("[]", USER_NOT_OBJECT, NULL);
    expect("null", USER_NOT_OBJECT, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_user_with_the_needed_fields_is_good),
        cmocka_unit_test(a_missing_field_is_named),
        cmocka_unit_test(ages_are_whole_numbers_of_people),
        cmocka_unit_test(coordinates_are_decimal_strings_on_earth),
        cmocka_unit_test(names_are_texts),
        cmocka_unit_test(login_is_never_passed_on),
        cmocka_unit_test(a_login_hidden_behind_another_mistake_is_taken_out_too),
        cmocka_unit_test(a_dead_letter_is_byte_for_byte_where_it_can_be),
        cmocka_unit_test(keys_that_occur_twice_are_refused_at_any_level),
        cmocka_unit_test(text_that_is_not_utf8_is_refused),
        cmocka_unit_test(bombs_are_refused_without_being_parsed),
        cmocka_unit_test(what_is_no_object_is_no_user),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
