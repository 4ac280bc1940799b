/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/msk_iam.h"

#include <stdio.h>

#include "lib/aws_endpoint.h"
#include "lib/base64.h"
#include "lib/error.h"
#include "lib/sigv4.h"
#include "lib/url.h"

#define EMPTY_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* RFC 4648 section 5, without padding. */
static void add_base64url(struct buf *out, struct str text)
{
    size_t size = base64_encoded_size(text.len);
    char *encoded = buf_reserve(out, size);
    size_t len = 0;

    if (!encoded) {
        return;
    }
    base64_encode(text.ptr, text.len, encoded);
    for (; len < size && encoded[len] != '='; len++) {
        encoded[len] = encoded[len] == '+' ? '-' : encoded[len] == '/' ? '_' : encoded[len];
    }
    buf_commit(out, len);
}

/* The name is the same in all partitions: it is not asked, only signed. */
static int presign(const struct creds *creds, const char *region, const char *user_agent, const char *date,
                   struct buf *out)
{
    char host[128];
    struct sigv4_header header = {STR("host"), {host, 0}};
    struct sigv4_request request = {.method = STR("GET"),
                                    .path = STR("/"),
                                    .query = STR("Action=kafka-cluster%3AConnect"),
                                    .headers = &header,
                                    .header_count = 1,
                                    .payload_hash = STR(EMPTY_HASH)};
    struct sigv4_identity identity = {.access_key = str_of(creds->access_key),
                                      .secret_key = str_of(creds->secret_key),
                                      .session_token = str_of(creds->session_token),
                                      .region = str_of(region),
                                      .service = STR("kafka-cluster")};
    int r;

    snprintf(host, sizeof(host), "kafka.%s.amazonaws.com", region);
    header.value = str_of(host);
    buf_addf(out, "https://%s/?", host);
    r = sigv4_presign_query(&request, &identity, date, MSK_IAM_LIFE_S, out);
    if (r < 0) {
        return r;
    }
    buf_add_str(out, "&User-Agent=");
    url_encode(out, str_of(user_agent), false);
    return buf_error(out);
}

int msk_iam_token(const struct creds *creds, const char *region, const char *user_agent, int64_t now_wall_ms,
                  struct buf *out, int64_t *ret_expires_ms)
{
    int64_t expires_ms = now_wall_ms / 1000 * 1000 + MSK_IAM_LIFE_S * 1000LL;
    char date[SIGV4_DATE_SIZE];
    struct buf url;
    int r;

    if (!aws_region_is_valid(region)) {
        return -ERROR_CONFIG;
    }
    sigv4_date(now_wall_ms, date);
    buf_init(&url, MSK_IAM_TOKEN_CAP);
    r = presign(creds, region, user_agent, date, &url);
    if (r == 0) {
        add_base64url(out, buf_str(&url));
        r = buf_error(out);
    }
    if (r == 0) {
        *ret_expires_ms =
            creds->expires_ms != 0 && creds->expires_ms < expires_ms ? creds->expires_ms : expires_ms;
    }
    buf_done_secret(&url);
    return r;
}
