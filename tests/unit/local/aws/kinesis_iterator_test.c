/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "local/aws/kinesis_iterator.h"

#include <string.h>

static void an_iterator_comes_back_as_it_was(void **state)
{
    struct kinesis_iterator in = {.shard_uid = 3, .serial = 1LL << 39, .issued_ms = 1795426474616};
    struct kinesis_iterator out;
    char token[KINESIS_ITERATOR_SIZE];

    (void)state;
    kinesis_iterator_format(&in, token);
    assert_int_equal(strlen(token), KINESIS_ITERATOR_SIZE - 1);
    assert_true(kinesis_iterator_parse(str_of(token), &out));
    assert_memory_equal(&in, &out, sizeof(in));
}

static void a_changed_token_is_refused_wherever_it_was_changed(void **state)
{
    struct kinesis_iterator in = {.shard_uid = 3, .serial = 5, .issued_ms = 1795426474616};
    struct kinesis_iterator out;
    char token[KINESIS_ITERATOR_SIZE];

    (void)state;
    kinesis_iterator_format(&in, token);
    for (size_t i = 0; token[i]; i++) {
        char was = token[i];
        token[i] = was == 'B' ? 'C' : 'B';
        assert_false(kinesis_iterator_parse(str_of(token), &out));
        token[i] = was;
    }
    assert_false(kinesis_iterator_parse((struct str){token, 59}, &out));
    assert_false(kinesis_iterator_parse(STR(""), &out));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_iterator_comes_back_as_it_was),
        cmocka_unit_test(a_changed_token_is_refused_wherever_it_was_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
