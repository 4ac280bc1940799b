/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S3 with path-style addresses (docs.aws.amazon.com/AmazonS3/latest/API): CreateBucket, HeadBucket,
 * DeleteBucket, ListBuckets, GetBucketLocation, ListObjects, ListObjectsV2; PutObject, CopyObject, GetObject
 * with Range, HeadObject, GetObjectTagging (always empty), DeleteObject, DeleteObjects;
 * CreateMultipartUpload, UploadPart, UploadPartCopy, CompleteMultipartUpload, AbortMultipartUpload,
 * ListParts, ListMultipartUploads. Everything else is answered NotImplemented.
 */
#ifndef LOCAL_AWS_S3_H
#define LOCAL_AWS_S3_H

#include "lib/httpd.h"
#include "lib/random.h"

#include "local/aws/gateway.h"
#include "local/aws/local.h"
#include "local/aws/s3_path.h"
#include "local/aws/s3_store.h"

enum {
    S3_XML_CAP = 8 * 1024 * 1024, /* 1000 entries of 1 KiB keys, percent-encoded, and their envelopes */
    S3_LIST_CAP = 1000
};

/* One request under way. */
struct s3_request {
    struct local *local;
    struct httpd_request *http;
    const struct gateway_input *input;
    struct s3_path path;
    int64_t now_ms;
    char id[RANDOM_UUID_SIZE]; /* x-amz-request-id */
};

/* Begins a request, whatever its signature: it gets an id, which every answer carries. */
void s3_begin(struct s3_request *request, struct local *local, struct httpd_request *http,
              const struct gateway_input *input, int64_t now_ms);
/* Answers a request whose signature was checked. */
void s3_handle(struct s3_request *request);

/* Answers with an error as XML. */
void s3_refuse(const struct s3_request *request, int status, const char *code, const char *message);
/* Answers with the error that belongs to a result. */
void s3_refuse_result(const struct s3_request *request, enum s3_result result);

/* The head of a document and the start of its root element, in the name space of S3. */
void s3_begin_xml(struct buf *out, const char *root);
/* Answers 200 with a document, or with an error if it did not fit. The buffer is done then. */
void s3_reply_xml(const struct s3_request *request, struct buf *body);
/* Text for XML: & < > and what else cannot stand there. */
void s3_add_xml(struct buf *out, struct str text);

/* A number in the query, within [min, max]; `fallback` where it is absent. False: it is no such number. */
bool s3_query_number(const struct s3_request *request, const char *name, int min, int max, int fallback,
                     int *ret) MUST_USE;

/* The operations, one file per kind. */
void s3_list_buckets(const struct s3_request *request);
void s3_list_objects(const struct s3_request *request);
void s3_put_object(const struct s3_request *request);
void s3_copy_object(const struct s3_request *request);
void s3_get_object(const struct s3_request *request); /* HeadObject too */
void s3_get_tagging(const struct s3_request *request);
void s3_delete_object(const struct s3_request *request);
void s3_delete_objects(const struct s3_request *request);
void s3_create_upload(const struct s3_request *request);
void s3_put_part(const struct s3_request *request);
void s3_complete_upload(const struct s3_request *request);
void s3_abort_upload(const struct s3_request *request);
void s3_list_parts(const struct s3_request *request);
void s3_list_uploads(const struct s3_request *request);

/* Whether If-Match and If-None-Match allow a write. False: the request was answered. */
bool s3_may_write(const struct s3_request *request) MUST_USE;

#endif
