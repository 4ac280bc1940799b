/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/lib/creds_stand_in.h"

#include <sys/wait.h>

#define KEYS "\"AccessKeyId\":\"ASIA\",\"SecretAccessKey\":\"SECRET\""

static int set_up(void **state)
{
    *state = provider_test_new(NULL);
    provider_test_set(*state, "PATH", "/usr/bin:/bin");
    return 0;
}

static int tear_down(void **state)
{
    provider_test_free(*state);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
    return 0;
}

static void use(struct provider_test *test, const char *command)
{
    if (test->provider.free) {
        test->provider.free(test->provider.state);
    }
    test->provider = creds_process_provider(&test->context, command);
}

/* A script that prints `output`. */
static void use_output(struct provider_test *test, const char *output)
{
    char path[128];
    char command[160];

    provider_test_write(test, "output", output, path);
    snprintf(command, sizeof(command), "cat '%s'", path);
    use(test, command);
}

static void output_gives_credentials(void **state)
{
    struct provider_test *test = *state;

    use_output(test,
               "{\"Version\":1," KEYS ",\"SessionToken\":\"TOKEN\",\"Expiration\":\"" IN_AN_HOUR "\"}\n");
    provider_test_found(test, "ASIA", "TOKEN");
    assert_int_equal(test->creds.expires_ms, clock_parse_iso(IN_AN_HOUR));
    use_output(test, "{\"Version\":1," KEYS "}");
    provider_test_found(test, "ASIA", NULL);
    assert_int_equal(test->creds.expires_ms, 0);
    provider_test_found(test, "ASIA", NULL); /* and again */
}

static void command_runs_without_a_shell(void **state)
{
    struct provider_test *test = *state;

    use(test, "printf %s '{\"Version\":1,\"AccessKeyId\":\"$HOME;`id`\",\"SecretAccessKey\":\"SECRET\"}'");
    provider_test_found(test, "$HOME;`id`", NULL);
}

static void bad_output_is_refused_and_not_quoted(void **state)
{
    static const char *const bad[] = {"",
                                      "hush",
                                      "{}",
                                      "{\"Version\":2," KEYS "}",
                                      "{" KEYS "}",
                                      "{\"Version\":1,\"AccessKeyId\":\"hush\"}",
                                      "{\"Version\":1," KEYS ",\"Expiration\":\"hush\"}"};
    struct provider_test *test = *state;

    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        use_output(test, bad[i]);
        assert_int_equal(provider_test_fetch(test), CREDS_FAILED);
        assert_null(strstr(test->error.message, "hush"));
    }
}

static void failing_command_is_told(void **state)
{
    struct provider_test *test = *state;

    use(test, "sh -c 'exit 3'");
    provider_test_missed(test, CREDS_FAILED, true, "exit code 3");
    use(test, "sh -c 'kill -9 $$'");
    provider_test_missed(test, CREDS_FAILED, true, "signal 9");
    use(test, "/nonexistent/program x");
    provider_test_missed(test, CREDS_FAILED, false, "/nonexistent/program");
    use(test, "'no end");
    provider_test_missed(test, CREDS_FAILED, false, "no command line");
}

static void output_is_bounded(void **state)
{
    struct provider_test *test = *state;

    use(test, "yes");
    provider_test_missed(test, CREDS_FAILED, true, "wrote too much");
}

static void complaints_do_not_reach_our_log(void **state)
{
    struct provider_test *test = *state;

    use(test, "sh -c 'test /dev/null -ef /dev/stderr && test ! -e /dev/fd/9 && cat && exit 7'");
    provider_test_missed(test, CREDS_FAILED, true, "exit code 7");
}

static void free_ends_a_command_under_way(void **state)
{
    struct provider_test *test = *state;

    use(test, "sleep 1000");
    test->provider.fetch(test->provider.state, NOW_MS, provider_test_answer, test);
    test->provider.work(test->provider.state);
    assert_false(test->answered);
    test->provider.free(test->provider.state);
    test->provider.free = NULL;
    assert_false(test->answered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(output_gives_credentials, set_up, tear_down),
        cmocka_unit_test_setup_teardown(command_runs_without_a_shell, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bad_output_is_refused_and_not_quoted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(failing_command_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(output_is_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(complaints_do_not_reach_our_log, set_up, tear_down),
        cmocka_unit_test_setup_teardown(free_ends_a_command_under_way, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
