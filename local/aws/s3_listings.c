/* SPDX-License-Identifier: Apache-2.0 */
/* ListBuckets, ListObjects and ListObjectsV2. */
#include "local/aws/s3.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base64.h"
#include "lib/clock.h"
#include "lib/url.h"

#include "local/aws/s3_list.h"

static void add_bucket(void *ctx, struct str name, int64_t created_ms)
{
    struct buf *out = ctx;
    char time[CLOCK_ISO_SIZE];

    clock_format_iso(created_ms, time, sizeof(time));
    buf_addf(out, "<Bucket><Name>%.*s</Name><CreationDate>%s</CreationDate></Bucket>", STR_ARG(name), time);
}

void s3_list_buckets(const struct s3_request *request)
{
    struct buf body;

    buf_init(&body, S3_XML_CAP);
    s3_begin_xml(&body, "ListAllMyBucketsResult");
    buf_addf(&body, "<Owner><ID>%s</ID><DisplayName>local</DisplayName></Owner><Buckets>", LOCAL_ACCOUNT);
    if (s3_store_each_bucket(request->local->s3, add_bucket, &body) != S3_OK) {
        body.failure = -ERROR_STATE;
    }
    buf_add_str(&body, "</Buckets></ListAllMyBucketsResult>");
    s3_reply_xml(request, &body);
}

/* --- objects ---------------------------------------------------------------------------------------------
 */

struct list_request {
    const struct s3_request *request;
    struct s3_listing listing;
    char prefix[S3_KEY_CAP + 1];
    char delimiter[64];
    char after[S3_KEY_CAP + 1];
    char token[2 * S3_KEY_CAP];
    bool v2;
    bool encode; /* encoding-type=url */
    struct buf body;
    struct buf prefixes; /* they come behind the keys */
};

static void parameter(const struct list_request *list, const char *name, char *out, size_t size)
{
    if (!httpd_query_value(list->request->http, name, out, size)) {
        out[0] = '\0';
    }
}

/* NULL, or what is wrong with the parameters. */
static const char *read_parameters(struct list_request *list)
{
    char text[32];
    long long max_keys = S3_LIST_CAP;
    size_t len = 0;

    parameter(list, "list-type", text, sizeof(text));
    list->v2 = strcmp(text, "2") == 0;
    parameter(list, "encoding-type", text, sizeof(text));
    list->encode = strcmp(text, "url") == 0;
    parameter(list, "prefix", list->prefix, sizeof(list->prefix));
    parameter(list, "delimiter", list->delimiter, sizeof(list->delimiter));
    parameter(list, list->v2 ? "start-after" : "marker", list->after, sizeof(list->after));
    parameter(list, "continuation-token", list->token, sizeof(list->token));
    if (list->token[0]) {
        if (base64_decoded_size(strlen(list->token)) > S3_KEY_CAP ||
            !base64_decode(str_of(list->token), list->after, &len)) {
            return "The continuation token provided is incorrect";
        }
        list->after[len] = '\0';
    }
    parameter(list, "max-keys", text, sizeof(text));
    if (text[0] && !str_to_int64(str_of(text), 0, INT32_MAX, &max_keys)) {
        return "Provided max-keys not an integer or within integer range";
    }
    list->listing = (struct s3_listing){.prefix = str_of(list->prefix),
                                        .delimiter = str_of(list->delimiter),
                                        .after = str_of(list->after),
                                        .max_keys = max_keys < S3_LIST_CAP ? max_keys : S3_LIST_CAP};
    return NULL;
}

static void add_name(const struct list_request *list, struct buf *out, struct str name)
{
    if (list->encode) {
        url_encode(out, name, true);
    } else {
        s3_add_xml(out, name);
    }
}

static void add_element(const struct list_request *list, struct buf *out, const char *element,
                        struct str name)
{
    buf_addf(out, "<%s>", element);
    add_name(list, out, name);
    buf_addf(out, "</%s>", element);
}

static bool take_object(void *ctx, struct str key, const struct s3_object *object)
{
    struct list_request *list = ctx;
    char time[CLOCK_ISO_SIZE];

    switch (s3_listing_take(&list->listing, key)) {
    case S3_LISTED_END:
        return false;
    case S3_LISTED_NOT:
        break;
    case S3_LISTED_PREFIX:
        buf_add_str(&list->prefixes, "<CommonPrefixes>");
        add_element(list, &list->prefixes, "Prefix", str_of(list->listing.last));
        buf_add_str(&list->prefixes, "</CommonPrefixes>");
        break;
    case S3_LISTED_KEY:
        clock_format_iso(object->modified_ms, time, sizeof(time));
        buf_add_str(&list->body, "<Contents>");
        add_element(list, &list->body, "Key", key);
        buf_addf(&list->body,
                 "<LastModified>%s</LastModified><ETag>&quot;%s&quot;</ETag><Size>%" PRId64
                 "</Size><StorageClass>STANDARD</StorageClass></Contents>",
                 time, object->etag, object->size);
        break;
    }
    return true;
}

static void add_page(struct list_request *list)
{
    const struct s3_listing *listing = &list->listing;

    add_element(list, &list->body, "Name", str_of(list->request->path.bucket));
    add_element(list, &list->body, "Prefix", listing->prefix);
    if (listing->delimiter.len > 0) {
        add_element(list, &list->body, "Delimiter", listing->delimiter);
    }
    buf_addf(&list->body, "<MaxKeys>%" PRId64 "</MaxKeys>%s<IsTruncated>%s</IsTruncated>", listing->max_keys,
             list->encode ? "<EncodingType>url</EncodingType>" : "", listing->truncated ? "true" : "false");
    if (list->v2) {
        buf_addf(&list->body, "<KeyCount>%" PRId64 "</KeyCount>", listing->shown);
        if (list->token[0]) {
            buf_addf(&list->body, "<ContinuationToken>%s</ContinuationToken>", list->token);
        } else if (listing->after.len > 0) {
            add_element(list, &list->body, "StartAfter", listing->after);
        }
    } else {
        add_element(list, &list->body, "Marker", listing->after);
    }
    if (listing->truncated && list->v2) {
        buf_add_str(&list->body, "<NextContinuationToken>");
        buf_add_base64(&list->body, listing->last, strlen(listing->last));
        buf_add_str(&list->body, "</NextContinuationToken>");
    } else if (listing->truncated && listing->delimiter.len > 0) {
        add_element(list, &list->body, "NextMarker", str_of(listing->last));
    }
}

void s3_list_objects(const struct s3_request *request)
{
    struct list_request list = {.request = request};
    const char *problem = read_parameters(&list);
    enum s3_result result;

    if (problem) {
        s3_refuse(request, 400, "InvalidArgument", problem);
        return;
    }
    buf_init(&list.body, S3_XML_CAP);
    buf_init(&list.prefixes, S3_XML_CAP);
    s3_begin_xml(&list.body, "ListBucketResult");
    result = s3_store_each(request->local->s3, request->path.bucket, s3_listing_from(&list.listing),
                           take_object, &list);
    if (result == S3_OK) {
        buf_add(&list.body, list.prefixes.data ? list.prefixes.data : "", list.prefixes.len);
        add_page(&list);
        buf_add_str(&list.body, "</ListBucketResult>");
        s3_reply_xml(request, &list.body);
    } else {
        s3_refuse_result(request, result);
    }
    buf_done(&list.body);
    buf_done(&list.prefixes);
}
