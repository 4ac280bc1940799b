/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/s3.h"

#include <stdio.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/random.h"

static const char xml_type[] = "application/xml";

void s3_add_xml(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        switch (c) {
        case '&':
            buf_add_str(out, "&amp;");
            break;
        case '<':
            buf_add_str(out, "&lt;");
            break;
        case '>':
            buf_add_str(out, "&gt;");
            break;
        case '"':
            buf_add_str(out, "&quot;");
            break;
        default:
            if (c < 0x20) {
                buf_addf(out, "&#x%X;", c);
            } else {
                buf_add_char(out, (char)c);
            }
        }
    }
}

void s3_refuse(struct httpd_request *http, int status, const char *code, const char *message, int64_t now_ms)
{
    char id[RANDOM_UUID_SIZE];
    struct buf body;

    random_uuid(id);
    buf_init(&body, 16384);
    buf_addf(&body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>", code);
    s3_add_xml(&body, str_of(message));
    buf_add_str(&body, "</Message>");
    if (strcmp(code, "RequestTimeTooSkewed") == 0) {
        char now[CLOCK_ISO_SIZE];
        clock_format_iso(now_ms, now, sizeof(now));
        buf_addf(&body,
                 "<ServerTime>%s</ServerTime>"
                 "<MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds>",
                 now);
    }
    buf_add_str(&body, "<Resource>");
    s3_add_xml(&body, httpd_path(http));
    buf_addf(&body, "</Resource><RequestId>%s</RequestId></Error>", id);
    httpd_reply_header(http, "x-amz-request-id", id);
    httpd_reply(http, status, xml_type, body.data, body.len);
    buf_done(&body);
}

void s3_refuse_result(const struct s3_request *request, enum s3_result result)
{
    static const struct {
        int status;
        const char *code;
        const char *message;
    } answers[] = {
        [S3_OK] = {500, "InternalError", "We encountered an internal error. Please try again."},
        [S3_NO_BUCKET] = {404, "NoSuchBucket", "The specified bucket does not exist"},
        [S3_NO_KEY] = {404, "NoSuchKey", "The specified key does not exist."},
        [S3_BAD_KEY] = {400, "InvalidArgument",
                        "local-aws stores objects as files and cannot use this key as a path: no empty part, "
                        "\".\" or \"..\" between slashes, and no part over 255 bytes"},
        [S3_KEY_IN_USE] = {409, "InvalidRequest",
                           "local-aws stores objects as files: this key is a folder of other objects, or a "
                           "folder of this key is an object"},
        [S3_NOT_EMPTY] = {409, "BucketNotEmpty", "The bucket you tried to delete is not empty"},
        [S3_FAILED] = {500, "InternalError", "We encountered an internal error. Please try again."}};

    s3_refuse(request->http, answers[result].status, answers[result].code, answers[result].message,
              request->now_ms);
}

static void not_implemented(const struct s3_request *request)
{
    s3_refuse(request->http, 501, "NotImplemented",
              "A header or parameter you provided implies functionality that local-aws does not have.",
              request->now_ms);
}

static bool has_parameter(const struct s3_request *request, const char *name)
{
    char value[2];
    struct str query = httpd_query(request->http);
    size_t len = strlen(name);

    return httpd_query_value(request->http, name, value, sizeof(value)) ||
           (str_starts_with(query, (struct str){name, len}) &&
            (query.len == len || query.ptr[len] == '=' || query.ptr[len] == '&'));
}

/* --- buckets ---------------------------------------------------------------------------------------------
 */

static void create_bucket(const struct s3_request *request)
{
    struct s3_store *store = request->local->s3;
    char location[S3_BUCKET_CAP + 2];
    enum s3_result result;

    if (s3_store_has_bucket(store, request->path.bucket) &&
        strcmp(request->local->config->region, "us-east-1") != 0) {
        s3_refuse(request->http, 409, "BucketAlreadyOwnedByYou",
                  "Your previous request to create the named bucket succeeded and you already own it.",
                  request->now_ms);
        return;
    }
    result = s3_store_create_bucket(store, request->path.bucket, request->now_ms);
    if (result != S3_OK) {
        s3_refuse_result(request, result);
        return;
    }
    snprintf(location, sizeof(location), "/%s", request->path.bucket);
    httpd_reply_header(request->http, "Location", location);
    httpd_reply(request->http, 200, NULL, NULL, 0);
}

static void delete_bucket(const struct s3_request *request)
{
    enum s3_result result = s3_store_delete_bucket(request->local->s3, request->path.bucket);

    if (result == S3_OK) {
        httpd_reply(request->http, 204, NULL, NULL, 0);
    } else {
        s3_refuse_result(request, result);
    }
}

static void head_bucket(const struct s3_request *request)
{
    bool found = s3_store_has_bucket(request->local->s3, request->path.bucket);

    if (found) {
        httpd_reply_header(request->http, "x-amz-bucket-region", request->local->config->region);
    }
    httpd_reply(request->http, found ? 200 : 404, xml_type, NULL, 0);
}

static void get_location(const struct s3_request *request)
{
    const char *region = request->local->config->region;
    char body[256];
    int len;

    if (!s3_store_has_bucket(request->local->s3, request->path.bucket)) {
        s3_refuse_result(request, S3_NO_BUCKET);
        return;
    }
    len = snprintf(body, sizeof(body),
                   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<LocationConstraint "
                   "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">%s</LocationConstraint>",
                   strcmp(region, "us-east-1") == 0 ? "" : region);
    httpd_reply(request->http, 200, xml_type, body, (size_t)len);
}

static void handle_bucket(const struct s3_request *request, struct str method)
{
    if (str_eq(method, STR("GET")) && has_parameter(request, "location")) {
        get_location(request);
    } else if (str_eq(method, STR("GET"))) {
        static const char *const others[] = {"uploads",    "versions",    "versioning", "acl",
                                             "policy",     "lifecycle",   "cors",       "tagging",
                                             "encryption", "notification"};
        for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
            if (has_parameter(request, others[i])) {
                not_implemented(request);
                return;
            }
        }
        s3_list_objects(request);
    } else if (str_eq(method, STR("HEAD"))) {
        head_bucket(request);
    } else if (str_eq(method, STR("PUT")) && httpd_query(request->http).len == 0) {
        create_bucket(request);
    } else if (str_eq(method, STR("DELETE")) && httpd_query(request->http).len == 0) {
        delete_bucket(request);
    } else if (str_eq(method, STR("POST")) && has_parameter(request, "delete")) {
        s3_delete_objects(request);
    } else {
        not_implemented(request);
    }
}

/* --- objects ---------------------------------------------------------------------------------------------
 */

static void delete_object(const struct s3_request *request)
{
    enum s3_result result = s3_store_delete(request->local->s3, request->path.bucket, request->path.key);

    if (result == S3_OK) {
        httpd_reply(request->http, 204, NULL, NULL, 0);
    } else {
        s3_refuse_result(request, result);
    }
}

static void handle_object(const struct s3_request *request, struct str method)
{
    bool other = has_parameter(request, "uploadId") || has_parameter(request, "uploads") ||
                 has_parameter(request, "tagging") || has_parameter(request, "acl");

    if (other) {
        not_implemented(request);
        return;
    }
    if (str_eq(method, STR("PUT"))) {
        s3_put_object(request);
    } else if (str_eq(method, STR("GET")) || str_eq(method, STR("HEAD"))) {
        s3_get_object(request, str_eq(method, STR("GET")));
    } else if (str_eq(method, STR("DELETE"))) {
        delete_object(request);
    } else {
        not_implemented(request);
    }
}

void s3_handle(struct local *local, struct httpd_request *http, const struct gateway_input *input,
               int64_t now_ms)
{
    struct s3_request request = {.local = local, .http = http, .input = input, .now_ms = now_ms};
    struct str method = httpd_method(http);

    switch (s3_path_parse(httpd_path(http), &request.path)) {
    case S3_PATH_BAD_BUCKET:
        s3_refuse(http, 400, "InvalidBucketName", "The specified bucket is not valid.", now_ms);
        return;
    case S3_PATH_LONG_KEY:
        s3_refuse(http, 400, "KeyTooLongError", "Your key is too long", now_ms);
        return;
    case S3_PATH_BAD_ESCAPE:
        s3_refuse(http, 400, "InvalidURI", "Couldn't parse the specified URI.", now_ms);
        return;
    case S3_PATH_OK:
        break;
    }
    metrics_add_label(local->metrics, METRIC_REQUESTS, request.path.key[0] ? "S3Object" : "S3Bucket", 1);
    if (request.path.key[0]) {
        handle_object(&request, method);
    } else if (request.path.bucket[0]) {
        handle_bucket(&request, method);
    } else if (str_eq(method, STR("GET"))) {
        s3_list_buckets(&request);
    } else {
        not_implemented(&request);
    }
}
