/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S3 with path-style addresses (docs.aws.amazon.com/AmazonS3/latest/API): CreateBucket, HeadBucket,
 * DeleteBucket, ListBuckets, GetBucketLocation, PutObject, GetObject with Range, HeadObject, DeleteObject,
 * DeleteObjects, ListObjects and ListObjectsV2. Everything else is answered NotImplemented.
 */
#ifndef LOCAL_AWS_S3_H
#define LOCAL_AWS_S3_H

#include "lib/httpd.h"

#include "local/aws/gateway.h"
#include "local/aws/local.h"
#include "local/aws/s3_path.h"
#include "local/aws/s3_store.h"

enum {
    S3_XML_CAP = 8 * 1024 * 1024, /* 1000 entries of 1 KiB keys, percent-encoded, and their envelopes */
    S3_LIST_CAP = 1000,
    S3_OBJECT_CAP = 128 * 1024 * 1024 /* the largest buffer of Firehose */
};

/* One request under way. */
struct s3_request {
    struct local *local;
    struct httpd_request *http;
    const struct gateway_input *input;
    struct s3_path path;
    int64_t now_ms;
};

/* Answers a request whose signature was checked. */
void s3_handle(struct local *local, struct httpd_request *http, const struct gateway_input *input,
               int64_t now_ms);

/* Answers with an error as XML. */
void s3_refuse(struct httpd_request *http, int status, const char *code, const char *message, int64_t now_ms);
/* Answers with the error that belongs to a result. */
void s3_refuse_result(const struct s3_request *request, enum s3_result result);

/* Text for XML: & < > and what else cannot stand there. */
void s3_add_xml(struct buf *out, struct str text);

/* The operations, one file per kind. */
void s3_list_buckets(const struct s3_request *request);
void s3_list_objects(const struct s3_request *request);
void s3_put_object(const struct s3_request *request);
void s3_get_object(const struct s3_request *request, bool with_body);
void s3_delete_objects(const struct s3_request *request);

#endif
