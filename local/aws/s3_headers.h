/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The headers that an object keeps: Content-Type, the user's x-amz-meta-*, and those that HTTP knows
 * (Content-Encoding and so on); and its checksum.
 */
#ifndef LOCAL_AWS_S3_HEADERS_H
#define LOCAL_AWS_S3_HEADERS_H

#include "local/aws/s3.h"
#include "local/aws/s3_checksum.h"
#include "local/aws/s3_conditions.h"

/*
 * Fills content_type and metadata from the request's headers. False: it was answered with an error, too much
 * metadata.
 */
bool s3_headers_collect(const struct s3_request *request, struct s3_object *object) MUST_USE;
/* Keeps a checksum with the object; "" for none. False: no room for it. */
bool s3_headers_add_checksum(struct s3_object *object, enum s3_checksum kind, const char *text,
                             bool composite) MUST_USE;

/* Adds ETag, Last-Modified and all that the object keeps to the answer; its checksum where `checksum`. */
void s3_headers_reply(const struct s3_request *request, const struct s3_object *object, bool checksum);
/* Adds ETag and the checksum alone, as PutObject answers. */
void s3_headers_reply_stored(const struct s3_request *request, const struct s3_object *object);
/* Adds ETag and the checksum as XML elements. */
void s3_headers_add_elements(struct buf *out, const struct s3_object *object);

/* x-amz-checksum-<kind> of one value. */
void s3_headers_reply_checksum(const struct s3_request *request, enum s3_checksum kind, const char *text);

/* The conditions of a request; those about the source of a copy where `source`. */
struct s3_conditions s3_headers_conditions(const struct s3_request *request, bool source);

#endif
