/* SPDX-License-Identifier: Apache-2.0 */
/* DeleteObject and DeleteObjects. */
#include "local/aws/s3.h"

#include <stdio.h>
#include <string.h>

#include "lib/xml.h"

#include "local/aws/s3_body.h"

void s3_delete_object(const struct s3_request *request)
{
    enum s3_result result = s3_store_delete(request->local->s3, request->path.bucket, request->path.key);

    if (result == S3_OK) {
        httpd_reply(request->http, 204, NULL, NULL, 0);
    } else {
        s3_refuse_result(request, result);
    }
}

/* --- DeleteObjects ---------------------------------------------------------------------------------------
 */

/* The document, read twice: to be judged as a whole, and then to be carried out. */
struct deletion {
    const struct s3_request *request;
    size_t count;
    bool quiet, bad;
    struct buf *out; /* NULL at first */
};

static void delete_one(struct deletion *deletion, struct str key)
{
    char text[S3_KEY_CAP + 1];
    enum s3_result result = S3_FAILED;

    if (key.len < sizeof(text)) {
        memcpy(text, key.ptr, key.len);
        text[key.len] = '\0';
        result = s3_store_delete(deletion->request->local->s3, deletion->request->path.bucket, text);
    }
    if (result == S3_OK && deletion->quiet) {
        return;
    }
    buf_add_str(deletion->out, result == S3_OK ? "<Deleted><Key>" : "<Error><Key>");
    s3_add_xml(deletion->out, key);
    buf_add_str(deletion->out, result == S3_OK ? "</Key></Deleted>"
                                               : "</Key><Code>InternalError</Code><Message>We encountered an "
                                                 "internal error. Please try again.</Message></Error>");
}

static bool on_element(void *ctx, struct str path, struct str text)
{
    struct deletion *deletion = ctx;

    if (str_eq(path, STR("Delete/Quiet"))) {
        deletion->quiet = str_eq(text, STR("true"));
    } else if (str_eq(path, STR("Delete/Object/Key"))) {
        deletion->count++;
        deletion->bad = deletion->bad || text.len == 0;
        if (deletion->out) {
            delete_one(deletion, text);
        }
    }
    return deletion->count <= S3_LIST_CAP;
}

void s3_delete_objects(const struct s3_request *request)
{
    struct deletion deletion = {.request = request};
    struct s3_body body;
    struct buf out;

    if (!s3_body_read(request, &body)) {
        return;
    }
    if (!xml_each(body.bytes, on_element, &deletion) || deletion.count == 0 || deletion.bad) {
        s3_refuse_result(request, S3_BAD_XML);
        s3_body_done(&body);
        return;
    }
    if (!s3_store_has_bucket(request->local->s3, request->path.bucket)) {
        s3_refuse_result(request, S3_NO_BUCKET);
        s3_body_done(&body);
        return;
    }
    buf_init(&out, S3_XML_CAP);
    s3_begin_xml(&out, "DeleteResult");
    deletion.count = 0;
    deletion.out = &out;
    if (!xml_each(body.bytes, on_element, &deletion)) {
        out.failure = -ERROR_STATE; /* it was well-formed a moment ago */
    }
    buf_add_str(&out, "</DeleteResult>");
    s3_reply_xml(request, &out);
    s3_body_done(&body);
}
