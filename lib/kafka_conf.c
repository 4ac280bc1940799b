/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/kafka_conf.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/log.h"

enum {
    PROPERTY_NAME_CAP = 128,
    CONF_ERROR_CAP = 256,
    VALUE_CAP = 65536, /* of a file with a value: keys and certificates have some KiB */
    SYSLOG_WARNING = 4 /* RFC 5424; syslog.h has names of ours */
};

const char *const kafka_own_variables[] = {"KAFKA_BOOTSTRAP_SERVERS", "KAFKA_TOPIC", "KAFKA_DLQ_TOPIC",
                                           "KAFKA_GROUP_ID", NULL};

/* Kubernetes sets these in every pod beside a Service named kafka; they are nobody's configuration. */
static const char *const service_link_prefixes[] = {"KAFKA_SERVICE_HOST=", "KAFKA_SERVICE_PORT",
                                                    "KAFKA_PORT=", "KAFKA_PORT_"};

/* librdkafka reports broker trouble as errors, though it goes on by itself: a warning here. */
static void on_log(const rd_kafka_t *kafka, int level, const char *facility, const char *text)
{
    (void)kafka;
    if (level <= SYSLOG_WARNING) {
        LOG_WARN("kafka client", LOG_STR("facility", facility), LOG_STR("message", text));
    } else {
        LOG_DEBUG("kafka client", LOG_STR("facility", facility), LOG_STR("message", text));
    }
}

static bool is_own_variable(const char *entry)
{
    for (const char *const *name = kafka_own_variables; *name; name++) {
        size_t len = strlen(*name);
        if (strncmp(entry, *name, len) == 0 && entry[len] == '=') {
            return true;
        }
    }
    for (size_t i = 0; i < ARRAY_LENGTH(service_link_prefixes); i++) {
        if (strncmp(entry, service_link_prefixes[i], strlen(service_link_prefixes[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* "KAFKA_SECURITY_PROTOCOL=x" -> "security.protocol". False if the name does not fit. */
static bool property_name(const char *entry, char *out, size_t size)
{
    const char *name = entry + strlen("KAFKA_");
    size_t len = strcspn(name, "=");

    if (len == 0 || len >= size) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        out[i] = name[i] == '_' ? '.' : (char)tolower((unsigned char)name[i]);
    }
    out[len] = '\0';
    return true;
}

static const struct kafka_setting *find_setting(const struct kafka_setting *settings, const char *name)
{
    for (; settings->name; settings++) {
        if (strcmp(settings->name, name) == 0) {
            return settings;
        }
    }
    return NULL;
}

static int set_property(rd_kafka_conf_t *conf, const char *name, const char *value, struct error *err)
{
    char reason[CONF_ERROR_CAP];

    if (rd_kafka_conf_set(conf, name, value, reason, sizeof(reason)) != RD_KAFKA_CONF_OK) {
        return error_set(err, ERROR_CONFIG, false, "%s", reason);
    }
    return 0;
}

static int set_from_environment(rd_kafka_conf_t *conf, const char *name, const char *value,
                                const struct kafka_setting *settings, struct error *err)
{
    const struct kafka_setting *setting = find_setting(settings, name);

    if (*value == '\0' || strcmp(value, KAFKA_MECHANISM_MSK_IAM) == 0) {
        return 0; /* unset, or for kafka_iam_configure() */
    }
    if (setting && setting->fixed && strcmp(setting->value, value) != 0) {
        return error_set(err, ERROR_CONFIG, false,
                         "%s has to be %s here, the service's promise rests on it; unset the variable", name,
                         setting->value);
    }
    return set_property(conf, name, value, err);
}

/* The same with the value in a file, without the newline that editors put at its end. */
static int set_from_file(rd_kafka_conf_t *conf, const char *name, const char *path,
                         const struct kafka_setting *settings, struct error *err)
{
    struct buf value;
    int code;

    buf_init(&value, VALUE_CAP);
    code = file_read(path, &value, err);
    if (code) {
        err->code = ERROR_CONFIG;
    } else if (value.len > 0) {
        value.data[value.len - (value.data[value.len - 1] == '\n')] = '\0';
        code = set_from_environment(conf, name, value.data, settings, err);
    }
    buf_done_secret(&value);
    return code;
}

static int set_from_entry(rd_kafka_conf_t *conf, const char *entry, const struct kafka_setting *settings,
                          struct error *err)
{
    static const char file_suffix[] = ".file"; /* no property of librdkafka ends so */
    char name[PROPERTY_NAME_CAP];
    const char *value = strchr(entry, '=') + 1;
    size_t suffix_at;
    int code;

    if (!property_name(entry, name, sizeof(name))) {
        return error_set(err, ERROR_CONFIG, false, "%.*s: no Kafka property has such a name",
                         (int)strcspn(entry, "="), entry);
    }
    suffix_at = strlen(name) - (sizeof(file_suffix) - 1);
    if (strlen(name) > sizeof(file_suffix) - 1 && strcmp(name + suffix_at, file_suffix) == 0) {
        name[suffix_at] = '\0';
        code = *value ? set_from_file(conf, name, value, settings, err) : 0;
    } else {
        code = set_from_environment(conf, name, value, settings, err);
    }
    if (code) {
        error_prefix(err, "%.*s", (int)strcspn(entry, "="), entry);
    }
    return code;
}

rd_kafka_conf_t *kafka_conf_new(char *const *environment, const char *bootstrap_servers,
                                const struct kafka_setting *settings, struct error *err)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();

    rd_kafka_conf_set_log_cb(conf, on_log);
    if (set_property(conf, "bootstrap.servers", bootstrap_servers, err)) {
        error_prefix(err, "KAFKA_BOOTSTRAP_SERVERS");
        goto fail;
    }
    for (const struct kafka_setting *setting = settings; setting->name; setting++) {
        if (set_property(conf, setting->name, setting->value, err)) {
            goto fail;
        }
    }
    for (char *const *entry = environment; *entry; entry++) {
        if (strncmp(*entry, "KAFKA_", strlen("KAFKA_")) == 0 && !is_own_variable(*entry) &&
            set_from_entry(conf, *entry, settings, err)) {
            goto fail;
        }
    }
    return conf;

fail:
    rd_kafka_conf_destroy(conf);
    return NULL;
}

static int topic_state(const struct rd_kafka_metadata_topic *found, const char *topic, int *ret_partitions,
                       struct error *err)
{
    if (!found || found->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || found->partition_cnt == 0) {
        return error_set(err, ERROR_STATE, true,
                         "topic %s does not exist; create it, for example with kafka-topics.sh --create "
                         "--topic %s --partitions 8",
                         topic, topic);
    }
    if (found->err) {
        return error_set(err, ERROR_REMOTE, true, "topic %s: %s", topic, rd_kafka_err2str(found->err));
    }
    *ret_partitions = found->partition_cnt;
    return 0;
}

static const struct rd_kafka_metadata_topic *find_topic(const struct rd_kafka_metadata *metadata,
                                                        const char *topic)
{
    for (int i = 0; i < metadata->topic_cnt; i++) {
        if (strcmp(metadata->topics[i].topic, topic) == 0) {
            return &metadata->topics[i];
        }
    }
    return NULL;
}

int kafka_topic_partitions(rd_kafka_t *kafka, const char *topic, int timeout_ms, int *ret_partitions,
                           struct error *err)
{
    const struct rd_kafka_metadata *metadata = NULL;
    /* All topics: asking for one by its name makes brokers with auto.create.topics.enable create it. */
    rd_kafka_resp_err_t failure = rd_kafka_metadata(kafka, 1, NULL, &metadata, timeout_ms);
    const struct rd_kafka_metadata_topic *found;
    int code;

    if (failure) {
        return error_set(err, ERROR_NETWORK, true, "no Kafka broker answered: %s", rd_kafka_err2str(failure));
    }
    found = find_topic(metadata, topic);
    code = topic_state(found, topic, ret_partitions, err);
    rd_kafka_metadata_destroy(metadata);
    return code;
}
