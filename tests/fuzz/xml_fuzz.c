/* SPDX-License-Identifier: Apache-2.0 */
/* What xml_text finds is no longer than the document and trimmed; STS's answers give whole sets or none. */
#include "lib/xml.h"

#include "lib/creds_sts.h"
#include "tests/fuzz/fuzz.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void check_text(struct str document, const char *path)
{
    struct buf out;

    buf_init(&out, document.len + 1);
    buf_add_char(&out, '>');
    if (xml_text(document, path, &out)) {
        require(out.len <= document.len + 1);
        require(out.len == 1 || (!is_space(out.data[1]) && !is_space(out.data[out.len - 1])));
        require(memmem(document.ptr, document.len, "<!DOCTYPE", 9) == NULL ||
                memmem(document.ptr, document.len, "<!--", 4) ||
                memmem(document.ptr, document.len, "<![", 3) || memmem(document.ptr, document.len, "<?", 2));
    } else {
        require(out.len == 1);
    }
    buf_done(&out);
}

static void check_answer(struct str document, int status)
{
    struct creds creds = {0};
    struct error err = {0};

    if (sts_read_answer(status, document, &creds, &err)) {
        require(status == 200 && creds.access_key && creds.secret_key && creds.expires_ms >= 0);
        require(!strpbrk(creds.access_key, "\r\n") && !strpbrk(creds.secret_key, "\r\n"));
        require(!creds.session_token || !strpbrk(creds.session_token, "\r\n"));
        creds_done(&creds);
    } else {
        require(err.code != ERROR_NONE && !creds.access_key);
    }
}

static bool check_element(void *ctx, struct str path, struct str text)
{
    const struct str *document = ctx;

    require(path.len > 0 && path.len <= document->len && path.ptr[path.len - 1] != '/');
    require(text.len <= document->len);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str document = {(const char *)data, size};

    (void)xml_each(document, check_element, &document);
    check_text(document, "a");
    check_text(document, "a/b");
    check_text(document, "ErrorResponse/Error/Code");
    check_answer(document, 200);
    check_answer(document, 400);
    return 0;
}
