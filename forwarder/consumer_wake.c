/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/consumer_wake.h"

#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"

enum { FETCH_WAKE_MS = 10 /* between two wake-ups */ };

bool consumer_wake_unneeded(void)
{
    return rd_kafka_version() >= 0x02020000;
}

/* The value of a property, "" if it has none; the caller frees. NULL: out of memory. */
static char *conf_value(const rd_kafka_conf_t *conf, const char *name)
{
    size_t size = 0;
    char *value;

    if (rd_kafka_conf_get(conf, name, NULL, &size) != RD_KAFKA_CONF_OK) {
        size = 0;
    }
    value = calloc(1, size + 1);
    if (value && size > 0 && rd_kafka_conf_get(conf, name, value, &size) != RD_KAFKA_CONF_OK) {
        value[0] = '\0';
    }
    return value;
}

static bool conf_is(const rd_kafka_conf_t *conf, const char *name, const char *expected)
{
    char value[64];
    size_t size = sizeof(value);

    return rd_kafka_conf_get(conf, name, value, &size) == RD_KAFKA_CONF_OK && strcmp(value, expected) == 0;
}

/* Kerberos names its user elsewhere: an empty name set here could get in the way. */
static bool uses_kerberos(const rd_kafka_conf_t *conf)
{
    return conf_is(conf, "sasl.mechanisms", "GSSAPI") &&
           (conf_is(conf, "security.protocol", "sasl_plaintext") ||
            conf_is(conf, "security.protocol", "sasl_ssl"));
}

int consumer_wake_init(struct consumer_wake *wake, rd_kafka_t *kafka, struct error *err)
{
    const rd_kafka_conf_t *conf = rd_kafka_conf(kafka);

    wake->username = conf_value(conf, "sasl.username");
    wake->password = conf_value(conf, "sasl.password");
    if (!wake->username || !wake->password) {
        return error_set(err, ERROR_MEMORY, false, "out of memory");
    }
    wake->wanted = !consumer_wake_unneeded() && !uses_kerberos(conf);
    return 0;
}

static void free_secret(char *text)
{
    if (text) {
        buf_wipe(text, strlen(text));
    }
    free(text);
}

void consumer_wake_done(struct consumer_wake *wake)
{
    free_secret(wake->username);
    free_secret(wake->password);
}

/* The one call that wakes all threads, and does no more, sets credentials: they are set to what they are. */
void consumer_wake_run(struct consumer_wake *wake, rd_kafka_t *kafka, bool emptied, int64_t now_ms)
{
    if (wake->wanted && (emptied || now_ms - wake->woken_ms >= FETCH_WAKE_MS)) {
        wake->woken_ms = now_ms;
        rd_kafka_error_destroy(rd_kafka_sasl_set_credentials(kafka, wake->username, wake->password));
    }
}
