/* SPDX-License-Identifier: Apache-2.0 */
/* GetObject and HeadObject, and GetObjectTagging, which has nothing to tell. */
#include "local/aws/s3.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "local/aws/s3_conditions.h"
#include "local/aws/s3_headers.h"

struct range {
    int64_t first;
    int64_t len;
    bool partial;
};

/*
 * "bytes=0-4", "bytes=5-" or "bytes=-3" (RFC 9110 section 14.1.2). Anything else means the whole object.
 * False if no byte is in the range.
 */
static bool read_range(struct str header, int64_t size, struct range *ret)
{
    long long first = 0;
    long long last = size - 1;
    const char *dash;

    *ret = (struct range){0, size, false};
    if (!header.ptr || !str_starts_with(header, STR("bytes="))) {
        return true;
    }
    header.ptr += 6;
    header.len -= 6;
    dash = memchr(header.ptr, '-', header.len);
    if (!dash || memchr(header.ptr, ',', header.len)) {
        return true;
    }
    struct str from = {header.ptr, (size_t)(dash - header.ptr)};
    struct str to = {dash + 1, header.len - from.len - 1};
    if ((from.len > 0 && !str_to_int64(from, 0, INT64_MAX, &first)) ||
        (to.len > 0 && !str_to_int64(to, 0, INT64_MAX, &last)) || from.len + to.len == 0) {
        return true;
    }
    if (from.len == 0) { /* the last bytes */
        first = last < size ? size - last : 0;
        last = last > 0 ? size - 1 : -1;
    }
    last = last < size ? last : size - 1;
    if (first > last) {
        return false;
    }
    *ret = (struct range){first, last - first + 1, true};
    return true;
}

/* Headers of the answer that a query orders, as presigned URLs do: response-content-type and so on. */
static void override_headers(const struct s3_request *request, struct s3_object *object)
{
    static const char *const names[] = {"response-cache-control", "response-content-disposition",
                                        "response-content-encoding", "response-content-language",
                                        "response-expires"};
    char value[512];

    if (httpd_query_value(request->http, "response-content-type", value, sizeof(value))) {
        snprintf(object->content_type, sizeof(object->content_type), "%.*s", S3_TYPE_CAP, value);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (httpd_query_value(request->http, names[i], value, sizeof(value))) {
            httpd_reply_header(request->http, names[i] + sizeof("response-") - 1, value);
        }
    }
}

/* False: the request was answered, with 304 or an error. */
static bool find_object(const struct s3_request *request, struct s3_object *object)
{
    struct s3_conditions conditions = s3_headers_conditions(request, false);
    enum s3_result result =
        s3_store_head(request->local->s3, request->path.bucket, request->path.key, object);

    if (result != S3_OK) {
        s3_refuse_result(request, result);
        return false;
    }
    switch (s3_conditions_judge(&conditions, object->etag, object->modified_ms)) {
    case S3_CONDITION_FAILED:
        s3_refuse_result(request, S3_CONDITION);
        return false;
    case S3_CONDITION_NOT_MODIFIED:
        s3_headers_reply(request, object, false);
        httpd_reply(request->http, 304, NULL, NULL, 0);
        return false;
    case S3_CONDITION_HOLDS:
        break;
    }
    return true;
}

static void reply_object(const struct s3_request *request, struct s3_object *object,
                         const struct range *range, const struct buf *body)
{
    bool checksum = str_eq_nocase(httpd_header(request->http, "x-amz-checksum-mode"), STR("ENABLED"));

    s3_headers_reply(request, object, checksum && !range->partial);
    override_headers(request, object);
    if (range->partial) {
        char text[96];
        snprintf(text, sizeof(text), "bytes %" PRId64 "-%" PRId64 "/%" PRId64, range->first,
                 range->first + range->len - 1, object->size);
        httpd_reply_header(request->http, "Content-Range", text);
    }
    httpd_reply(request->http, range->partial ? 206 : 200, object->content_type, body->data, body->len);
}

void s3_get_object(const struct s3_request *request)
{
    struct s3_object object;
    struct range range;
    struct buf body;
    enum s3_result result;

    if (!find_object(request, &object)) {
        return;
    }
    if (!read_range(httpd_header(request->http, "range"), object.size, &range)) {
        s3_refuse(request, 416, "InvalidRange", "The requested range is not satisfiable");
        return;
    }
    buf_init(&body, S3_OBJECT_CAP);
    result = s3_store_read(request->local->s3, request->path.bucket, request->path.key, range.first,
                           range.len, &body);
    if (result != S3_OK) {
        s3_refuse_result(request, result);
    } else {
        /* the HTTP server leaves the body of a HEAD out and keeps its Content-Length */
        reply_object(request, &object, &range, &body);
    }
    buf_done(&body);
}

void s3_get_tagging(const struct s3_request *request)
{
    struct s3_object object;
    struct buf body;

    if (!find_object(request, &object)) {
        return;
    }
    buf_init(&body, S3_XML_CAP);
    s3_begin_xml(&body, "Tagging");
    buf_add_str(&body, "<TagSet></TagSet></Tagging>");
    s3_reply_xml(request, &body);
}
