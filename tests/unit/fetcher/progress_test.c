/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fetcher/progress.h"

static struct position page(unsigned number)
{
    struct position position;

    position_set(&position, "s", number);
    return position;
}

static void a_page_is_complete_when_all_its_users_are_confirmed(void **state)
{
    struct progress progress = {0};
    struct position position = page(1);
    progress_ticket tickets[3];

    (void)state;
    assert_int_equal(progress_open(&progress, &position, 0, 3), 0);
    for (size_t i = 0; i < 3; i++) {
        tickets[i] = progress_send(&progress, i, i == 1 ? USER_LOGIN : USER_OK);
        assert_int_not_equal(tickets[i], 0);
    }
    assert_int_equal(progress_confirm(&progress, tickets[2]), USER_OK);
    assert_int_equal(progress_confirm(&progress, tickets[1]), USER_LOGIN);
    assert_int_equal(progress.completed, 0);
    assert_int_equal(progress_missing(&progress), 1);
    progress_confirm(&progress, tickets[0]);
    assert_int_equal(progress.completed, 1);
    assert_int_equal(progress.open, 0);
    progress_done(&progress);
}

static void a_later_run_goes_on_with_the_first_user_not_confirmed(void **state)
{
    struct progress progress = {0};
    struct position first = page(1);
    struct position second = page(2);
    struct position at;
    progress_ticket a;
    progress_ticket b;
    size_t index;

    (void)state;
    assert_false(progress_resume(&progress, &at, &index));
    assert_int_equal(progress_open(&progress, &first, 5, 7), 0);
    a = progress_send(&progress, 5, USER_OK);
    b = progress_send(&progress, 6, USER_OK);
    assert_int_equal(progress_open(&progress, &second, 0, 1), 0);
    progress_confirm(&progress, progress_send(&progress, 0, USER_OK));
    assert_true(progress_resume(&progress, &at, &index));
    assert_int_equal(at.page, 1);
    assert_int_equal(index, 5);
    progress_confirm(&progress, a);
    assert_true(progress_resume(&progress, &at, &index));
    assert_int_equal(index, 6);
    assert_int_equal(progress.completed, 0);
    progress_confirm(&progress, b);
    assert_int_equal(progress.completed, 2);
    assert_false(progress_resume(&progress, &at, &index));
}

static void tickets_stay_right_while_the_ring_turns(void **state)
{
    struct progress progress = {0};
    char key[POSITION_KEY_SIZE];

    (void)state;
    for (unsigned i = 1; i <= 3 * PROGRESS_PAGES_MAX; i++) {
        struct position position = page(i);
        progress_ticket ticket;
        assert_int_equal(progress_open(&progress, &position, 0, PAGE_USERS_MAX), 0);
        for (size_t user = 0; user < PAGE_USERS_MAX; user++) {
            ticket = progress_send(&progress, user, USER_OK);
            if (user == 4711) {
                char expected[POSITION_KEY_SIZE];
                position_key(&position, user, expected);
                progress_key(&progress, ticket, key);
                assert_string_equal(key, expected);
            }
            progress_confirm(&progress, ticket);
        }
    }
    assert_int_equal(progress.completed, 3 * PROGRESS_PAGES_MAX);
}

static void only_so_many_pages_are_open_at_once(void **state)
{
    struct progress progress = {0};
    struct position position = page(1);

    (void)state;
    for (int i = 0; i < PROGRESS_PAGES_MAX; i++) {
        assert_false(progress_full(&progress));
        assert_int_equal(progress_open(&progress, &position, 0, 1), 0);
    }
    assert_true(progress_full(&progress));
    assert_int_not_equal(progress_open(&progress, &position, 0, 1), 0);
    assert_int_equal(progress_missing(&progress), PROGRESS_PAGES_MAX);
    progress_done(&progress);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_complete_when_all_its_users_are_confirmed),
        cmocka_unit_test(a_later_run_goes_on_with_the_first_user_not_confirmed),
        cmocka_unit_test(tickets_stay_right_while_the_ring_turns),
        cmocka_unit_test(only_so_many_pages_are_open_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
