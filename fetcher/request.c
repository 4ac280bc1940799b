/* SPDX-License-Identifier: Apache-2.0 */
#include "fetcher/request.h"

#include <inttypes.h>

#include "lib/error.h"
#include "lib/url.h"

/* Takes the next `name=value` off a query. False at its end. */
static bool next_parameter(struct str *query, struct str *ret_whole, struct str *ret_name)
{
    size_t end = 0;
    size_t name = 0;

    if (query->len == 0) {
        return false;
    }
    while (end < query->len && query->ptr[end] != '&') {
        end++;
    }
    while (name < end && query->ptr[name] != '=') {
        name++;
    }
    *ret_whole = (struct str){query->ptr, end};
    *ret_name = (struct str){query->ptr, name};
    end += end < query->len;
    query->ptr += end;
    query->len -= end;
    return true;
}

static bool is_own(struct str name)
{
    return str_eq(name, STR("results")) || str_eq(name, STR("seed")) || str_eq(name, STR("page")) ||
           str_eq(name, STR("exc"));
}

static void add_kept(struct buf *out, struct str query)
{
    struct str whole;
    struct str name;

    while (next_parameter(&query, &whole, &name)) {
        if (whole.len > 0 && !is_own(name)) {
            buf_add(out, whole.ptr, whole.len);
            buf_add_char(out, '&');
        }
    }
}

int request_url(struct str base, const struct position *position, int64_t results, struct buf *out)
{
    struct url url;
    struct str excluded = {NULL, 0};

    if (!url_split(base, &url)) {
        return -ERROR_SYNTAX;
    }
    buf_add(out, url.scheme.ptr, url.scheme.len);
    buf_add_str(out, "://");
    buf_add(out, url.authority.ptr, url.authority.len);
    buf_add(out, url.path.len > 0 ? url.path.ptr : "/", url.path.len > 0 ? url.path.len : 1);
    buf_add_char(out, '?');
    add_kept(out, url.query);
    buf_add_str(out, "exc=login");
    if (url_query_find(url.query, STR("exc"), &excluded) && excluded.len > 0) {
        buf_add_char(out, ',');
        buf_add(out, excluded.ptr, excluded.len);
    }
    buf_addf(out, "&results=%" PRId64 "&seed=", results);
    url_encode(out, str_of(position->seed), false);
    buf_addf(out, "&page=%" PRIu32, position->page);
    return buf_error(out);
}

struct str request_source(struct str base)
{
    struct url url;

    return url_split(base, &url) ? url.authority : STR("");
}
