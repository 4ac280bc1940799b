/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls to AWS services with the JSON 1.1 protocol (Kinesis, Firehose): endpoint from region or override,
 * signature from the credentials chain, and the answer's errors sorted into what a caller must decide on.
 */
#ifndef LIB_AWS_H
#define LIB_AWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/creds.h"
#include "lib/error.h"
#include "lib/http.h"

/* What every AWS SDK reads, by the rows AWS_OPTIONS of a service's table. */
struct aws_config {
    const char *region; /* AWS_REGION; aws_region() knows the fallback */
    const char *default_region;
    const char *endpoint_url;         /* AWS_ENDPOINT_URL, NULL: AWS's own */
    const char *endpoint_url_kinesis; /* the per-service ones go before it */
    const char *endpoint_url_firehose;
    const char *ca_bundle;
    bool use_fips;
    bool use_dualstack;
    bool no_clock_correction;
};

/* Rows for a table; `member` is the struct aws_config in the service's config struct. */
#define AWS_OPTIONS(config_struct, member)                                                                   \
    {.name = "AWS_REGION",                                                                                   \
     .type = CONFIG_TEXT,                                                                                    \
     .max = 63,                                                                                              \
     .offset = offsetof(config_struct, member.region),                                                       \
     .help = "AWS region, such as eu-west-1. Required, here or as AWS_DEFAULT_REGION."},                     \
        {.name = "AWS_DEFAULT_REGION",                                                                       \
         .type = CONFIG_TEXT,                                                                                \
         .max = 63,                                                                                          \
         .offset = offsetof(config_struct, member.default_region),                                           \
         .help = "AWS region if AWS_REGION is not set."},                                                    \
        {.name = "AWS_ENDPOINT_URL",                                                                         \
         .type = CONFIG_URL,                                                                                 \
         .offset = offsetof(config_struct, member.endpoint_url),                                             \
         .help = "Endpoint of all AWS services instead of AWS's own, such as http://127.0.0.1:4566."},       \
        {.name = "AWS_ENDPOINT_URL_KINESIS",                                                                 \
         .type = CONFIG_URL,                                                                                 \
         .offset = offsetof(config_struct, member.endpoint_url_kinesis),                                     \
         .help = "Endpoint of Kinesis; goes before AWS_ENDPOINT_URL."},                                      \
        {.name = "AWS_ENDPOINT_URL_FIREHOSE",                                                                \
         .type = CONFIG_URL,                                                                                 \
         .offset = offsetof(config_struct, member.endpoint_url_firehose),                                    \
         .help = "Endpoint of Firehose; goes before AWS_ENDPOINT_URL."},                                     \
        {.name = "AWS_CA_BUNDLE",                                                                            \
         .type = CONFIG_TEXT,                                                                                \
         .offset = offsetof(config_struct, member.ca_bundle),                                                \
         .help = "PEM file with the certificate authorities to trust instead of the system's."},             \
        {.name = "AWS_USE_FIPS_ENDPOINT",                                                                    \
         .type = CONFIG_BOOL,                                                                                \
         .default_value = "false",                                                                           \
         .offset = offsetof(config_struct, member.use_fips),                                                 \
         .help = "Use the FIPS 140 endpoints."},                                                             \
        {.name = "AWS_USE_DUALSTACK_ENDPOINT",                                                               \
         .type = CONFIG_BOOL,                                                                                \
         .default_value = "false",                                                                           \
         .offset = offsetof(config_struct, member.use_dualstack),                                            \
         .help = "Use the endpoints that also speak IPv6."},                                                 \
    {                                                                                                        \
        .name = "AWS_DISABLE_CLOCK_SKEW_CORRECTION", .type = CONFIG_BOOL, .default_value = "false",          \
        .offset = offsetof(config_struct, member.no_clock_correction),                                       \
        .help = "Sign with this machine's clock even if AWS's differs by four minutes or more."              \
    }

enum aws_service { AWS_KINESIS, AWS_FIREHOSE };

/* AWS_REGION or AWS_DEFAULT_REGION; NULL if neither is set. */
const char *aws_region(const struct aws_config *config);

/* The endpoint URL of a service, without a trailing slash, appended to out. */
int aws_endpoint(const struct aws_config *config, enum aws_service service, struct buf *out) MUST_USE;

struct aws_client;

/*
 * All borrowed for the client's life. NULL with err filled (ERROR_CONFIG if there is no usable region).
 * The clock is corrected as the SDKs do it: every answer's Date header is compared with the own clock, and
 * from a difference of four minutes on requests are signed with the server's time.
 */
struct aws_client *aws_client_new(const struct aws_config *config, enum aws_service service,
                                  struct http_client *http, struct creds_chain *creds, struct error *err);
/* Forgets calls under way, without calling back: the HTTP client must not be polled after that. */
void aws_client_free(struct aws_client *client);

enum aws_outcome {
    AWS_OK,        /* 2xx; the body is the answer */
    AWS_THROTTLED, /* refused for the rate: nothing was done, slow down and try again */
    AWS_RETRY,     /* certain that nothing was done; try again (expired token, clock, no connection) */
    AWS_UNKNOWN,   /* may have been done: time-out, reset, 5xx. Trying again may duplicate */
    AWS_REFUSED    /* will be refused again: permission, validation, missing resource */
};

/* Valid only during the callback. */
struct aws_response {
    enum aws_outcome outcome;
    int status;         /* HTTP; 0 if no answer came */
    struct buf *body;   /* may be taken with buf_take() */
    char code[96];      /* "ProvisionedThroughputExceededException", empty when AWS_OK */
    struct error error; /* for people: code, message and request id */
    int64_t latency_us;
};

typedef void aws_done_fn(void *ctx, const struct aws_response *response);

/*
 * POSTs `body` as `target` ("Kinesis_20131202.PutRecords"). The body is borrowed until `done`, which is
 * called once from http_poll(). Returns 0, or a negative code with err filled when the call could not be
 * started (no credentials yet: err->retriable tells), and then `done` is not called.
 */
int aws_call(struct aws_client *client, const char *target, struct str body, int64_t timeout_ms,
             aws_done_fn *done, void *ctx, struct error *err) MUST_USE;

/* A call run to its end: for --check and start-up. */
int aws_call_wait(struct aws_client *client, const char *target, struct str body, int64_t timeout_ms,
                  struct buf *ret_body, struct error *err) MUST_USE;

/*
 * The bare error code of an answer from the x-amzn-ErrorType header or the body's "__type":
 * what is behind '#' and before ':'. Empty if there is none.
 */
void aws_error_code(struct str header, struct str type, char *out, size_t size);
/* Sorts a refused request by HTTP status and code (rules beside the table in aws_error.c). */
enum aws_outcome aws_classify(int status, const char *code);

#endif
