/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lets a test in another language use lib/sigv4: one JSON object per line in, one per line out.
 *   in   op (sign, presign, verify, msk, endpoint), method, path, query, headers [[name, value]],
 * payload_hash, access_key, secret_key, token, region, service, date, expires, authorization; now_ms; fips,
 * dualstack out  {"result": text} or {"error": code}
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/aws_endpoint.h"
#include "lib/json.h"
#include "lib/msk_iam.h"
#include "lib/sigv4.h"

enum { OUT_CAP = 1024 * 1024 };

static struct str member(const cJSON *in, const char *name)
{
    const char *text = json_string(in, name);

    return text ? str_of(text) : STR("");
}

static struct str element(const cJSON *pair, int index)
{
    return str_of(cJSON_GetStringValue(cJSON_GetArrayItem(pair, index)));
}

static struct sigv4_request request_of(const cJSON *in, struct sigv4_header headers[SIGV4_HEADER_CAP])
{
    const cJSON *list = json_get(in, "headers");
    const cJSON *pair;
    size_t count = 0;

    cJSON_ArrayForEach(pair, list)
    {
        if (count < SIGV4_HEADER_CAP) {
            headers[count++] = (struct sigv4_header){element(pair, 0), element(pair, 1)};
        }
    }
    return (struct sigv4_request){.method = member(in, "method"),
                                  .path = member(in, "path"),
                                  .query = member(in, "query"),
                                  .headers = headers,
                                  .header_count = count,
                                  .payload_hash = member(in, "payload_hash")};
}

static int verify(const cJSON *in, const struct sigv4_request *request, struct buf *out)
{
    struct sigv4_claim claim;
    bool right = sigv4_parse_authorization(member(in, "authorization"), &claim) &&
                 sigv4_verify(request, &claim, member(in, "secret_key"), member(in, "date"));

    buf_add_str(out, right ? "right" : "wrong");
    return buf_error(out);
}

static int msk(const cJSON *in, struct buf *out)
{
    struct creds creds = {0};
    int64_t expires_ms = 0;
    long long now_ms = 0;
    int r;

    if (!json_int64(in, "now_ms", 0, INT64_MAX, &now_ms) ||
        !creds_make(json_string(in, "access_key"), json_string(in, "secret_key"), json_string(in, "token"), 0,
                    &creds, NULL)) {
        return -ERROR_SYNTAX;
    }
    r = msk_iam_token(&creds, json_string(in, "region"), "userstream/test", now_ms, out, &expires_ms);
    creds_done(&creds);
    return r;
}

static int answer(const cJSON *in, struct buf *out)
{
    struct sigv4_header headers[SIGV4_HEADER_CAP];
    struct sigv4_request request = request_of(in, headers);
    struct sigv4_identity identity = {.access_key = member(in, "access_key"),
                                      .secret_key = member(in, "secret_key"),
                                      .session_token = member(in, "token"),
                                      .region = member(in, "region"),
                                      .service = member(in, "service")};
    struct str op = member(in, "op");
    long long expires_s = 0;

    json_int64(in, "expires", 1, 604800, &expires_s);
    if (str_eq(op, STR("sign"))) {
        return sigv4_authorization(&request, &identity, member(in, "date").ptr, out);
    }
    if (str_eq(op, STR("presign"))) {
        return sigv4_presign_query(&request, &identity, member(in, "date").ptr, expires_s, out);
    }
    if (str_eq(op, STR("msk"))) {
        return msk(in, out);
    }
    if (str_eq(op, STR("endpoint"))) {
        return aws_endpoint_default(json_string(in, "service"), json_string(in, "region"),
                                    json_bool(in, "fips", false), json_bool(in, "dualstack", false), out);
    }
    return str_eq(op, STR("verify")) ? verify(in, &request, out) : -ERROR_SYNTAX;
}

static void answer_line(const char *line, size_t len)
{
    struct error err = {0};
    cJSON *in = json_parse(line, len, &err);
    struct buf out;
    struct buf json;
    int r;

    buf_init(&out, OUT_CAP);
    buf_init(&json, 2 * OUT_CAP);
    r = in ? answer(in, &out) : -(int)err.code;
    if (r < 0) {
        buf_addf(&json, "{\"error\":%d}", -r);
    } else {
        buf_add_str(&json, "{\"result\":");
        buf_add_json_string(&json, out.data, out.len);
        buf_add_char(&json, '}');
    }
    puts(json.data);
    buf_done(&out);
    buf_done(&json);
    cJSON_Delete(in);
}

int main(void)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t len;

    while ((len = getline(&line, &size, stdin)) > 0) {
        answer_line(line, (size_t)len);
    }
    free(line);
    return 0;
}
