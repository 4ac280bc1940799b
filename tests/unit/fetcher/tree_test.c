/* SPDX-License-Identifier: Apache-2.0 */
#include "fetcher/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/json.h"

/* [0,1,2,...] */
static void make_array(struct buf *text, int count)
{
    buf_init(text, 16 * 1024 * 1024);
    buf_add_char(text, '[');
    for (int i = 0; i < count; i++) {
        buf_addf(text, i > 0 ? ",%d" : "%d", i);
    }
    buf_add_char(text, ']');
}

static void one_tree_after_the_other_is_right(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        const cJSON *tree = tree_parse(STR("{\"name\":{\"first\":\"Anna\"},\"list\":[1,2,{}]}"));
        assert_non_null(tree);
        assert_string_equal(json_string(json_get(tree, "name"), "first"), "Anna");
        assert_int_equal(cJSON_GetArraySize(json_get(tree, "list")), 3);
        tree_done();
    }
}

/* The sanitizer tells if anything of it stays behind. */
static void what_does_not_fit_the_block_comes_from_the_heap(void **state)
{
    struct buf text;

    (void)state;
    for (int count = 100; count <= 100000; count *= 10) {
        const cJSON *tree;

        make_array(&text, count);
        tree = tree_parse(buf_str(&text));
        assert_non_null(tree);
        assert_int_equal(cJSON_GetArraySize(tree), count);
        assert_int_equal((int)cJSON_GetArrayItem(tree, count - 1)->valuedouble, count - 1);
        tree_done();
        text.data[text.len - 1] = '}'; /* found out at its very end */
        assert_null(tree_parse(buf_str(&text)));
        tree_done();
        buf_done(&text);
    }
}

static void what_is_not_one_value_is_refused(void **state)
{
    static const char *const texts[] = {"", "{", "{\"a\":}", "1 2", "[1]]", "{\"a\":\"\\ud800\"}"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        assert_null(tree_parse(str_of(texts[i])));
        tree_done();
    }
}

static void trees_of_others_are_not_touched(void **state)
{
    cJSON *before = cJSON_Parse("{\"a\":[1,2,3]}");
    cJSON *after;

    (void)state;
    assert_non_null(tree_parse(STR("{\"b\":[4,5,6]}")));
    tree_done();
    after = cJSON_Parse("{\"c\":[7]}");
    assert_non_null(tree_parse(STR("[[[[]]]]")));
    tree_done();
    assert_int_equal(cJSON_GetArraySize(json_get(before, "a")), 3);
    assert_int_equal(cJSON_GetArraySize(json_get(after, "c")), 1);
    cJSON_Delete(before);
    cJSON_Delete(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_tree_after_the_other_is_right),
        cmocka_unit_test(what_does_not_fit_the_block_comes_from_the_heap),
        cmocka_unit_test(what_is_not_one_value_is_refused),
        cmocka_unit_test(trees_of_others_are_not_touched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
