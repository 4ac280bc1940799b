/* SPDX-License-Identifier: Apache-2.0 */
/* ListParts and ListMultipartUploads. */
#include "local/aws/s3.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/clock.h"

#include "local/aws/s3_uploads.h"

struct page {
    const struct s3_request *request;
    int limit;
    int shown;
    bool truncated;
    int last_number;
    enum s3_checksum kind;
    char key_marker[S3_KEY_CAP + 1];
    char id_marker[RANDOM_UUID_SIZE];
    char prefix[S3_KEY_CAP + 1];
    struct s3_upload last;
    struct buf entries;
};

static void refuse_number(const struct s3_request *request, const char *name)
{
    char text[96];

    snprintf(text, sizeof(text), "Provided %s not an integer or within integer range", name);
    s3_refuse(request, 400, "InvalidArgument", text);
}

static void add_text(struct buf *out, const char *element, const char *text)
{
    buf_addf(out, "<%s>", element);
    s3_add_xml(out, str_of(text));
    buf_addf(out, "</%s>", element);
}

static bool take_part(void *ctx, const struct s3_part *part)
{
    struct page *page = ctx;
    char time[CLOCK_ISO_SIZE];

    page->truncated = page->shown == page->limit;
    if (page->truncated) {
        return false;
    }
    clock_format_iso(part->modified_ms, time, sizeof(time));
    buf_addf(&page->entries,
             "<Part><PartNumber>%d</PartNumber><LastModified>%s</LastModified><ETag>&quot;%s&quot;</ETag>"
             "<Size>%" PRId64 "</Size>",
             part->number, time, part->etag, part->size);
    if (part->checksum[0]) {
        buf_addf(&page->entries, "<Checksum%s>%s</Checksum%s>", s3_checksum_name(page->kind), part->checksum,
                 s3_checksum_name(page->kind));
    }
    buf_add_str(&page->entries, "</Part>");
    page->shown++;
    page->last_number = part->number;
    return true;
}

/* What ListParts says besides the parts. */
static void add_upload(const struct s3_request *request, const struct page *page,
                       const struct s3_upload *upload, int after, struct buf *out)
{
    buf_addf(out, "<Bucket>%s</Bucket>", request->path.bucket);
    add_text(out, "Key", request->path.key);
    buf_addf(out,
             "<UploadId>%s</UploadId><PartNumberMarker>%d</PartNumberMarker><MaxParts>%d</MaxParts>"
             "<IsTruncated>%s</IsTruncated><StorageClass>STANDARD</StorageClass>",
             upload->id, after, page->limit, page->truncated ? "true" : "false");
    if (page->truncated) {
        buf_addf(out, "<NextPartNumberMarker>%d</NextPartNumberMarker>", page->last_number);
    }
    if (upload->kind != S3_CHECKSUM_NONE) {
        buf_addf(out, "<ChecksumAlgorithm>%s</ChecksumAlgorithm><ChecksumType>%s</ChecksumType>",
                 s3_checksum_name(upload->kind), upload->full_object ? "FULL_OBJECT" : "COMPOSITE");
    }
}

void s3_list_parts(const struct s3_request *request)
{
    struct page page = {.request = request};
    char id[RANDOM_UUID_SIZE] = "";
    struct s3_upload upload;
    enum s3_result result;
    struct buf body;
    int after;

    if (!s3_query_number(request, "max-parts", 0, INT32_MAX, S3_LIST_CAP, &page.limit)) {
        refuse_number(request, "max-parts");
        return;
    }
    if (!s3_query_number(request, "part-number-marker", 0, INT32_MAX, 0, &after)) {
        refuse_number(request, "part-number-marker");
        return;
    }
    page.limit = page.limit < S3_LIST_CAP ? page.limit : S3_LIST_CAP;
    (void)httpd_query_value(request->http, "uploadId", id, sizeof(id));
    result = s3_uploads_find(request->local->s3, id, request->path.bucket, request->path.key, &upload);
    buf_init(&page.entries, S3_XML_CAP);
    if (result == S3_OK) {
        page.kind = upload.kind;
        result = s3_uploads_each_part(request->local->s3, &upload, after, take_part, &page);
    }
    if (result != S3_OK) {
        s3_refuse_result(request, result);
    } else {
        buf_init(&body, S3_XML_CAP);
        s3_begin_xml(&body, "ListPartsResult");
        add_upload(request, &page, &upload, after, &body);
        buf_add(&body, buf_str(&page.entries).ptr, page.entries.len);
        buf_add_str(&body, "</ListPartsResult>");
        s3_reply_xml(request, &body);
    }
    buf_done(&page.entries);
}

/* --- ListMultipartUploads --------------------------------------------------------------------------------
 */

/* The markers name the last upload of the page before. */
static bool is_behind_marker(const struct page *page, const struct s3_upload *upload)
{
    int order = strcmp(upload->key, page->key_marker);

    return !page->key_marker[0] || order > 0 ||
           (order == 0 && page->id_marker[0] && strcmp(upload->id, page->id_marker) > 0);
}

static bool take_upload(void *ctx, const struct s3_upload *upload)
{
    struct page *page = ctx;
    char time[CLOCK_ISO_SIZE];

    if (strncmp(upload->key, page->prefix, strlen(page->prefix)) != 0 || !is_behind_marker(page, upload)) {
        return true;
    }
    page->truncated = page->shown == page->limit;
    if (page->truncated) {
        return false;
    }
    clock_format_iso(upload->created_ms, time, sizeof(time));
    buf_add_str(&page->entries, "<Upload>");
    add_text(&page->entries, "Key", upload->key);
    buf_addf(&page->entries,
             "<UploadId>%s</UploadId><StorageClass>STANDARD</StorageClass><Initiated>%s</Initiated></Upload>",
             upload->id, time);
    page->shown++;
    page->last = *upload;
    return true;
}

void s3_list_uploads(const struct s3_request *request)
{
    struct page page = {.request = request};
    enum s3_result result;
    struct buf body;

    if (!s3_query_number(request, "max-uploads", 0, INT32_MAX, S3_LIST_CAP, &page.limit)) {
        refuse_number(request, "max-uploads");
        return;
    }
    page.limit = page.limit < S3_LIST_CAP ? page.limit : S3_LIST_CAP;
    (void)httpd_query_value(request->http, "key-marker", page.key_marker, sizeof(page.key_marker));
    (void)httpd_query_value(request->http, "upload-id-marker", page.id_marker, sizeof(page.id_marker));
    (void)httpd_query_value(request->http, "prefix", page.prefix, sizeof(page.prefix));
    buf_init(&page.entries, S3_XML_CAP);
    result = s3_uploads_each(request->local->s3, request->path.bucket, take_upload, &page);
    if (result != S3_OK) {
        s3_refuse_result(request, result);
    } else {
        buf_init(&body, S3_XML_CAP);
        s3_begin_xml(&body, "ListMultipartUploadsResult");
        buf_addf(&body, "<Bucket>%s</Bucket>", request->path.bucket);
        add_text(&body, "KeyMarker", page.key_marker);
        add_text(&body, "UploadIdMarker", page.id_marker);
        add_text(&body, "Prefix", page.prefix);
        buf_addf(&body, "<MaxUploads>%d</MaxUploads><IsTruncated>%s</IsTruncated>", page.limit,
                 page.truncated ? "true" : "false");
        if (page.truncated) {
            add_text(&body, "NextKeyMarker", page.last.key);
            add_text(&body, "NextUploadIdMarker", page.last.id);
        }
        buf_add(&body, buf_str(&page.entries).ptr, page.entries.len);
        buf_add_str(&body, "</ListMultipartUploadsResult>");
        s3_reply_xml(request, &body);
    }
    buf_done(&page.entries);
}
