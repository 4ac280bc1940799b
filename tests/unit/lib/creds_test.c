/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/creds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/creds_provider.h"

/* --- a provider that the test plays -----------------------------------------------------------------------
 */

struct fake {
    enum creds_outcome outcome;
    const char *access_key;
    const char *token;
    int64_t expires_ms;
    bool retriable;
    bool later; /* answer by hand, with fake_answer() */
    int fetches;
    bool freed;
    creds_answer_fn *answer;
    void *answer_ctx;
};

static void fake_answer(struct fake *fake)
{
    struct creds creds = {0};
    struct error err = {0};

    if (fake->outcome == CREDS_FOUND) {
        assert_true(creds_make(fake->access_key, "secret", fake->token, fake->expires_ms, &creds, &err));
    } else {
        error_set(&err, ERROR_NETWORK, fake->retriable, "the reason");
    }
    fake->answer(fake->answer_ctx, fake->outcome, fake->outcome == CREDS_FOUND ? &creds : NULL, &err);
}

static void fake_fetch(void *state, int64_t now_wall_ms, creds_answer_fn *answer, void *answer_ctx)
{
    struct fake *fake = state;

    (void)now_wall_ms;
    fake->fetches++;
    fake->answer = answer;
    fake->answer_ctx = answer_ctx;
    if (!fake->later) {
        fake_answer(fake);
    }
}

static void fake_free(void *state)
{
    ((struct fake *)state)->freed = true;
}

static struct creds_chain *chain_of(struct fake *first, struct fake *second)
{
    struct creds_provider providers[] = {
        {.name = "first", .state = first, .fetch = fake_fetch, .free = fake_free},
        {.name = "second", .state = second, .fetch = fake_fetch, .free = fake_free}};
    struct creds_chain *chain = creds_chain_new_with(providers, second ? 2 : 1);

    assert_non_null(chain);
    return chain;
}

enum { MINUTE = 60 * 1000 };

static const char *access_key(struct creds_chain *chain, int64_t now)
{
    struct error err = {0};
    const struct creds *creds = creds_chain_get(chain, now, &err);

    return creds ? creds->access_key : NULL;
}

/* --- the environment --------------------------------------------------------------------------------------
 */

static void get_environment(char **variables, enum error_code expected, const char *key, const char *token)
{
    struct creds_context context = {.environment = variables};
    struct creds_provider provider = creds_env_provider(&context);
    struct creds_chain *chain = creds_chain_new_with(&provider, 1);
    struct error err = {0};
    const struct creds *creds = creds_chain_get(chain, 1, &err);

    if (expected == ERROR_NONE) {
        assert_non_null(creds);
        assert_string_equal(creds->access_key, key);
        assert_string_equal(creds->secret_key, "secret");
        assert_string_equal(creds->provider, "environment");
        assert_true(token ? strcmp(creds->session_token, token) == 0 : !creds->session_token);
    } else {
        assert_null(creds);
        assert_int_equal(err.code, expected);
        assert_false(err.retriable);
    }
    creds_chain_free(chain);
}

static void environment_has_keys_and_token(void **state)
{
    char key[] = "AWS_ACCESS_KEY_ID=AKID";
    char secret[] = "AWS_SECRET_ACCESS_KEY=secret";
    char token[] = "AWS_SESSION_TOKEN=token";
    char empty[] = "AWS_SESSION_TOKEN=";
    char broken[] = "AWS_SESSION_TOKEN=to\r\nken";
    char *complete[] = {key, secret, token, NULL};
    char *long_lived[] = {key, secret, empty, NULL};
    char *half[] = {key, NULL};
    char *other_half[] = {secret, NULL};
    char *none[] = {token, NULL};
    char *injection[] = {key, secret, broken, NULL};

    (void)state;
    get_environment(complete, ERROR_NONE, "AKID", "token");
    get_environment(long_lived, ERROR_NONE, "AKID", NULL);
    get_environment(half, ERROR_CONFIG, NULL, NULL);
    get_environment(other_half, ERROR_CONFIG, NULL, NULL);
    get_environment(none, ERROR_AUTH, NULL, NULL);
    get_environment(injection, ERROR_AUTH, NULL, NULL);
}

/* --- the chain --------------------------------------------------------------------------------------------
 */

static void first_provider_that_has_them_wins(void **state)
{
    struct fake first = {.outcome = CREDS_FOUND, .access_key = "A"};
    struct fake second = {.outcome = CREDS_FOUND, .access_key = "B"};
    struct creds_chain *chain = chain_of(&first, &second);

    (void)state;
    assert_string_equal(access_key(chain, 1), "A");
    assert_string_equal(access_key(chain, 1000 * MINUTE), "A"); /* long-lived: fetched once */
    assert_int_equal(first.fetches, 1);
    assert_int_equal(second.fetches, 0);
    creds_chain_free(chain);
    assert_true(first.freed && second.freed);
}

static void absent_provider_is_passed_over(void **state)
{
    struct fake first = {.outcome = CREDS_ABSENT};
    struct fake second = {.outcome = CREDS_FOUND, .access_key = "B"};
    struct creds_chain *chain = chain_of(&first, &second);

    (void)state;
    assert_string_equal(access_key(chain, 1), "B");
    creds_chain_free(chain);
}

static void failed_provider_ends_the_search(void **state)
{
    struct fake first = {.outcome = CREDS_FAILED, .retriable = true};
    struct fake second = {.outcome = CREDS_FOUND, .access_key = "B"};
    struct creds_chain *chain = chain_of(&first, &second);
    struct error err = {0};

    (void)state;
    assert_null(creds_chain_get(chain, 1, &err));
    assert_true(err.retriable);
    assert_string_equal(err.message, "AWS credentials from first: the reason");
    assert_int_equal(second.fetches, 0);
    creds_chain_free(chain);
}

static void nobody_has_them_names_every_reason(void **state)
{
    struct fake first = {.outcome = CREDS_ABSENT};
    struct fake second = {.outcome = CREDS_ABSENT};
    struct creds_chain *chain = chain_of(&first, &second);
    struct error err = {0};

    (void)state;
    assert_null(creds_chain_get(chain, 1, &err));
    assert_int_equal(err.code, ERROR_AUTH);
    assert_false(err.retriable);
    assert_string_equal(err.message, "no AWS credentials: first: the reason; second: the reason");
    creds_chain_free(chain);
}

static void one_fetch_at_a_time(void **state)
{
    struct fake first = {.outcome = CREDS_FOUND, .access_key = "A", .later = true};
    struct creds_chain *chain = chain_of(&first, NULL);
    struct error err = {0};

    (void)state;
    assert_null(creds_chain_get(chain, 1, &err));
    assert_true(err.retriable);
    assert_non_null(strstr(err.message, "being fetched from first"));
    assert_null(access_key(chain, 2));
    assert_int_equal(first.fetches, 1);
    fake_answer(&first);
    assert_string_equal(access_key(chain, 3), "A");
    creds_chain_free(chain);
}

static void refresh_is_early_and_the_old_set_serves_meanwhile(void **state)
{
    struct fake first = {.outcome = CREDS_FOUND, .access_key = "A", .expires_ms = 60 * MINUTE};
    struct creds_chain *chain = chain_of(&first, NULL);
    const struct creds *snapshot;
    struct error err = {0};

    (void)state;
    assert_string_equal(access_key(chain, 1), "A");
    assert_string_equal(access_key(chain, 55 * MINUTE - 1), "A");
    assert_int_equal(first.fetches, 1);
    first.later = true;
    snapshot = creds_chain_get(chain, 55 * MINUTE, &err);
    assert_int_equal(first.fetches, 2);
    first.access_key = "B";
    first.expires_ms = 120 * MINUTE;
    fake_answer(&first);
    assert_string_equal(snapshot->access_key, "A"); /* borrowed until the next get */
    assert_string_equal(access_key(chain, 55 * MINUTE + 1), "B");
    creds_chain_free(chain);
}

static void failed_refresh_keeps_the_old_set_and_backs_off(void **state)
{
    struct fake first = {.outcome = CREDS_FOUND, .access_key = "A", .expires_ms = 60 * MINUTE};
    struct creds_chain *chain = chain_of(&first, NULL);
    struct error err = {0};

    (void)state;
    assert_string_equal(access_key(chain, 1), "A");
    first.outcome = CREDS_FAILED;
    first.retriable = true;
    for (int i = 0; i < 100; i++) {
        assert_string_equal(access_key(chain, 56 * MINUTE + i), "A");
    }
    assert_int_equal(first.fetches, 2);
    assert_string_equal(access_key(chain, 58 * MINUTE), "A");
    assert_int_equal(first.fetches, 3);
    assert_null(creds_chain_get(chain, 60 * MINUTE, &err)); /* expired at last */
    assert_true(err.retriable);
    first.outcome = CREDS_FOUND;
    first.expires_ms = 120 * MINUTE;
    assert_string_equal(access_key(chain, 62 * MINUTE), "A");
    creds_chain_free(chain);
}

static void short_lived_set_is_not_fetched_on_every_call(void **state)
{
    struct fake first = {.outcome = CREDS_FOUND, .access_key = "A", .expires_ms = 2 * MINUTE};
    struct creds_chain *chain = chain_of(&first, NULL);

    (void)state;
    for (int i = 0; i < 50; i++) {
        assert_string_equal(access_key(chain, i), "A");
    }
    assert_int_equal(first.fetches, 1);
    assert_string_equal(access_key(chain, MINUTE + 1), "A");
    assert_int_equal(first.fetches, 2);
    creds_chain_free(chain);
}

/* Half of a life of seconds would be a fetch per call. */
static void refreshes_have_a_distance(void **state)
{
    struct fake first = {.outcome = CREDS_FOUND, .access_key = "A", .expires_ms = 8000};
    struct creds_chain *chain = chain_of(&first, NULL);

    (void)state;
    for (int now = 0; now < 8000; now += 100) {
        assert_string_equal(access_key(chain, now), "A");
    }
    assert_int_equal(first.fetches, 1);
    creds_chain_free(chain);
}

static void expired_set_is_not_served(void **state)
{
    struct fake first = {.outcome = CREDS_FOUND, .access_key = "A", .expires_ms = MINUTE};
    struct creds_chain *chain = chain_of(&first, NULL);
    struct error err = {0};

    (void)state;
    assert_null(creds_chain_get(chain, 2 * MINUTE, &err));
    assert_true(err.retriable);
    assert_non_null(strstr(err.message, "expired already"));
    creds_chain_free(chain);
}

static void refused_set_is_replaced(void **state)
{
    struct fake first = {.outcome = CREDS_FOUND, .access_key = "A"};
    struct creds_chain *chain = chain_of(&first, NULL);
    struct error err = {0};
    uint64_t generation;

    (void)state;
    generation = creds_chain_get(chain, 1, &err)->generation;
    first.access_key = "B";
    creds_chain_expire(chain);
    assert_string_equal(access_key(chain, 2), "B");
    assert_int_not_equal(creds_chain_get(chain, 3, &err)->generation, generation);
    creds_chain_free(chain);
}

static void refused_set_without_another_is_held_back_for_a_while(void **state)
{
    struct fake first = {.outcome = CREDS_FOUND, .access_key = "A"};
    struct creds_chain *chain = chain_of(&first, NULL);
    struct error err = {0};

    (void)state;
    assert_string_equal(access_key(chain, 1), "A");
    creds_chain_expire(chain);
    assert_null(creds_chain_get(chain, 2, &err));
    assert_true(err.retriable);
    assert_null(access_key(chain, 400));
    assert_int_equal(first.fetches, 2);
    assert_string_equal(access_key(chain, 2 * MINUTE), "A"); /* the service may judge again */
    creds_chain_expire(chain);
    assert_null(access_key(chain, 2 * MINUTE + 1));
    assert_int_equal(first.fetches, 3);
    creds_chain_free(chain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(environment_has_keys_and_token),
        cmocka_unit_test(first_provider_that_has_them_wins),
        cmocka_unit_test(absent_provider_is_passed_over),
        cmocka_unit_test(failed_provider_ends_the_search),
        cmocka_unit_test(nobody_has_them_names_every_reason),
        cmocka_unit_test(one_fetch_at_a_time),
        cmocka_unit_test(refresh_is_early_and_the_old_set_serves_meanwhile),
        cmocka_unit_test(failed_refresh_keeps_the_old_set_and_backs_off),
        cmocka_unit_test(short_lived_set_is_not_fetched_on_every_call),
        cmocka_unit_test(refreshes_have_a_distance),
        cmocka_unit_test(expired_set_is_not_served),
        cmocka_unit_test(refused_set_is_replaced),
        cmocka_unit_test(refused_set_without_another_is_held_back_for_a_while),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
