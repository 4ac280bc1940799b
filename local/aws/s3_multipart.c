/* SPDX-License-Identifier: Apache-2.0 */
/* The operations of multipart uploads. */
#include "local/aws/s3.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/xml.h"

#include "local/aws/s3_body.h"
#include "local/aws/s3_copy.h"
#include "local/aws/s3_headers.h"
#include "local/aws/s3_uploads.h"

static bool refuse(const struct s3_request *request, const char *code, const char *message)
{
    s3_refuse(request, 400, code, message);
    return false;
}

/* The upload that the query names. False: the request was answered. */
static bool find_upload(const struct s3_request *request, struct s3_upload *ret)
{
    char id[RANDOM_UUID_SIZE];
    enum s3_result result = S3_NO_UPLOAD;

    if (httpd_query_value(request->http, "uploadId", id, sizeof(id))) {
        result = s3_uploads_find(request->local->s3, id, request->path.bucket, request->path.key, ret);
    }
    if (result != S3_OK) {
        s3_refuse_result(request, result);
    }
    return result == S3_OK;
}

static void add_names(const struct s3_request *request, struct buf *out)
{
    buf_addf(out, "<Bucket>%s</Bucket><Key>", request->path.bucket);
    s3_add_xml(out, str_of(request->path.key));
    buf_add_str(out, "</Key>");
}

/* --- CreateMultipartUpload -------------------------------------------------------------------------------
 */

/* x-amz-checksum-algorithm and x-amz-checksum-type: CRCs can be of the full object, and CRC64NVME must be. */
static bool read_checksum(const struct s3_request *request, struct s3_upload *upload)
{
    struct str name = httpd_header(request->http, "x-amz-checksum-algorithm");
    struct str type = httpd_header(request->http, "x-amz-checksum-type");
    bool full = str_eq(type, STR("FULL_OBJECT"));
    bool sha;

    upload->kind = s3_checksum_named(name);
    if (name.ptr && upload->kind == S3_CHECKSUM_NONE) {
        return refuse(
            request, "InvalidRequest",
            "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
            "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
    }
    sha = upload->kind == S3_SHA1 || upload->kind == S3_SHA256;
    if ((type.ptr && !full && !str_eq(type, STR("COMPOSITE"))) || (full && sha) ||
        (type.ptr && !full && upload->kind == S3_CRC64NVME) || (type.ptr && !name.ptr)) {
        return refuse(request, "InvalidRequest",
                      "The x-amz-checksum-type header does not go with the checksum algorithm.");
    }
    upload->full_object = full || upload->kind == S3_CRC64NVME;
    return true;
}

void s3_create_upload(const struct s3_request *request)
{
    struct s3_upload upload = {.created_ms = request->now_ms};
    enum s3_result result;
    struct buf body;

    snprintf(upload.bucket, sizeof(upload.bucket), "%s", request->path.bucket);
    snprintf(upload.key, sizeof(upload.key), "%s", request->path.key);
    if (!read_checksum(request, &upload) || !s3_headers_collect(request, &upload.object)) {
        return;
    }
    result = s3_uploads_create(request->local->s3, &upload);
    if (result != S3_OK) {
        s3_refuse_result(request, result);
        return;
    }
    if (upload.kind != S3_CHECKSUM_NONE) {
        httpd_reply_header(request->http, "x-amz-checksum-algorithm", s3_checksum_name(upload.kind));
        httpd_reply_header(request->http, "x-amz-checksum-type",
                           upload.full_object ? "FULL_OBJECT" : "COMPOSITE");
    }
    buf_init(&body, S3_XML_CAP);
    s3_begin_xml(&body, "InitiateMultipartUploadResult");
    add_names(request, &body);
    buf_addf(&body, "<UploadId>%s</UploadId></InitiateMultipartUploadResult>", upload.id);
    s3_reply_xml(request, &body);
}

/* --- UploadPart and UploadPartCopy -----------------------------------------------------------------------
 */

static bool read_part_number(const struct s3_request *request, int *ret)
{
    return s3_query_number(request, "partNumber", 1, S3_PARTS_CAP, 0, ret) && *ret > 0
               ? true
               : refuse(request, "InvalidArgument",
                        "Part number must be an integer between 1 and 10000, inclusive");
}

/* The checksum that is kept: the one that came, or else that of the upload's kind. */
static bool choose_checksum(const struct s3_request *request, const struct s3_upload *upload,
                            enum s3_checksum kind, const char *text, struct str bytes, struct s3_part *part)
{
    if (upload->kind == S3_CHECKSUM_NONE) {
        return true;
    }
    if (kind != S3_CHECKSUM_NONE && kind != upload->kind) {
        return refuse(
            request, "InvalidRequest",
            "Checksum Type mismatch occurred, the checksum of the part is of another algorithm than "
            "that of the upload");
    }
    if (kind == S3_CHECKSUM_NONE) {
        s3_checksum_text(upload->kind, bytes, part->checksum);
    } else {
        snprintf(part->checksum, sizeof(part->checksum), "%s", text);
    }
    return true;
}

static void put_body(const struct s3_request *request, const struct s3_upload *upload, struct s3_part *part)
{
    struct s3_body body;
    enum s3_result result = S3_FAILED;
    char etag[S3_ETAG_SIZE + 2];

    if (!s3_body_read(request, &body)) {
        return;
    }
    if (choose_checksum(request, upload, body.kind, body.checksum, body.bytes, part)) {
        result = s3_uploads_put_part(request->local->s3, upload, body.bytes, part);
        if (result == S3_OK) {
            snprintf(etag, sizeof(etag), "\"%s\"", part->etag);
            httpd_reply_header(request->http, "ETag", etag);
            s3_headers_reply_checksum(request, body.kind, body.checksum);
            httpd_reply(request->http, 200, NULL, NULL, 0);
        } else {
            s3_refuse_result(request, result);
        }
    }
    s3_body_done(&body);
}

static void copy_part(const struct s3_request *request, const struct s3_upload *upload, struct s3_part *part)
{
    char time[CLOCK_ISO_SIZE];
    struct s3_copy copy;
    enum s3_result result;
    int64_t first;
    int64_t len;
    struct buf body;

    if (!s3_copy_find(request, &copy) || !s3_copy_range(request, &copy, &first, &len)) {
        return;
    }
    buf_init(&body, S3_OBJECT_CAP);
    result = s3_store_read(request->local->s3, copy.path.bucket, copy.path.key, first, len, &body);
    if (result == S3_OK) {
        /* without a checksum that came there is nothing to refuse */
        (void)choose_checksum(request, upload, S3_CHECKSUM_NONE, "", buf_str(&body), part);
        result = s3_uploads_put_part(request->local->s3, upload, buf_str(&body), part);
    }
    buf_done(&body);
    if (result != S3_OK) {
        s3_refuse_result(request, result);
        return;
    }
    clock_format_iso(part->modified_ms, time, sizeof(time));
    buf_init(&body, S3_XML_CAP);
    s3_begin_xml(&body, "CopyPartResult");
    buf_addf(&body, "<ETag>&quot;%s&quot;</ETag><LastModified>%s</LastModified></CopyPartResult>", part->etag,
             time);
    s3_reply_xml(request, &body);
}

void s3_put_part(const struct s3_request *request)
{
    struct s3_part part = {.modified_ms = request->now_ms};
    struct s3_upload upload;

    if (!read_part_number(request, &part.number) || !find_upload(request, &upload)) {
        return;
    }
    if (httpd_header(request->http, "x-amz-copy-source").ptr) {
        copy_part(request, &upload, &part);
    } else {
        put_body(request, &upload, &part);
    }
}

/* --- CompleteMultipartUpload -----------------------------------------------------------------------------
 */

#define PART "CompleteMultipartUpload/Part"

struct completion {
    struct s3_part *parts;
    size_t count;
    struct s3_part now; /* the one being read */
};

static bool on_element(void *ctx, struct str path, struct str text)
{
    struct completion *completion = ctx;
    struct s3_part *now = &completion->now;
    long long number;

    if (str_eq(path, STR(PART "/PartNumber"))) {
        bool good = str_to_int64(text, 1, S3_PARTS_CAP, &number);
        now->number = good ? (int)number : 0;
        return good;
    }
    if (str_eq(path, STR(PART "/ETag"))) {
        while (text.len > 0 && text.ptr[0] == '"') {
            text.ptr++;
            text.len -= 1 + (text.len > 1 && text.ptr[text.len - 2] == '"');
        }
        snprintf(now->etag, sizeof(now->etag), "%.*s", STR_ARG(text));
    } else if (str_starts_with(path, STR(PART "/Checksum"))) {
        snprintf(now->checksum, sizeof(now->checksum), "%.*s", STR_ARG(text));
    } else if (str_eq(path, STR(PART))) {
        if (now->number == 0 || !now->etag[0] || completion->count == S3_PARTS_CAP) {
            return false;
        }
        completion->parts[completion->count++] = *now;
        *now = (struct s3_part){0};
    }
    return true;
}

static void reply_completed(const struct s3_request *request, const struct s3_object *object)
{
    struct buf body;

    metrics_add(request->local->metrics, METRIC_S3_OBJECTS, 1);
    buf_init(&body, S3_XML_CAP);
    s3_begin_xml(&body, "CompleteMultipartUploadResult");
    buf_add_str(&body, "<Location>");
    s3_add_xml(&body, httpd_path(request->http));
    buf_add_str(&body, "</Location>");
    add_names(request, &body);
    s3_headers_add_elements(&body, object);
    buf_add_str(&body, "</CompleteMultipartUploadResult>");
    s3_reply_xml(request, &body);
}

void s3_complete_upload(const struct s3_request *request)
{
    struct completion completion = {.parts = calloc(S3_PARTS_CAP, sizeof(*completion.parts))};
    struct s3_object object = {0};
    struct s3_upload upload;
    enum s3_result result;

    if (!find_upload(request, &upload) || !s3_may_write(request)) {
        free(completion.parts);
        return;
    }
    if (!completion.parts) {
        result = S3_FAILED;
    } else if (!xml_each(httpd_body(request->http), on_element, &completion) || completion.count == 0) {
        result = S3_BAD_XML;
    } else {
        result = s3_uploads_complete(request->local->s3, &upload, completion.parts, completion.count,
                                     request->now_ms, &object);
    }
    free(completion.parts);
    if (result == S3_OK) {
        reply_completed(request, &object);
    } else {
        s3_refuse_result(request, result);
    }
}

/* --- the others ------------------------------------------------------------------------------------------
 */

void s3_abort_upload(const struct s3_request *request)
{
    struct s3_upload upload;
    enum s3_result result;

    if (!find_upload(request, &upload)) {
        return;
    }
    result = s3_uploads_abort(request->local->s3, &upload);
    if (result == S3_OK) {
        httpd_reply(request->http, 204, NULL, NULL, 0);
    } else {
        s3_refuse_result(request, result);
    }
}
