/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/http_transfer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/str.h"
#include "lib/url.h"

enum {
    CONNECTION_AGE_S = 55,      /* an idle one older than this is not used again: servers close at 60 */
    RECEIVE_BUFFER = 128 * 1024 /* one per transfer under way */
};

/* --- what curl calls --------------------------------------------------------------------------------- */

static size_t on_body(char *data, size_t size, size_t count, void *ctx)
{
    struct http_transfer *transfer = ctx;
    size_t len = size * count;

    buf_add(&transfer->body, data, len);
    if (buf_error(&transfer->body)) {
        transfer->body_too_long = buf_error(&transfer->body) == -ERROR_LIMIT;
        return len > 0 ? 0 : 1;
    }
    return len;
}

static size_t on_header(char *data, size_t size, size_t count, void *ctx)
{
    struct http_transfer *transfer = ctx;
    size_t len = size * count;
    struct str line = {data, len};

    while (line.len > 0 && (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r')) {
        line.len--;
    }
    if (str_starts_with(line, STR("HTTP/"))) {
        buf_reset(&transfer->headers); /* those before were of an interim answer (1xx) */
    } else if (line.len > 0) {
        buf_add(&transfer->headers, line.ptr, line.len);
        buf_add_char(&transfer->headers, '\n');
    }
    if (buf_error(&transfer->headers)) {
        transfer->headers_too_long = true;
        return 0;
    }
    return len;
}

static curl_socket_t on_open(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct http_settings *settings = ctx;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

    (void)purpose;
    if (fd < 0) {
        return CURL_SOCKET_BAD;
    }
    http_sockets_add(&settings->sockets, fd);
    return fd;
}

static int on_close(void *ctx, curl_socket_t fd)
{
    struct http_settings *settings = ctx;

    http_sockets_remove(&settings->sockets, fd);
    return close(fd);
}

/*
 * Called when a connection stands and the request is about to be sent. curl sends a request again by itself
 * when a kept-alive connection closes before the answer's first byte; the server may have acted on it all
 * the same, so what is not repeatable is given up instead, for the caller to decide on.
 */
static int on_ready_to_send(void *ctx, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
    struct http_transfer *transfer = ctx;

    (void)remote_ip;
    (void)local_ip;
    (void)remote_port;
    if (http_sockets_is_stale(&transfer->settings->sockets, local_port)) {
        transfer->stale = true;
        return CURL_PREREQFUNC_ABORT;
    }
    transfer->tries++;
    return transfer->tries > 1 && !transfer->repeatable ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* --- the handle -------------------------------------------------------------------------------------- */

#define SET(option, value) ok = ok && curl_easy_setopt(easy, option, value) == CURLE_OK

/* What is the same for all requests of a client. */
static bool set_common(struct http_transfer *transfer)
{
    struct http_settings *settings = transfer->settings;
    CURL *easy = transfer->easy;
    bool ok = true;

    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_USERAGENT, settings->user_agent);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)settings->connect_timeout_ms);
    SET(CURLOPT_TCP_NODELAY, 1L);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_TCP_KEEPIDLE, 30L);
    SET(CURLOPT_TCP_KEEPINTVL, 15L);
    SET(CURLOPT_MAXAGE_CONN, (long)CONNECTION_AGE_S);
    SET(CURLOPT_BUFFERSIZE, (long)RECEIVE_BUFFER);
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_ERRORBUFFER, transfer->reason);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, transfer);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, transfer);
    SET(CURLOPT_PREREQFUNCTION, on_ready_to_send);
    SET(CURLOPT_PREREQDATA, transfer);
    SET(CURLOPT_OPENSOCKETFUNCTION, on_open);
    SET(CURLOPT_OPENSOCKETDATA, settings);
    SET(CURLOPT_CLOSESOCKETFUNCTION, on_close);
    SET(CURLOPT_CLOSESOCKETDATA, settings);
    SET(CURLOPT_PRIVATE, transfer);
    if (settings->ca_bundle) {
        SET(CURLOPT_CAINFO, settings->ca_bundle);
    }
    return ok;
}

void http_transfer_free(struct http_transfer *transfer)
{
    if (!transfer) {
        return;
    }
    curl_easy_cleanup(transfer->easy);
    buf_done(&transfer->body);
    buf_done(&transfer->headers);
    buf_done_secret(&transfer->lines);
    free(transfer);
}

struct http_transfer *http_transfer_new(struct http_client *client, struct http_settings *settings)
{
    struct http_transfer *transfer = calloc(1, sizeof(*transfer));

    if (!transfer) {
        return NULL;
    }
    transfer->client = client;
    transfer->settings = settings;
    buf_init(&transfer->body, 0);
    buf_init(&transfer->headers, HTTP_RESPONSE_HEADER_CAP);
    buf_init(&transfer->lines, HTTP_REQUEST_HEADER_CAP);
    transfer->easy = curl_easy_init();
    if (!transfer->easy || !set_common(transfer)) {
        http_transfer_free(transfer);
        return NULL;
    }
    return transfer;
}

/* --- one request ------------------------------------------------------------------------------------- */

static bool header_is_clean(const struct http_header *header)
{
    return header->name[0] != '\0' && !strpbrk(header->name, "\r\n: ;") && !strpbrk(header->value, "\r\n");
}

static void add_line(struct http_transfer *transfer, const char *name, const char *value)
{
    struct buf *lines = &transfer->lines;

    /* curl's notation: "name;" sends an empty header, "name:" suppresses its own. */
    if (!value) {
        buf_addf(lines, "%s:", name);
    } else {
        buf_addf(lines, value[0] == '\0' ? "%s;" : "%s: %s", name, value);
    }
    buf_add_char(lines, '\0');
}

/* The nodes point into `lines`, so they are made when that has stopped growing. */
static void link_nodes(struct http_transfer *transfer)
{
    char *line = transfer->lines.data;
    char *end = line + transfer->lines.len;
    size_t i = 0;

    while (line < end) {
        transfer->nodes[i].data = line;
        line += strlen(line) + 1;
        transfer->nodes[i].next = line < end ? &transfer->nodes[i + 1] : NULL;
        i++;
    }
}

static int set_headers(struct http_transfer *transfer, const struct http_request *request, struct error *err)
{
    bool has_type = false;

    buf_reset(&transfer->lines);
    if (request->header_count > HTTP_REQUEST_HEADERS) {
        return error_set(err, ERROR_LIMIT, false, "%s: more than %d request headers", transfer->place,
                         HTTP_REQUEST_HEADERS);
    }
    for (size_t i = 0; i < request->header_count; i++) {
        const struct http_header *header = &request->headers[i];
        if (!header_is_clean(header)) {
            return error_set(err, ERROR_SYNTAX, false, "%s: request header %zu is malformed", transfer->place,
                             i + 1);
        }
        has_type = has_type || strcasecmp(header->name, "Content-Type") == 0;
        add_line(transfer, header->name, header->value);
    }
    add_line(transfer, "Expect", NULL);
    if (!has_type) {
        add_line(transfer, "Content-Type", NULL);
    }
    if (buf_error(&transfer->lines)) {
        return error_set(err, (enum error_code) - buf_error(&transfer->lines), false,
                         "%s: request headers longer than %d bytes", transfer->place,
                         HTTP_REQUEST_HEADER_CAP);
    }
    link_nodes(transfer);
    if (curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->nodes) != CURLE_OK) {
        return error_set(err, ERROR_MEMORY, true, "%s: no memory for the request", transfer->place);
    }
    return 0;
}

static bool set_method(struct http_transfer *transfer, const struct http_request *request)
{
    CURL *easy = transfer->easy;
    const char *method = request->method;
    bool get = strcmp(method, "GET") == 0;
    bool head = strcmp(method, "HEAD") == 0;
    bool post = strcmp(method, "POST") == 0;
    bool body = request->body || post || strcmp(method, "PUT") == 0;
    bool ok = true;

    transfer->repeatable = get || head || strcmp(method, "PUT") == 0 || strcmp(method, "DELETE") == 0;
    SET(CURLOPT_POSTFIELDS, NULL); /* forget what the last request set */
    SET(CURLOPT_HTTPGET, 1L);
    if (body) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
        SET(CURLOPT_POSTFIELDS, request->body ? request->body : "");
    } else if (head) {
        SET(CURLOPT_NOBODY, 1L);
    }
    SET(CURLOPT_CUSTOMREQUEST, (get && !body) || head || post ? NULL : method);
    return ok;
}

/* Who the messages name: never user, path or query. */
static bool note_place(struct http_transfer *transfer, const char *url)
{
    struct url parts;
    struct str place;
    size_t len;

    if (!url_split(str_of(url), &parts)) {
        return false;
    }
    place = parts.authority;
    len = place.len < sizeof(transfer->place) ? place.len : sizeof(transfer->place) - 1;
    memcpy(transfer->place, place.ptr, len);
    transfer->place[len] = '\0';
    return true;
}

int http_transfer_prepare(struct http_transfer *transfer, const struct http_request *request,
                          struct error *err)
{
    CURL *easy = transfer->easy;
    bool ok = true;
    int rc;

    if (!note_place(transfer, request->url)) {
        return error_set(err, ERROR_CONFIG, false, "not an http or https URL");
    }
    rc = set_headers(transfer, request, err);
    if (rc < 0) {
        return rc;
    }
    SET(CURLOPT_URL, request->url);
    SET(CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    SET(CURLOPT_NOPROXY, request->no_proxy ? "*" : NULL);
    if (!ok || !set_method(transfer, request)) {
        return error_set(err, ERROR_MEMORY, true, "%s: no memory for the request", transfer->place);
    }
    buf_reset(&transfer->body);
    buf_reset(&transfer->headers);
    transfer->body.cap = request->response_cap;
    transfer->tries = transfer->restarts = 0;
    transfer->stale = false;
    transfer->body_too_long = transfer->headers_too_long = false;
    transfer->timeout_ms = request->timeout_ms;
    transfer->reason[0] = '\0';
    return 0;
}
