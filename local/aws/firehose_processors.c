/* SPDX-License-Identifier: Apache-2.0 */
/* ProcessingConfiguration: what Firehose does to records on their way. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "local/aws/firehose_request.h"

enum { MIB = 1024 * 1024 };

/* The function's name in "arn:aws:lambda:region:account:function:name[:version]". */
static int read_function(struct call *call, const char *arn, struct firehose_settings *ret)
{
    const char *name = strncmp(arn, "arn:aws", 7) == 0 ? strstr(arn, ":function:") : NULL;
    size_t len = name ? strcspn(name + 10, ":") : 0;

    if (len == 0 || len > FIREHOSE_FUNCTION_CAP) {
        return firehose_request_refuse(call, "LambdaArn must be the ARN of a function");
    }
    if (!call->local->config->lambda_url) {
        return firehose_request_refuse(call,
                                       "local-aws can call no function: LOCAL_AWS_LAMBDA_URL is not set");
    }
    snprintf(ret->function, sizeof(ret->function), "%.*s", (int)len, name + 10);
    return call_is_name(ret->function)
               ? 0
               : firehose_request_refuse(call, "LambdaArn must be the ARN of a function");
}

/* "0.2" to "3": whole or with one decimal. */
static bool read_mebibytes(const char *text, int64_t *ret_bytes)
{
    const char *point = strchr(text, '.');
    struct str whole = {text, point ? (size_t)(point - text) : strlen(text)};
    long long units = 0;
    long long tenths = 0;

    if (!str_to_int64(whole, 0, 3, &units) ||
        (point && (strlen(point) != 2 || !str_to_int64(str_of(point + 1), 0, 9, &tenths)))) {
        return false;
    }
    tenths += units * 10;
    *ret_bytes = tenths * MIB / 10;
    return tenths >= 2 && tenths <= 30;
}

static int read_parameter(struct call *call, const cJSON *item, struct firehose_settings *ret)
{
    const char *name = json_string(item, "ParameterName");
    const char *value = json_string(item, "ParameterValue");
    long long number;

    if (!name || !value) {
        return call_invalid(call, "processors.parameters", "have ParameterName and ParameterValue");
    }
    if (strcmp(name, "LambdaArn") == 0) {
        return read_function(call, value, ret);
    }
    if (strcmp(name, "NumberOfRetries") == 0) {
        if (!str_to_int64(str_of(value), 0, 300, &number)) {
            return firehose_request_refuse(call, "NumberOfRetries must be from 0 to 300");
        }
        ret->retries = number;
    } else if (strcmp(name, "BufferSizeInMBs") == 0) {
        if (!read_mebibytes(value, &ret->transform_bytes)) {
            return firehose_request_refuse(call, "BufferSizeInMBs must be from 0.2 to 3");
        }
    }
    return 0; /* RoleArn, BufferIntervalInSeconds: batches go on with the destination's flush at the latest */
}

/* A Lambda processor: everything about it, from the defaults on. */
static int read_lambda(struct call *call, const cJSON *processor, struct firehose_settings *ret)
{
    const cJSON *item;

    if (ret->function[0]) {
        return firehose_request_refuse(call, "A delivery stream has one Lambda processor");
    }
    cJSON_ArrayForEach(item, json_get(processor, "Parameters"))
    {
        if (read_parameter(call, item, ret)) {
            return CALL_REFUSED;
        }
    }
    return ret->function[0]
               ? 0
               : firehose_request_refuse(call, "A Lambda processor needs the parameter LambdaArn");
}

static int read_delimiter(struct call *call, const cJSON *processor, struct firehose_settings *ret)
{
    const cJSON *item;

    snprintf(ret->delimiter, sizeof(ret->delimiter), "\\n");
    cJSON_ArrayForEach(item, json_get(processor, "Parameters"))
    {
        const char *name = json_string(item, "ParameterName");
        const char *value = json_string(item, "ParameterValue");
        if (!name || !value || strcmp(name, "Delimiter") != 0 || !value[0] ||
            strlen(value) > FIREHOSE_DELIMITER_CAP) {
            return firehose_request_refuse(
                call, "AppendDelimiterToRecord has one parameter, Delimiter, of 1 to 16 characters");
        }
        snprintf(ret->delimiter, sizeof(ret->delimiter), "%s", value);
    }
    return 0;
}

int firehose_processors_read(struct call *call, const cJSON *configuration, struct firehose_settings *ret)
{
    const cJSON *processor;
    struct firehose_settings fresh;

    firehose_settings_default(&fresh);
    ret->function[0] = '\0';
    ret->delimiter[0] = '\0';
    ret->retries = fresh.retries;
    ret->transform_bytes = fresh.transform_bytes;
    if (!json_bool(configuration, "Enabled", false)) {
        return 0;
    }
    cJSON_ArrayForEach(processor, json_get(configuration, "Processors"))
    {
        const char *type = json_string(processor, "Type");
        if (type && strcmp(type, "Lambda") == 0) {
            if (read_lambda(call, processor, ret)) {
                return CALL_REFUSED;
            }
        } else if (type && strcmp(type, "AppendDelimiterToRecord") == 0) {
            if (read_delimiter(call, processor, ret)) {
                return CALL_REFUSED;
            }
        } else {
            return firehose_request_refuse(call,
                                           "local-aws has the processors Lambda and AppendDelimiterToRecord");
        }
    }
    return 0;
}

static void add_parameter(struct buf *out, const char *name, const char *value)
{
    buf_addf(out, "{\"ParameterName\":\"%s\",\"ParameterValue\":", name);
    buf_add_json_string(out, value, strlen(value));
    buf_add_char(out, '}');
}

static void add_lambda(struct call *call, const struct firehose_settings *settings)
{
    char arn[FIREHOSE_ARN_CAP];
    char number[24];

    firehose_function_arn(call->local, settings->function, arn);
    buf_add_str(&call->output, "{\"Type\":\"Lambda\",\"Parameters\":[");
    add_parameter(&call->output, "LambdaArn", arn);
    snprintf(number, sizeof(number), "%" PRId64, settings->retries);
    buf_add_char(&call->output, ',');
    add_parameter(&call->output, "NumberOfRetries", number);
    buf_add_str(&call->output, "]}");
}

void firehose_processors_add(struct call *call, const struct firehose_settings *settings)
{
    struct buf *out = &call->output;
    bool lambda = settings->function[0] != '\0';
    bool delimiter = settings->delimiter[0] != '\0';

    buf_addf(out, "\"ProcessingConfiguration\":{\"Enabled\":%s,\"Processors\":[",
             lambda || delimiter ? "true" : "false");
    if (lambda) {
        add_lambda(call, settings);
    }
    if (delimiter) {
        buf_addf(out, "%s{\"Type\":\"AppendDelimiterToRecord\",\"Parameters\":[", lambda ? "," : "");
        add_parameter(out, "Delimiter", settings->delimiter);
        buf_add_str(out, "]}");
    }
    buf_add_str(out, "]}");
}
