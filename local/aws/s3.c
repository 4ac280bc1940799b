/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/s3.h"

#include <stdio.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/url.h"

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

void s3_begin(struct s3_request *request, struct local *local, struct httpd_request *http,
              const struct gateway_input *input, int64_t now_ms)
{
    *request = (struct s3_request){.local = local, .http = http, .input = input, .now_ms = now_ms};
    random_uuid(request->id);
    httpd_reply_header(http, "x-amz-request-id", request->id);
}

void s3_refuse(const struct s3_request *request, int status, const char *code, const char *message)
{
    struct buf body;

    buf_init(&body, 16384);
    buf_addf(&body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>", code);
    s3_add_xml(&body, str_of(message));
    buf_add_str(&body, "</Message>");
    if (strcmp(code, "RequestTimeTooSkewed") == 0) {
        char now[CLOCK_ISO_SIZE];
        clock_format_iso(request->now_ms, now, sizeof(now));
        buf_addf(&body,
                 "<ServerTime>%s</ServerTime>"
                 "<MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds>",
                 now);
    }
    buf_add_str(&body, "<Resource>");
    s3_add_xml(&body, httpd_path(request->http));
    buf_addf(&body, "</Resource><RequestId>%s</RequestId></Error>", request->id);
    httpd_reply(request->http, status, xml_type, body.data, body.len);
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
        [S3_NO_UPLOAD] =
            {404, "NoSuchUpload",
             "The specified upload does not exist. The upload ID may be invalid, or the upload may "
             "have been aborted or completed."},
        [S3_BAD_PART] = {400, "InvalidPart",
                         "One or more of the specified parts could not be found.  The part may not have been "
                         "uploaded, or the specified entity tag may not match the part's entity tag."},
        [S3_PART_ORDER] = {400, "InvalidPartOrder",
                           "The list of parts was not in ascending order. Parts must be ordered by part "
                           "number."},
        [S3_PART_SMALL] = {400, "EntityTooSmall",
                           "Your proposed upload is smaller than the minimum allowed size"},
        [S3_TOO_LARGE] = {400, "EntityTooLarge", "local-aws has objects of up to 128 MiB"},
        [S3_CONDITION] = {412, "PreconditionFailed",
                          "At least one of the pre-conditions you specified did not hold"},
        [S3_BAD_XML] = {400, "MalformedXML",
                        "The XML you provided was not well-formed or did not validate against our published "
                        "schema"},
        [S3_FAILED] = {500, "InternalError", "We encountered an internal error. Please try again."}};

    s3_refuse(request, answers[result].status, answers[result].code, answers[result].message);
}

static void not_implemented(const struct s3_request *request)
{
    s3_refuse(request, 501, "NotImplemented",
              "A header or parameter you provided implies functionality that local-aws does not have.");
}

static bool has_parameter(const struct s3_request *request, const char *name)
{
    struct str value;

    return url_query_find(httpd_query(request->http), str_of(name), &value);
}

bool s3_query_number(const struct s3_request *request, const char *name, int min, int max, int fallback,
                     int *ret)
{
    char text[24];
    long long number = fallback;

    if (has_parameter(request, name) && !(httpd_query_value(request->http, name, text, sizeof(text)) &&
                                          str_to_int64(str_of(text), min, max, &number))) {
        return false;
    }
    *ret = (int)number;
    return true;
}

void s3_begin_xml(struct buf *out, const char *root)
{
    buf_addf(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%s xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">",
        root);
}

void s3_reply_xml(const struct s3_request *request, struct buf *body)
{
    if (buf_error(body)) {
        s3_refuse_result(request, S3_FAILED);
    } else {
        httpd_reply(request->http, 200, xml_type, body->data, body->len);
    }
    buf_done(body);
}

/* Whether the query names one of these, which local-aws does not have. */
static bool names_other(const struct s3_request *request, const char *const *others, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (has_parameter(request, others[i])) {
            return true;
        }
    }
    return false;
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
        s3_refuse(request, 409, "BucketAlreadyOwnedByYou",
                  "Your previous request to create the named bucket succeeded and you already own it.");
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
    struct buf body;

    if (!s3_store_has_bucket(request->local->s3, request->path.bucket)) {
        s3_refuse_result(request, S3_NO_BUCKET);
        return;
    }
    buf_init(&body, S3_XML_CAP);
    s3_begin_xml(&body, "LocationConstraint");
    buf_addf(&body, "%s</LocationConstraint>", strcmp(region, "us-east-1") == 0 ? "" : region);
    s3_reply_xml(request, &body);
}

/* Parameters that make something else of a request than the operations here. */
static const char *const bucket_others[] = {"accelerate",
                                            "acl",
                                            "analytics",
                                            "cors",
                                            "encryption",
                                            "inventory",
                                            "lifecycle",
                                            "logging",
                                            "metrics",
                                            "ownershipControls",
                                            "notification",
                                            "object-lock",
                                            "policy",
                                            "policyStatus",
                                            "publicAccessBlock",
                                            "replication",
                                            "requestPayment",
                                            "tagging",
                                            "versioning",
                                            "versions",
                                            "website"};
static const char *const object_others[] = {"acl",          "attributes", "legal-hold",
                                            "renameObject", "restore",    "retention",
                                            "select",       "torrent",    "versionId"};

static void handle_bucket(const struct s3_request *request, struct str method)
{
    bool post = str_eq(method, STR("POST"));

    if (names_other(request, bucket_others, ARRAY_LENGTH(bucket_others))) {
        not_implemented(request);
        return;
    }
    if (str_eq(method, STR("GET")) && has_parameter(request, "location")) {
        get_location(request);
    } else if (str_eq(method, STR("GET")) && has_parameter(request, "uploads")) {
        s3_list_uploads(request);
    } else if (str_eq(method, STR("GET"))) {
        s3_list_objects(request);
    } else if (str_eq(method, STR("HEAD"))) {
        head_bucket(request);
    } else if (str_eq(method, STR("PUT"))) {
        create_bucket(request);
    } else if (str_eq(method, STR("DELETE"))) {
        delete_bucket(request);
    } else if (post && has_parameter(request, "delete")) {
        s3_delete_objects(request);
    } else {
        not_implemented(request);
    }
}

/* --- objects ---------------------------------------------------------------------------------------------
 */

static void handle_upload(const struct s3_request *request, struct str method)
{
    if (str_eq(method, STR("PUT"))) {
        s3_put_part(request);
    } else if (str_eq(method, STR("POST"))) {
        s3_complete_upload(request);
    } else if (str_eq(method, STR("GET"))) {
        s3_list_parts(request);
    } else if (str_eq(method, STR("DELETE"))) {
        s3_abort_upload(request);
    } else {
        not_implemented(request);
    }
}

static void handle_object(const struct s3_request *request, struct str method)
{
    bool get = str_eq(method, STR("GET"));
    bool tagging = has_parameter(request, "tagging");

    if ((tagging && !get) || names_other(request, object_others, ARRAY_LENGTH(object_others))) {
        not_implemented(request);
        return;
    }
    if (has_parameter(request, "uploadId")) {
        handle_upload(request, method);
    } else if (str_eq(method, STR("POST")) && has_parameter(request, "uploads")) {
        s3_create_upload(request);
    } else if (tagging) {
        s3_get_tagging(request);
    } else if (get || str_eq(method, STR("HEAD"))) {
        s3_get_object(request);
    } else if (str_eq(method, STR("PUT"))) {
        if (httpd_header(request->http, "x-amz-copy-source").ptr) {
            s3_copy_object(request);
        } else {
            s3_put_object(request);
        }
    } else if (str_eq(method, STR("DELETE"))) {
        s3_delete_object(request);
    } else {
        not_implemented(request);
    }
}

void s3_handle(struct s3_request *request)
{
    struct str method = httpd_method(request->http);

    switch (s3_path_parse(httpd_path(request->http), &request->path)) {
    case S3_PATH_BAD_BUCKET:
        s3_refuse(request, 400, "InvalidBucketName", "The specified bucket is not valid.");
        return;
    case S3_PATH_LONG_KEY:
        s3_refuse(request, 400, "KeyTooLongError", "Your key is too long");
        return;
    case S3_PATH_BAD_ESCAPE:
        s3_refuse(request, 400, "InvalidURI", "Couldn't parse the specified URI.");
        return;
    case S3_PATH_OK:
        break;
    }
    metrics_add_label(request->local->metrics, METRIC_REQUESTS,
                      request->path.key[0] ? "S3Object" : "S3Bucket", 1);
    if (request->path.key[0]) {
        handle_object(request, method);
    } else if (request->path.bucket[0]) {
        handle_bucket(request, method);
    } else if (str_eq(method, STR("GET"))) {
        s3_list_buckets(request);
    } else {
        not_implemented(request);
    }
}
