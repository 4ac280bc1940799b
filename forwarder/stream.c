/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/stream.h"

#include <string.h>

#include "lib/clock.h"
#include "lib/jscan.h"
#include "lib/log.h"
#include "lib/random.h"
#include "lib/retry.h"

enum { DESCRIBE_TIMEOUT_MS = 10000, REQUEST_CAP = 4096, RECORD_CAP_MAX_KIB = 10240 };

static const struct retry_policy describe_retry = {.base_ms = 200, .cap_ms = 10000};

void stream_request(const char *name, struct buf *out)
{
    buf_addf(out, "{\"%s\":", strncmp(name, "arn:", 4) == 0 ? "StreamARN" : "StreamName");
    buf_add_json_string(out, name, strlen(name));
    buf_add_char(out, '}');
}

void stream_init(struct stream *stream, struct aws_client *aws, const char *name)
{
    *stream = (struct stream){.aws = aws, .name = name, .record_cap = STREAM_RECORD_CAP_DEFAULT, .due_ms = 1};
    buf_init(&stream->body, REQUEST_CAP);
}

void stream_done(struct stream *stream)
{
    buf_done(&stream->body);
}

void stream_refresh(struct stream *stream)
{
    if (stream->due_ms == 0) {
        stream->due_ms = 1;
    }
}

static void read_summary(struct jscan *scan, int64_t *kib)
{
    struct str name;

    jscan_object(scan);
    while (jscan_member(scan, &name)) {
        if (str_eq(name, STR("MaxRecordSizeInKiB")) && jscan_peek(scan) == JSCAN_NUMBER) {
            jscan_int(scan, kib);
        } else {
            jscan_skip(scan);
        }
    }
}

int stream_read_cap(struct str body, size_t *ret_cap, struct error *err)
{
    struct jscan scan = jscan_start(body);
    struct str name;
    int64_t kib = STREAM_RECORD_CAP_DEFAULT / 1024;

    jscan_object(&scan);
    while (jscan_member(&scan, &name)) {
        if (str_eq(name, STR("StreamDescriptionSummary"))) {
            read_summary(&scan, &kib);
        } else {
            jscan_skip(&scan);
        }
    }
    if (!jscan_end(&scan) || kib < 1 || kib > RECORD_CAP_MAX_KIB) {
        return error_set(err, ERROR_SYNTAX, true,
                         "the DescribeStreamSummary answer is not what it should be");
    }
    *ret_cap = (size_t)kib * 1024;
    return 0;
}

static void try_later(struct stream *stream, const char *why)
{
    int64_t delay = retry_delay_ms(&describe_retry, stream->attempts++, random_u64()) + 1;

    stream->due_ms = clock_monotonic_ms() + delay;
    LOG_WARN("cannot describe the stream; trying again", LOG_STR("stream", stream->name),
             LOG_STR("error", why), LOG_INT("in_ms", delay));
}

static void on_described(void *ctx, const struct aws_response *response)
{
    struct stream *stream = ctx;
    struct error err;
    size_t cap = 0;

    stream->asking = false;
    if (response->outcome == AWS_REFUSED &&
        strncmp(response->code, "AccessDenied", strlen("AccessDenied")) == 0) {
        LOG_WARN("not allowed to describe the stream; taking records of up to 1 MiB, the default",
                 LOG_STR("stream", stream->name), LOG_STR("grant", "kinesis:DescribeStreamSummary"));
        stream->known = true;
        return;
    }
    if (response->outcome != AWS_OK) {
        try_later(stream, response->error.message);
        return;
    }
    if (stream_read_cap(buf_str(response->body), &cap, &err)) {
        try_later(stream, err.message);
        return;
    }
    if (!stream->known || cap != stream->record_cap) {
        LOG_INFO("stream found", LOG_STR("stream", stream->name), LOG_UINT("record_cap_bytes", cap));
    }
    stream->record_cap = cap;
    stream->known = true;
    stream->descriptions++;
    stream->attempts = 0;
}

int64_t stream_next_ms(const struct stream *stream)
{
    return stream->asking || stream->due_ms == 0 ? INT64_MAX : stream->due_ms;
}

void stream_run(struct stream *stream, int64_t now_ms)
{
    struct error err;

    if (stream_next_ms(stream) > now_ms) {
        return;
    }
    stream->due_ms = 0;
    buf_reset(&stream->body);
    stream_request(stream->name, &stream->body);
    if (aws_call(stream->aws, "Kinesis_20131202.DescribeStreamSummary", buf_str(&stream->body),
                 DESCRIBE_TIMEOUT_MS, on_described, stream, &err)) {
        try_later(stream, err.message);
        return;
    }
    stream->asking = true;
}
