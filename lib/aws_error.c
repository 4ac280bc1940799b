/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/aws_error.h"

#include <stdio.h>

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
