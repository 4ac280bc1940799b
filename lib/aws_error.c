/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/aws_error.h"

#include <stdio.h>

#include "lib/json.h"
#include "lib/xml.h"

enum { MESSAGE_CAP = 65536 };

enum kind {
    KIND_THROTTLED, /* SDK reference guide, "Retry behavior": throttling errors */
    KIND_EXPIRED,
    KIND_SKEWED,   /* may be the clock; see contract of aws_is_skew() */
    KIND_UNKNOWN,  /* the service failed while it worked on it */
    KIND_NOT_DONE, /* the service gave up before it began */
    KIND_KEY       /* the key pair is not (or no longer) known */
};

/*
 * Codes that are not plain refusals. Throttling goes before the status (Kinesis sends it as 400). Firehose's
 * ServiceUnavailableException is its way of throttling whole calls; S3's and the front ends' is a 503
 * without it.
 */
static const struct {
    const char *code;
    enum kind kind;
} codes[] = {
    {"ProvisionedThroughputExceededException", KIND_THROTTLED},
    {"ThrottlingException", KIND_THROTTLED},
    {"Throttling", KIND_THROTTLED},
    {"ThrottledException", KIND_THROTTLED},
    {"RequestThrottled", KIND_THROTTLED},
    {"RequestThrottledException", KIND_THROTTLED},
    {"TooManyRequestsException", KIND_THROTTLED},
    {"RequestLimitExceeded", KIND_THROTTLED},
    {"BandwidthLimitExceeded", KIND_THROTTLED},
    {"LimitExceededException", KIND_THROTTLED},
    {"SlowDown", KIND_THROTTLED},
    {"TransactionInProgressException", KIND_THROTTLED},
    {"EC2ThrottledException", KIND_THROTTLED},
    {"KMSThrottlingException", KIND_THROTTLED},
    {"ServiceUnavailableException", KIND_THROTTLED},
    {"ExpiredTokenException", KIND_EXPIRED},
    {"ExpiredToken", KIND_EXPIRED},
    {"AuthFailure", KIND_SKEWED},
    {"InvalidSignatureException", KIND_SKEWED},
    {"RequestExpired", KIND_SKEWED},
    {"RequestInTheFuture", KIND_SKEWED},
    {"RequestTimeTooSkewed", KIND_SKEWED},
    {"SignatureDoesNotMatch", KIND_SKEWED},
    {"InternalFailure", KIND_UNKNOWN},
    {"InternalFailureException", KIND_UNKNOWN},
    {"InternalServerError", KIND_UNKNOWN},
    {"RequestTimeout", KIND_NOT_DONE},
    {"RequestTimeoutException", KIND_NOT_DONE},
    {"PriorRequestNotComplete", KIND_NOT_DONE},
    {"UnrecognizedClientException", KIND_KEY},
    {"InvalidClientTokenId", KIND_KEY},
    {"InvalidAccessKeyId", KIND_KEY},
};

static bool is_kind(const char *code, enum kind kind)
{
    for (size_t i = 0; i < ARRAY_LENGTH(codes); i++) {
        if (strcmp(codes[i].code, code) == 0) {
            return codes[i].kind == kind;
        }
    }
    return false;
}

bool aws_is_expired(const char *code)
{
    return is_kind(code, KIND_EXPIRED);
}

bool aws_is_skew(const char *code)
{
    return is_kind(code, KIND_SKEWED);
}

bool aws_is_key(const char *code)
{
    return is_kind(code, KIND_KEY);
}

void aws_error_code(struct str header, struct str type, char *out, size_t size)
{
    struct str text = header.len > 0 ? header : type;
    const char *colon = text.len > 0 ? memchr(text.ptr, ':', text.len) : NULL;
    const char *hash;

    if (colon) {
        text.len = (size_t)(colon - text.ptr);
    }
    hash = text.len > 0 ? memrchr(text.ptr, '#', text.len) : NULL;
    if (hash) {
        text.len -= (size_t)(hash + 1 - text.ptr);
        text.ptr = hash + 1;
    }
    if (size > 0) {
        snprintf(out, size, "%.*s", STR_ARG(text));
    }
}

/* The query protocol's element, S3's, and EC2's. */
static const char *const xml_errors[] = {"ErrorResponse/Error", "Error", "Response/Errors/Error"};

static bool read_xml_field(struct str body, const char *error, const char *name, struct buf *out)
{
    char path[64];

    snprintf(path, sizeof(path), "%s/%s", error, name);
    return xml_text(body, path, out);
}

static void read_xml(struct str body, struct buf *code, struct buf *message)
{
    for (size_t i = 0; i < ARRAY_LENGTH(xml_errors); i++) {
        if (read_xml_field(body, xml_errors[i], "Code", code)) {
            if (!read_xml_field(body, xml_errors[i], "Message", message)) {
                buf_reset(message);
            }
            return;
        }
    }
}

static void read_json(struct str body, struct buf *code, struct buf *message)
{
    cJSON *json = json_parse(body.ptr, body.len, NULL);
    const char *type = json_string(json, "__type");
    const char *text = json_string(json, "message");

    text = text ? text : json_string(json, "Message");
    buf_add_str(code, type ? type : "");
    buf_add(message, text ? text : "", text ? strnlen(text, MESSAGE_CAP) : 0);
    cJSON_Delete(json);
}

static size_t first_line(struct str text)
{
    size_t len = 0;

    while (len < text.len && text.ptr[len] != '\r' && text.ptr[len] != '\n') {
        len++;
    }
    return len;
}

void aws_error_read(struct str type_header, struct str body, char *code, size_t code_size, char *message,
                    size_t message_size)
{
    struct buf type;
    struct buf text;

    buf_init(&type, MESSAGE_CAP);
    buf_init(&text, MESSAGE_CAP);
    if (body.len > 0 && body.ptr[0] == '<') {
        read_xml(body, &type, &text);
    } else {
        read_json(body, &type, &text);
    }
    aws_error_code(type_header, buf_str(&type), code, code_size);
    snprintf(message, message_size, "%.*s", (int)first_line(buf_str(&text)), text.len > 0 ? text.data : "");
    buf_done(&type);
    buf_done(&text);
}

enum aws_outcome aws_classify(int status, const char *code)
{
    if (status >= 200 && status <= 299) {
        return AWS_OK;
    }
    if (status == 429 || is_kind(code, KIND_THROTTLED)) {
        return AWS_THROTTLED;
    }
    if (is_kind(code, KIND_EXPIRED) || is_kind(code, KIND_NOT_DONE)) {
        return AWS_RETRY;
    }
    if (status >= 500 || status == 408 || is_kind(code, KIND_UNKNOWN)) {
        return AWS_UNKNOWN;
    }
    return AWS_REFUSED;
}
