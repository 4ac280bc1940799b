/* SPDX-License-Identifier: Apache-2.0 */
#include "local/aws/s3_headers.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/error.h"
#include "lib/json.h"

/*
 * The metadata of an object is a JSON object. The user's names stand as they are, without x-amz-meta-; all
 * others have a colon before them, which no header name can hold.
 */
enum { NAME_CAP = 300 };
static const char user_prefix[] = "x-amz-meta-";
static const char checksum_prefix[] = ":x-amz-checksum-";
static const char *const kept[] = {"cache-control", "content-disposition", "content-encoding",
                                   "content-language", "expires"};

/* --- keeping ---------------------------------------------------------------------------------------------
 */

static void add_entry(struct buf *json, const char *mark, struct str name, struct str value)
{
    char text[NAME_CAP];
    size_t len = (size_t)snprintf(text, sizeof(text), "%s%.*s", mark, STR_ARG(name));

    if (len >= sizeof(text)) {
        json->failure = -ERROR_LIMIT;
        return;
    }
    buf_add_str(json, json->len > 1 ? "," : "");
    buf_add_json_string(json, text, len);
    buf_add_char(json, ':');
    buf_add_json_string(json, value.ptr, value.len);
}

/* Content-Encoding without aws-chunked, which is of the transfer alone. */
static struct str stored_encoding(struct str value)
{
    static const struct str chunked = {"aws-chunked", sizeof("aws-chunked") - 1};

    if (str_starts_with(value, chunked)) {
        value.ptr += chunked.len;
        value.len -= chunked.len;
        while (value.len > 0 && (value.ptr[0] == ',' || value.ptr[0] == ' ')) {
            value.ptr++;
            value.len--;
        }
    }
    return value;
}

static void collect_header(const struct sigv4_header *header, struct buf *json)
{
    struct str name = header->name;
    size_t skip = sizeof(user_prefix) - 1;

    if (name.len > skip && strncasecmp(name.ptr, user_prefix, skip) == 0) {
        add_entry(json, "", (struct str){name.ptr + skip, name.len - skip}, header->value);
        return;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(kept); i++) {
        struct str value = header->value;
        if (!str_eq_nocase(name, str_of(kept[i]))) {
            continue;
        }
        value = strcmp(kept[i], "content-encoding") == 0 ? stored_encoding(value) : value;
        if (value.len > 0) {
            add_entry(json, ":", str_of(kept[i]), value);
        }
    }
}

/* The rest of a JSON object that is being built, into the object. */
static bool store_metadata(struct buf *json, struct s3_object *object)
{
    bool fits;

    buf_add_char(json, '}');
    fits = buf_error(json) == 0;
    if (fits) {
        memcpy(object->metadata, json->data, json->len + 1);
    }
    buf_done(json);
    return fits;
}

bool s3_headers_collect(const struct s3_request *request, struct s3_object *object)
{
    struct str type = httpd_header(request->http, "content-type");
    struct buf json;

    snprintf(object->content_type, sizeof(object->content_type), "%.*s",
             type.len ? (int)type.len : (int)sizeof("binary/octet-stream") - 1,
             type.len ? type.ptr : "binary/octet-stream");
    buf_init(&json, S3_METADATA_CAP);
    buf_add_char(&json, '{');
    for (size_t i = 0; i < request->input->header_count; i++) {
        collect_header(&request->input->headers[i], &json);
    }
    if (store_metadata(&json, object)) {
        return true;
    }
    s3_refuse(request, 400, "MetadataTooLarge",
              "Your metadata headers exceed the maximum allowed metadata size");
    return false;
}

bool s3_headers_add_checksum(struct s3_object *object, enum s3_checksum kind, const char *text,
                             bool composite)
{
    size_t len = strlen(object->metadata);
    struct buf json;

    if (kind == S3_CHECKSUM_NONE) {
        return true;
    }
    buf_init(&json, S3_METADATA_CAP);
    buf_add(&json, object->metadata, len > 0 ? len - 1 : 0); /* all but the closing brace */
    add_entry(&json, ":", str_of(s3_checksum_header(kind)), str_of(text));
    add_entry(&json, ":", STR("x-amz-checksum-type"), composite ? STR("COMPOSITE") : STR("FULL_OBJECT"));
    return store_metadata(&json, object);
}

/* --- answering -------------------------------------------------------------------------------------------
 */

static void reply_etag(const struct s3_request *request, const struct s3_object *object)
{
    char text[S3_ETAG_SIZE + 2];

    snprintf(text, sizeof(text), "\"%s\"", object->etag);
    httpd_reply_header(request->http, "ETag", text);
}

static bool is_checksum(const char *name)
{
    return strncmp(name, checksum_prefix, sizeof(checksum_prefix) - 1) == 0;
}

/* Adds what is kept: all, or the checksum alone. */
static void reply_kept(const struct s3_request *request, const struct s3_object *object, bool checksum,
                       bool others)
{
    cJSON *metadata = cJSON_Parse(object->metadata);
    const cJSON *item;

    cJSON_ArrayForEach(item, metadata)
    {
        char name[NAME_CAP + sizeof(user_prefix)];
        const char *value = cJSON_IsString(item) ? item->valuestring : "";
        if (is_checksum(item->string) ? !checksum : !others) {
            continue;
        }
        snprintf(name, sizeof(name), "%s%s", item->string[0] == ':' ? "" : user_prefix,
                 item->string + (item->string[0] == ':'));
        httpd_reply_header(request->http, name, value);
    }
    cJSON_Delete(metadata);
}

void s3_headers_reply(const struct s3_request *request, const struct s3_object *object, bool checksum)
{
    time_t seconds = (time_t)(object->modified_ms / 1000);
    struct tm utc;
    char text[64];

    reply_etag(request, object);
    gmtime_r(&seconds, &utc);
    strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &utc);
    httpd_reply_header(request->http, "Last-Modified", text);
    httpd_reply_header(request->http, "Accept-Ranges", "bytes");
    reply_kept(request, object, checksum, true);
}

void s3_headers_reply_stored(const struct s3_request *request, const struct s3_object *object)
{
    reply_etag(request, object);
    reply_kept(request, object, true, false);
}

void s3_headers_reply_checksum(const struct s3_request *request, enum s3_checksum kind, const char *text)
{
    if (kind != S3_CHECKSUM_NONE) {
        httpd_reply_header(request->http, s3_checksum_header(kind), text);
    }
}

void s3_headers_add_elements(struct buf *out, const struct s3_object *object)
{
    cJSON *metadata = cJSON_Parse(object->metadata);
    const cJSON *item;

    buf_addf(out, "<ETag>&quot;%s&quot;</ETag>", object->etag);
    cJSON_ArrayForEach(item, metadata)
    {
        enum s3_checksum kind = s3_checksum_of_header(str_of(item->string + 1));
        if (!is_checksum(item->string) || !cJSON_IsString(item)) {
            continue;
        }
        if (kind == S3_CHECKSUM_NONE) {
            buf_addf(out, "<ChecksumType>%s</ChecksumType>", item->valuestring);
        } else {
            buf_addf(out, "<Checksum%s>%s</Checksum%s>", s3_checksum_name(kind), item->valuestring,
                     s3_checksum_name(kind));
        }
    }
    cJSON_Delete(metadata);
}

struct s3_conditions s3_headers_conditions(const struct s3_request *request, bool source)
{
    static const char *const names[2][4] = {
        {"if-match", "if-none-match", "if-modified-since", "if-unmodified-since"},
        {"x-amz-copy-source-if-match", "x-amz-copy-source-if-none-match",
         "x-amz-copy-source-if-modified-since", "x-amz-copy-source-if-unmodified-since"}};

    return (struct s3_conditions){.match = httpd_header(request->http, names[source][0]),
                                  .none_match = httpd_header(request->http, names[source][1]),
                                  .modified_since = httpd_header(request->http, names[source][2]),
                                  .unmodified_since = httpd_header(request->http, names[source][3])};
}
