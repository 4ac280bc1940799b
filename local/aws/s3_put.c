/* SPDX-License-Identifier: Apache-2.0 */
/* PutObject and CopyObject. */
#include "local/aws/s3.h"

#include <stdio.h>
#include <string.h>

#include "lib/clock.h"

#include "local/aws/s3_body.h"
#include "local/aws/s3_conditions.h"
#include "local/aws/s3_copy.h"
#include "local/aws/s3_headers.h"

/* If-Match and If-None-Match of a write. False: the request was answered. */
bool s3_may_write(const struct s3_request *request)
{
    struct str match = httpd_header(request->http, "if-match");
    struct str none_match = httpd_header(request->http, "if-none-match");
    struct s3_object there;
    enum s3_result result;

    if (!match.ptr && !none_match.ptr) {
        return true;
    }
    if (none_match.ptr && !str_eq(none_match, STR("*"))) {
        s3_refuse(request, 501, "NotImplemented",
                  "A header you provided implies functionality that is not implemented");
        return false;
    }
    result = s3_store_head(request->local->s3, request->path.bucket, request->path.key, &there);
    if (result == S3_OK ? none_match.ptr || !s3_conditions_lists(match, there.etag)
                        : match.ptr || result != S3_NO_KEY) {
        s3_refuse_result(request, result == S3_OK ? S3_CONDITION : result);
        return false;
    }
    return true;
}

void s3_put_object(const struct s3_request *request)
{
    struct s3_object object = {0};
    struct s3_body body;
    enum s3_result result;

    if (!s3_may_write(request) || !s3_headers_collect(request, &object) || !s3_body_read(request, &body)) {
        return;
    }
    result = s3_headers_add_checksum(&object, body.kind, body.checksum, false) ? S3_OK : S3_FAILED;
    if (result == S3_OK) {
        result = s3_store_put(request->local->s3, request->path.bucket, request->path.key, body.bytes,
                              &object, request->now_ms);
    }
    s3_body_done(&body);
    if (result != S3_OK) {
        s3_refuse_result(request, result);
        return;
    }
    metrics_add(request->local->metrics, METRIC_S3_OBJECTS, 1);
    s3_headers_reply_stored(request, &object);
    httpd_reply(request->http, 200, NULL, NULL, 0);
}

/* --- CopyObject ------------------------------------------------------------------------------------------
 */

/* Type and metadata of the copy: those of the source, or of the request. */
static bool copy_headers(const struct s3_request *request, const struct s3_copy *copy,
                         struct s3_object *object)
{
    struct str directive = httpd_header(request->http, "x-amz-metadata-directive");

    if (str_eq(directive, STR("REPLACE"))) {
        return s3_headers_collect(request, object);
    }
    if (directive.ptr && !str_eq(directive, STR("COPY"))) {
        s3_refuse(request, 400, "InvalidArgument", "Unknown metadata directive.");
        return false;
    }
    if (strcmp(copy->path.bucket, request->path.bucket) == 0 &&
        strcmp(copy->path.key, request->path.key) == 0) {
        s3_refuse(request, 400, "InvalidRequest",
                  "This copy request is illegal because it is trying to copy an object to itself without "
                  "changing the object's metadata, storage class, website redirect location or encryption "
                  "attributes.");
        return false;
    }
    *object = copy->object;
    return true;
}

void s3_copy_object(const struct s3_request *request)
{
    struct s3_object object = {0};
    struct s3_copy copy;
    char time[CLOCK_ISO_SIZE];
    enum s3_result result;
    struct buf body;

    if (!s3_copy_find(request, &copy) || !copy_headers(request, &copy, &object) || !s3_may_write(request)) {
        return;
    }
    buf_init(&body, S3_OBJECT_CAP);
    result = s3_store_read(request->local->s3, copy.path.bucket, copy.path.key, 0, copy.object.size, &body);
    if (result == S3_OK) {
        result = s3_store_put(request->local->s3, request->path.bucket, request->path.key, buf_str(&body),
                              &object, request->now_ms);
    }
    buf_done(&body);
    if (result != S3_OK) {
        s3_refuse_result(request, result);
        return;
    }
    metrics_add(request->local->metrics, METRIC_S3_OBJECTS, 1);
    clock_format_iso(object.modified_ms, time, sizeof(time));
    buf_init(&body, S3_XML_CAP);
    s3_begin_xml(&body, "CopyObjectResult");
    s3_headers_add_elements(&body, &object);
    buf_addf(&body, "<LastModified>%s</LastModified></CopyObjectResult>", time);
    s3_reply_xml(request, &body);
}
