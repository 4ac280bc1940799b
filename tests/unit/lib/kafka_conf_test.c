/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/kafka_conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const struct kafka_setting settings[] = {
    {"acks", "all", true}, {"linger.ms", "20", false}, {NULL, NULL, false}};

/* A file with these bytes; "KAFKA_SASL_PASSWORD_FILE=<its name>" goes to `entry`. */
static void write_file(const char *content, size_t len, char *path, char *entry, size_t size)
{
    int file = mkstemp(path);

    assert_true(file >= 0);
    assert_int_equal(write(file, content, len), len);
    close(file);
    snprintf(entry, size, "KAFKA_SASL_PASSWORD_FILE=%s", path);
}

static void assert_password(const char *content, const char *expected)
{
    char path[] = "/tmp/kafka_conf_test.XXXXXX";
    char entry[128];
    char *environment[] = {entry, NULL};
    char found[64];
    size_t size = sizeof(found);
    struct error err = {0};
    rd_kafka_conf_t *conf;

    write_file(content, strlen(content), path, entry, sizeof(entry));
    conf = kafka_conf_new(environment, "broker:9092", settings, &err);
    unlink(path);
    assert_non_null(conf);
    assert_int_equal(rd_kafka_conf_get(conf, "sasl.password", found, &size), RD_KAFKA_CONF_OK);
    assert_string_equal(found, expected);
    rd_kafka_conf_destroy(conf);
}

static void a_file_holds_the_value(void **state)
{
    (void)state;
    assert_password("secret", "secret");
    assert_password("secret\n", "secret");
    assert_password("with=signs \n\n", "with=signs \n");
}

static void refused(const char *text, const char *message)
{
    char entry[128];
    char *environment[] = {entry, NULL};
    struct error err = {0};

    snprintf(entry, sizeof(entry), "%s", text);
    assert_null(kafka_conf_new(environment, "broker:9092", settings, &err));
    assert_int_equal(err.code, ERROR_CONFIG);
    if (!strstr(err.message, message)) {
        fail_msg("\"%s\" is not in \"%s\"", message, err.message);
    }
}

static void what_cannot_be_is_named(void **state)
{
    char path[] = "/tmp/kafka_conf_test.XXXXXX";
    char entry[128];

    (void)state;
    refused("KAFKA_SASL_PASSWORD_FILE=/nonexistent/file", "KAFKA_SASL_PASSWORD_FILE: ");
    refused("KAFKA_NO_SUCH_THING=1", "KAFKA_NO_SUCH_THING: ");
    refused("KAFKA_ACKS=1", "KAFKA_ACKS: acks has to be all");
    write_file("1\n", 2, path, entry, sizeof(entry));
    snprintf(entry, sizeof(entry), "KAFKA_ACKS_FILE=%s", path);
    refused(entry, "KAFKA_ACKS_FILE: acks has to be all");
    unlink(path);
}

static void unset_ones_change_nothing(void **state)
{
    char file[] = "KAFKA_SASL_PASSWORD_FILE=";
    char protocol[] = "KAFKA_SECURITY_PROTOCOL=";
    char linger[] = "KAFKA_LINGER_MS=5";
    char *environment[] = {file, protocol, linger, NULL};
    char found[64];
    size_t size = sizeof(found);
    struct error err = {0};
    rd_kafka_conf_t *conf = kafka_conf_new(environment, "broker:9092", settings, &err);

    (void)state;
    assert_non_null(conf);
    assert_int_equal(rd_kafka_conf_get(conf, "linger.ms", found, &size), RD_KAFKA_CONF_OK);
    assert_string_equal(found, "5");
    rd_kafka_conf_destroy(conf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_holds_the_value),
        cmocka_unit_test(what_cannot_be_is_named),
        cmocka_unit_test(unset_ones_change_nothing),
    };
    return cmocka_run_group_tests_name("kafka_conf", tests, NULL, NULL);
}
