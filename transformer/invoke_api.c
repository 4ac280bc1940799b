/* SPDX-License-Identifier: Apache-2.0 */
#include "transformer/invoke_api.h"

#include <stdio.h>

#include "lib/random.h"
#include "transformer/invocation.h"
#include "transformer/metrics.h"

#define PATH_HEAD STR("/2015-03-31/functions/")
#define PATH_TAIL STR("/invocations")

/* One path segment between head and tail: a name, or an ARN. */
static bool is_invocation_path(struct str path)
{
    size_t around = PATH_HEAD.len + PATH_TAIL.len;

    return path.len > around && str_starts_with(path, PATH_HEAD) &&
           memcmp(path.ptr + path.len - PATH_TAIL.len, PATH_TAIL.ptr, PATH_TAIL.len) == 0 &&
           !memchr(path.ptr + PATH_HEAD.len, '/', path.len - around);
}

static void refuse(struct function *function, struct httpd_request *request, int status, const char *type,
                   const char *message)
{
    char body[256];
    int length = snprintf(body, sizeof(body), "{\"Type\":\"User\",\"message\":\"%s\"}", message);

    metrics_add_label(function->metrics, METRIC_INVOCATIONS, "refused", 1);
    httpd_reply_header(request, "X-Amzn-ErrorType", type);
    httpd_reply(request, status, "application/json", body, (size_t)length);
}

static void invoke(struct function *function, struct httpd_request *request, const char *request_id)
{
    httpd_reply_header(request, "X-Amz-Executed-Version", "$LATEST");
    if (function_invoke(function, httpd_body(request), request_id)) {
        httpd_reply_header(request, "X-Amz-Function-Error", "Unhandled");
    }
    httpd_reply_take(request, 200, "application/json", &function->out);
}

void invoke_api_handle(void *ctx, struct httpd_request *request)
{
    struct function *function = ctx;
    struct str type = httpd_header(request, "X-Amz-Invocation-Type");
    char request_id[RANDOM_UUID_SIZE];

    random_uuid(request_id);
    httpd_reply_header(request, "X-Amzn-RequestId", request_id);
    if (!is_invocation_path(httpd_path(request))) {
        refuse(function, request, 404, "ResourceNotFoundException",
               "not found; there are /2015-03-31/functions/<name>/invocations, /livez, /readyz and /metrics");
    } else if (!str_eq(httpd_method(request), STR("POST"))) {
        httpd_reply_header(request, "Allow", "POST");
        refuse(function, request, 405, "MethodNotAllowedException", "only POST invokes a function");
    } else if (type.ptr && str_eq(type, STR("DryRun"))) {
        httpd_reply(request, 204, NULL, NULL, 0);
    } else if (type.ptr && !str_eq(type, STR("RequestResponse"))) {
        refuse(function, request, 400, "InvalidParameterValueException",
               "the invocation type must be RequestResponse or DryRun");
    } else {
        invoke(function, request, request_id);
    }
}
