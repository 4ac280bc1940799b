/* SPDX-License-Identifier: Apache-2.0 */
/* PutObject, GetObject, HeadObject, DeleteObjects. */
#include "local/aws/s3.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/base64.h"
#include "lib/hash.h"
#include "lib/json.h"
#include "lib/log.h"

#include "local/aws/s3_chunked.h"

static const char metadata_prefix[] = "x-amz-meta-";

/* --- PutObject -------------------------------------------------------------------------------------------
 */

/* The user's metadata as a JSON object. */
static bool collect_metadata(const struct s3_request *request, char out[S3_METADATA_CAP + 1])
{
    struct buf json;
    bool fits;

    buf_init(&json, S3_METADATA_CAP);
    buf_add_char(&json, '{');
    for (size_t i = 0; i < request->input->header_count; i++) {
        const struct sigv4_header *header = &request->input->headers[i];
        size_t skip = sizeof(metadata_prefix) - 1;
        if (header->name.len <= skip || strncasecmp(header->name.ptr, metadata_prefix, skip) != 0) {
            continue;
        }
        buf_add_str(&json, json.len > 1 ? "," : "");
        buf_add_json_string(&json, header->name.ptr + skip, header->name.len - skip);
        buf_add_char(&json, ':');
        buf_add_json_string(&json, header->value.ptr, header->value.len);
    }
    buf_add_char(&json, '}');
    fits = buf_error(&json) == 0;
    if (fits) {
        memcpy(out, json.data, json.len + 1);
    }
    buf_done(&json);
    return fits;
}

static bool md5_fits(const struct s3_request *request, struct str body)
{
    struct str claimed = httpd_header(request->http, "content-md5");
    unsigned char digest[HASH_MD5_SIZE];
    char text[32];
    struct str expected = {text, 0};

    if (!claimed.ptr) {
        return true;
    }
    hash_md5(body.ptr, body.len, digest);
    expected.len = base64_encode(digest, sizeof(digest), text);
    return str_eq(claimed, expected);
}

static void store_object(const struct s3_request *request, struct str body)
{
    struct str type = httpd_header(request->http, "content-type");
    struct s3_object object = {0};
    enum s3_result result;
    char etag[S3_ETAG_SIZE + 2];

    if (!md5_fits(request, body)) {
        s3_refuse(request->http, 400, "BadDigest",
                  "The Content-MD5 you specified did not match what we received.", request->now_ms);
        return;
    }
    if (!collect_metadata(request, object.metadata)) {
        s3_refuse(request->http, 400, "MetadataTooLarge",
                  "Your metadata headers exceed the maximum allowed metadata size", request->now_ms);
        return;
    }
    snprintf(object.content_type, sizeof(object.content_type), "%.*s",
             type.ptr ? (int)type.len : (int)sizeof("binary/octet-stream") - 1,
             type.ptr ? type.ptr : "binary/octet-stream");
    result = s3_store_put(request->local->s3, request->path.bucket, request->path.key, body, &object,
                          request->now_ms);
    if (result != S3_OK) {
        s3_refuse_result(request, result);
        return;
    }
    metrics_add(request->local->metrics, METRIC_S3_OBJECTS, 1);
    snprintf(etag, sizeof(etag), "\"%s\"", object.etag);
    httpd_reply_header(request->http, "ETag", etag);
    httpd_reply(request->http, 200, NULL, NULL, 0);
}

void s3_put_object(const struct s3_request *request)
{
    struct str hash = httpd_header(request->http, "x-amz-content-sha256");
    struct str body = httpd_body(request->http);
    struct buf decoded;

    if (httpd_header(request->http, "x-amz-copy-source").ptr) {
        s3_refuse(request->http, 501, "NotImplemented", "local-aws has no CopyObject.", request->now_ms);
        return;
    }
    if (!str_eq(hash, STR("STREAMING-UNSIGNED-PAYLOAD-TRAILER"))) {
        store_object(request, body);
        return;
    }
    buf_init(&decoded, S3_OBJECT_CAP);
    struct str trailers;
    if (s3_chunked_decode(body, NULL, &decoded, &trailers) == S3_CHUNKED_OK) {
        store_object(request, buf_str(&decoded));
    } else {
        s3_refuse(request->http, 400, "IncompleteBody", "The chunks of the body are broken.",
                  request->now_ms);
    }
    buf_done(&decoded);
}

/* --- GetObject and HeadObject ----------------------------------------------------------------------------
 */

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

static void add_metadata(const struct s3_request *request, const struct s3_object *object)
{
    cJSON *metadata = cJSON_Parse(object->metadata);
    const cJSON *item;

    cJSON_ArrayForEach(item, metadata)
    {
        char name[256];
        snprintf(name, sizeof(name), "%s%s", metadata_prefix, item->string);
        httpd_reply_header(request->http, name, cJSON_IsString(item) ? item->valuestring : "");
    }
    cJSON_Delete(metadata);
}

static void add_object_headers(const struct s3_request *request, const struct s3_object *object)
{
    time_t seconds = (time_t)(object->modified_ms / 1000);
    struct tm utc;
    char text[64];

    snprintf(text, sizeof(text), "\"%s\"", object->etag);
    httpd_reply_header(request->http, "ETag", text);
    gmtime_r(&seconds, &utc);
    strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &utc);
    httpd_reply_header(request->http, "Last-Modified", text);
    httpd_reply_header(request->http, "Accept-Ranges", "bytes");
    add_metadata(request, object);
}

void s3_get_object(const struct s3_request *request, bool with_body)
{
    struct s3_object object;
    struct range range;
    struct buf body;
    enum s3_result result =
        s3_store_head(request->local->s3, request->path.bucket, request->path.key, &object);

    if (result != S3_OK) {
        s3_refuse_result(request, result);
        return;
    }
    if (!read_range(httpd_header(request->http, "range"), object.size, &range)) {
        s3_refuse(request->http, 416, "InvalidRange", "The requested range is not satisfiable",
                  request->now_ms);
        return;
    }
    buf_init(&body, S3_OBJECT_CAP);
    result = s3_store_read(request->local->s3, request->path.bucket, request->path.key, range.first,
                           range.len, &body);
    if (result != S3_OK) {
        buf_done(&body);
        s3_refuse_result(request, result);
        return;
    }
    (void)with_body; /* the HTTP server leaves the body of a HEAD out and keeps its Content-Length */
    add_object_headers(request, &object);
    if (range.partial) {
        char text[96];
        snprintf(text, sizeof(text), "bytes %" PRId64 "-%" PRId64 "/%" PRId64, range.first,
                 range.first + range.len - 1, object.size);
        httpd_reply_header(request->http, "Content-Range", text);
    }
    httpd_reply(request->http, range.partial ? 206 : 200, object.content_type, body.data, body.len);
    buf_done(&body);
}

/* --- DeleteObjects ---------------------------------------------------------------------------------------
 */

/* The text of the next <Key> of the request; false if there is none. Entities &amp; &lt; &gt; are read. */
static bool next_key(struct str *rest, char *out, size_t size)
{
    static const struct {
        struct str entity;
        char c;
    } entities[] = {{STR("&amp;"), '&'},
                    {STR("&lt;"), '<'},
                    {STR("&gt;"), '>'},
                    {STR("&quot;"), '"'},
                    {STR("&apos;"), '\''}};
    const char *start = memmem(rest->ptr, rest->len, "<Key>", 5);
    const char *limit = rest->ptr + rest->len;
    const char *end = start ? memmem(start, (size_t)(limit - start), "</Key>", 6) : NULL;
    size_t len = 0;

    if (!end) {
        return false;
    }
    for (const char *p = start + 5; p < end && len + 1 < size; len++) {
        size_t step = 1;
        out[len] = *p;
        for (size_t i = 0; *p == '&' && i < ARRAY_LENGTH(entities); i++) {
            if (str_starts_with((struct str){p, (size_t)(end - p)}, entities[i].entity)) {
                out[len] = entities[i].c;
                step = entities[i].entity.len;
                break;
            }
        }
        p += step;
    }
    out[len] = '\0';
    rest->ptr = end;
    rest->len = (size_t)(limit - end);
    return true;
}

void s3_delete_objects(const struct s3_request *request)
{
    struct str rest = httpd_body(request->http);
    char key[S3_KEY_CAP + 1];
    struct buf body;

    buf_init(&body, S3_XML_CAP);
    buf_add_str(&body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                       "<DeleteResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    while (next_key(&rest, key, sizeof(key))) {
        enum s3_result result = s3_store_delete(request->local->s3, request->path.bucket, key);
        if (result != S3_OK) {
            s3_refuse_result(request, result);
            buf_done(&body);
            return;
        }
        buf_add_str(&body, "<Deleted><Key>");
        s3_add_xml(&body, str_of(key));
        buf_add_str(&body, "</Key></Deleted>");
    }
    buf_add_str(&body, "</DeleteResult>");
    httpd_reply(request->http, 200, "application/xml", body.data, body.len);
    buf_done(&body);
}
