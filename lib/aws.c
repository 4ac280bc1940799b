/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/aws.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/aws_endpoint.h"
#include "lib/aws_error.h"
#include "lib/clock.h"
#include "lib/hash.h"
#include "lib/random.h"
#include "lib/retry.h"
#include "lib/sigv4.h"
#include "lib/stop.h"
#include "lib/url.h"

enum {
    URL_CAP = 2048,
    AUTHORIZATION_CAP = 1024,
    HEADERS = 6,
    /* GetRecords: 10 MiB of data in base64 (14.0 MB), 10,000 records with their numbers and keys (5 MB). */
    RESPONSE_CAP = 20 * 1024 * 1024,
    CLOCK_TOLERANCE_MS = 4 * 60 * 1000,   /* as the SDKs; AWS refuses from five minutes on */
    ROUND_TRIP_MAX_US = 15 * 60 * 1000000 /* a Date that was so long on its way says nothing */
};

static const struct {
    const char *name; /* of the endpoint and of the signature */
    size_t override;  /* member of struct aws_config */
} services[] = {
    [AWS_KINESIS] = {"kinesis", offsetof(struct aws_config, endpoint_url_kinesis)},
    [AWS_FIREHOSE] = {"firehose", offsetof(struct aws_config, endpoint_url_firehose)},
};

/* The last signing key; good for all requests of one set of credentials on one day. */
struct signing_key {
    uint64_t generation;
    char day[8];
    unsigned char key[HASH_SHA256_SIZE];
};

struct aws_client {
    struct http_client *http;
    struct creds_chain *creds;
    const char *service;
    const char *region;
    struct buf url;   /* with one '/' at its end */
    struct url parts; /* of url */
    bool correct_clock;
    int64_t clock_offset_ms; /* server's clock minus ours; 0 within the tolerance */
    struct signing_key signing_key;
    struct call *calls; /* under way */
};

/* One request under way. */
struct call {
    struct call *next;
    struct call **link; /* what points to it */
    struct aws_client *client;
    int64_t clock_offset_ms; /* that it was signed with */
    char target[128];
    aws_done_fn *done;
    void *ctx;
};

const char *aws_region(const struct aws_config *config)
{
    return config->region ? config->region : config->default_region;
}

static const char *endpoint_override(const struct aws_config *config, enum aws_service service)
{
    const char *url;

    memcpy(&url, (const char *)config + services[service].override, sizeof(url));
    return url ? url : config->endpoint_url;
}

int aws_endpoint(const struct aws_config *config, enum aws_service service, struct buf *out)
{
    struct str url = str_of(endpoint_override(config, service));

    if (!url.ptr) {
        return aws_endpoint_default(services[service].name, aws_region(config), config->use_fips,
                                    config->use_dualstack, out);
    }
    while (url.len > 0 && url.ptr[url.len - 1] == '/') {
        url.len--;
    }
    buf_add(out, url.ptr, url.len);
    return buf_error(out);
}

static int check_region(const struct aws_config *config, struct error *err)
{
    const char *region = aws_region(config);

    if (!region) {
        return error_set(err, ERROR_CONFIG, false, "AWS_REGION: required, such as eu-west-1");
    }
    if (!aws_region_is_valid(region)) {
        return error_set(err, ERROR_CONFIG, false, "AWS_REGION=%s: lower-case letters, digits and '-'",
                         region);
    }
    return 0;
}

static int set_url(struct aws_client *client, const struct aws_config *config, enum aws_service service,
                   struct error *err)
{
    int r;

    buf_init(&client->url, URL_CAP);
    r = aws_endpoint(config, service, &client->url);
    buf_add_char(&client->url, '/');
    if (r < 0 || buf_error(&client->url) < 0 || !url_split(buf_str(&client->url), &client->parts)) {
        return error_set(err, ERROR_CONFIG, false, "the endpoint of %s is no URL of at most %d bytes: %.200s",
                         client->service, URL_CAP, client->url.data ? client->url.data : "");
    }
    return 0;
}

struct aws_client *aws_client_new(const struct aws_config *config, enum aws_service service,
                                  struct http_client *http, struct creds_chain *creds, struct error *err)
{
    struct aws_client *client;

    if (check_region(config, err) < 0) {
        return NULL;
    }
    client = calloc(1, sizeof(*client));
    if (!client) {
        error_set(err, ERROR_MEMORY, true, "no memory for the client of %s", services[service].name);
        return NULL;
    }
    client->http = http;
    client->creds = creds;
    client->service = services[service].name;
    client->region = aws_region(config);
    client->correct_clock = !config->no_clock_correction;
    if (set_url(client, config, service, err) < 0) {
        aws_client_free(client);
        return NULL;
    }
    return client;
}

static void forget_calls(struct call *call)
{
    while (call) {
        struct call *next = call->next;
        free(call);
        call = next;
    }
}

void aws_client_free(struct aws_client *client)
{
    if (client) {
        forget_calls(client->calls);
        buf_done(&client->url);
        buf_wipe(&client->signing_key, sizeof(client->signing_key));
        free(client);
    }
}

/* --- the request ---------------------------------------------------------------------------------------- */

static struct sigv4_identity identity_of(const struct aws_client *client, const struct creds *creds)
{
    return (struct sigv4_identity){.access_key = str_of(creds->access_key),
                                   .secret_key = str_of(creds->secret_key),
                                   .session_token = str_of(creds->session_token),
                                   .region = str_of(client->region),
                                   .service = str_of(client->service)};
}

static int refresh_signing_key(struct aws_client *client, const struct creds *creds,
                               const struct sigv4_identity *identity, const char *date)
{
    struct signing_key *cached = &client->signing_key;
    int r;

    if (cached->generation == creds->generation && creds->generation != 0 &&
        memcmp(cached->day, date, sizeof(cached->day)) == 0) {
        return 0;
    }
    r = sigv4_signing_key(identity, date, cached->key);
    if (r == 0) {
        cached->generation = creds->generation;
        memcpy(cached->day, date, sizeof(cached->day));
    }
    return r;
}

static int sign(struct aws_client *client, const struct creds *creds, const char *date,
                const struct http_header *headers, size_t count, struct str body, struct buf *out)
{
    struct sigv4_header signed_headers[HEADERS];
    char body_hash[HASH_SHA256_HEX_SIZE];
    struct sigv4_identity identity = identity_of(client, creds);
    struct sigv4_request request = {.method = STR("POST"),
                                    .path = client->parts.path,
                                    .headers = signed_headers,
                                    .header_count = count,
                                    .payload_hash = {body_hash, sizeof(body_hash) - 1}};
    int r = refresh_signing_key(client, creds, &identity, date);

    if (r < 0) {
        return r;
    }
    for (size_t i = 0; i < count; i++) {
        signed_headers[i] = (struct sigv4_header){str_of(headers[i].name), str_of(headers[i].value)};
    }
    hash_sha256_hex(body.ptr, body.len, body_hash);
    return sigv4_authorization_with_key(&request, &identity, client->signing_key.key, date, out);
}

/* --- the answer ------------------------------------------------------------------------------------------
 */

/* Learns the server's clock. Returns its distance from ours, or 0 if the answer does not tell. */
static int64_t observe_clock(struct aws_client *client, const struct http_response *http)
{
    struct str date = http_response_header(http, "Date");
    char text[64];
    int64_t server_ms;
    int64_t offset;

    if (date.len == 0 || date.len >= sizeof(text) || http_response_header(http, "Age").len > 0 ||
        http->latency_us > ROUND_TRIP_MAX_US) {
        return 0;
    }
    memcpy(text, date.ptr, date.len);
    text[date.len] = '\0';
    server_ms = clock_parse_http_date(text);
    if (server_ms < 0) {
        return 0;
    }
    offset = server_ms - clock_wall_ms();
    if (offset > -CLOCK_TOLERANCE_MS && offset < CLOCK_TOLERANCE_MS) {
        offset = 0;
    }
    client->clock_offset_ms = client->correct_clock ? offset : 0;
    return offset;
}

/*
 * Was this refusal for the clock, and is the next signature going to have another time? A correction that
 * was in force already does not count: then it is the key that is wrong.
 */
static bool clock_was_wrong(const struct call *call, const char *code)
{
    int64_t change = call->client->clock_offset_ms - call->clock_offset_ms;

    return aws_is_skew(code) && (change >= CLOCK_TOLERANCE_MS || change <= -CLOCK_TOLERANCE_MS);
}

/* The refusal's code, and what there is to say about it. */
static void read_error(const struct http_response *http, struct aws_response *response, char *message,
                       size_t size)
{
    char text[300];

    aws_error_read(http_response_header(http, "x-amzn-ErrorType"), buf_str(http->body), response->code,
                   sizeof(response->code), text, sizeof(text));
    if (text[0]) {
        snprintf(message, size, "%s%s%s", response->code, response->code[0] ? ": " : "", text);
    } else {
        struct str type = http_response_header(http, "Content-Type");
        snprintf(message, size, "%s (%zu bytes of %.*s)", response->code, http->body->len, STR_ARG(type));
    }
}

static void describe(const struct call *call, const struct http_response *http, const char *message,
                     struct aws_response *response)
{
    struct str id = http_response_header(http, "x-amzn-RequestId");
    enum error_code code = http->status == 401 || http->status == 403 || aws_is_expired(response->code) ||
                                   aws_is_skew(response->code) || aws_is_key(response->code)
                               ? ERROR_AUTH
                               : ERROR_REMOTE;

    error_set(&response->error, code, response->outcome != AWS_REFUSED, "%s: HTTP %d %.300s%s%.*s%s",
              call->target, http->status, message, id.len > 0 ? " (request " : "",
              id.len < 64 ? (int)id.len : 64, id.len > 0 ? id.ptr : "", id.len > 0 ? ")" : "");
}

static void sort_refusal(const struct call *call, const struct http_response *http,
                         struct aws_response *response)
{
    char message[400] = "";

    read_error(http, response, message, sizeof(message));
    response->outcome = aws_classify(http->status, response->code);
    if (clock_was_wrong(call, response->code)) {
        response->outcome = AWS_RETRY;
    }
    if (aws_is_expired(response->code) || aws_is_key(response->code)) {
        creds_chain_expire(call->client->creds);
    }
    describe(call, http, message, response);
}

static void call_enlist(struct aws_client *client, struct call *call)
{
    call->next = client->calls;
    call->link = &client->calls;
    if (call->next) {
        call->next->link = &call->next;
    }
    client->calls = call;
}

static void call_free(struct call *call)
{
    *call->link = call->next;
    if (call->next) {
        call->next->link = call->link;
    }
    free(call);
}

static void call_done(void *ctx, const struct http_response *http)
{
    struct call *call = ctx;
    struct aws_response response = {
        .status = http->status, .body = http->body, .latency_us = http->latency_us};

    if (http->error.code != ERROR_NONE) {
        response.outcome = http->sent ? AWS_UNKNOWN : AWS_RETRY;
        response.error = http->error;
        error_prefix(&response.error, "%s", call->target);
    } else {
        observe_clock(call->client, http);
        if (http->status >= 200 && http->status <= 299) {
            response.outcome = AWS_OK;
        } else {
            sort_refusal(call, http, &response);
        }
    }
    call->done(call->ctx, &response);
    call_free(call);
}

/* --- calls -----------------------------------------------------------------------------------------------
 */

static int start(struct aws_client *client, const struct creds *creds, const char *target, struct str body,
                 int64_t timeout_ms, struct call *call, struct error *err)
{
    char date[SIGV4_DATE_SIZE];
    char host[URL_CAP];
    struct http_header headers[HEADERS] = {{"Content-Type", "application/x-amz-json-1.1"},
                                           {"Host", host},
                                           {"X-Amz-Date", date},
                                           {"X-Amz-Target", target},
                                           {"X-Amz-Security-Token", creds->session_token}};
    size_t count = creds->session_token ? 5 : 4;
    struct http_request request = {.method = "POST",
                                   .url = client->url.data,
                                   .headers = headers,
                                   .body = body.ptr,
                                   .body_len = body.len,
                                   .timeout_ms = timeout_ms,
                                   .response_cap = RESPONSE_CAP};
    struct buf authorization;
    int r;

    snprintf(host, sizeof(host), "%.*s", STR_ARG(client->parts.authority));
    sigv4_date(clock_wall_ms() + client->clock_offset_ms, date);
    buf_init(&authorization, AUTHORIZATION_CAP);
    r = sign(client, creds, date, headers, count, body, &authorization);
    if (r < 0) {
        error_set(err, (enum error_code) - r, r == -ERROR_MEMORY, "%s could not be signed", target);
        goto out;
    }
    headers[count++] = (struct http_header){"Authorization", authorization.data};
    request.header_count = count;
    if (!http_start(client->http, &request, call_done, call, err)) {
        r = -ERROR_NETWORK;
    }
out:
    buf_done(&authorization);
    return r;
}

int aws_call(struct aws_client *client, const char *target, struct str body, int64_t timeout_ms,
             aws_done_fn *done, void *ctx, struct error *err)
{
    const struct creds *creds = creds_chain_get(client->creds, clock_wall_ms(), err);
    struct call *call;
    int r;

    if (!creds) {
        return -ERROR_AUTH;
    }
    call = malloc(sizeof(*call));
    if (!call) {
        return error_set(err, ERROR_MEMORY, true, "no memory for a call of %s", target);
    }
    *call =
        (struct call){.client = client, .clock_offset_ms = client->clock_offset_ms, .done = done, .ctx = ctx};
    snprintf(call->target, sizeof(call->target), "%s", target);
    call_enlist(client, call);
    r = start(client, creds, target, body, timeout_ms, call, err);
    if (r < 0) {
        call_free(call);
    }
    return r;
}

/* --- calls that wait -------------------------------------------------------------------------------------
 */

enum { WAIT_STEP_MS = 100 };

static const struct retry_policy wait_policy = {.base_ms = 100, .cap_ms = 5000};

struct waited {
    bool done;
    enum aws_outcome outcome;
    struct buf *body;
    int failure;
    struct error error;
};

static void wait_done(void *ctx, const struct aws_response *response)
{
    struct waited *waited = ctx;

    waited->done = true;
    waited->outcome = response->outcome;
    waited->error = response->error;
    if (response->outcome == AWS_OK) {
        buf_add(waited->body, response->body->data, response->body->len);
        waited->failure = buf_error(waited->body);
    }
}

static void poll_until(struct aws_client *client, int64_t until_ms)
{
    int64_t left;

    while ((left = until_ms - clock_monotonic_ms()) > 0 && !stop_requested()) {
        http_poll(client->http, NULL, 0, left < WAIT_STEP_MS ? left : WAIT_STEP_MS);
    }
}

/* One attempt. True if it may be tried again. */
static bool wait_once(struct aws_client *client, const char *target, struct str body, int64_t deadline_ms,
                      struct waited *waited)
{
    int64_t left = deadline_ms - clock_monotonic_ms();

    waited->done = false;
    if (aws_call(client, target, body, left > 0 ? left : 1, wait_done, waited, &waited->error) < 0) {
        return waited->error.retriable;
    }
    /* The transfer has the same time-out and calls back by itself. */
    while (!waited->done) {
        http_poll(client->http, NULL, 0, WAIT_STEP_MS);
    }
    return waited->outcome == AWS_RETRY || waited->outcome == AWS_THROTTLED;
}

int aws_call_wait(struct aws_client *client, const char *target, struct str body, int64_t timeout_ms,
                  struct buf *ret_body, struct error *err)
{
    int64_t deadline_ms = clock_monotonic_ms() + timeout_ms;
    struct waited waited = {.body = ret_body};

    for (unsigned attempt = 0; clock_monotonic_ms() < deadline_ms && !stop_requested(); attempt++) {
        int64_t pause_ms;

        if (!wait_once(client, target, body, deadline_ms, &waited)) {
            break;
        }
        pause_ms = clock_monotonic_ms() + retry_delay_ms(&wait_policy, attempt, random_u64());
        poll_until(client, pause_ms < deadline_ms ? pause_ms : deadline_ms);
    }
    if (waited.done && waited.outcome == AWS_OK) {
        return waited.failure == 0 ? 0
                                   : error_set(err, (enum error_code) - waited.failure, false,
                                               "%s: the answer is too long", target);
    }
    if (stop_requested()) {
        return error_set(err, ERROR_STOPPED, false, "%s: stopped", target);
    }
    if (waited.error.code == ERROR_NONE) {
        return error_set(err, ERROR_TIMEOUT, true, "%s: no answer in %lld ms", target, (long long)timeout_ms);
    }
    if (err) {
        *err = waited.error;
    }
    return -(int)waited.error.code;
}
