/* SPDX-License-Identifier: Apache-2.0 */
/* What went wrong with a transfer. */
#include "lib/http_transfer.h"

/* True if bytes of the request may have left. */
bool http_transfer_was_sent(const struct http_transfer *transfer)
{
    long bytes = 0;

    return transfer->tries > 0 &&
           curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &bytes) == CURLE_OK && bytes > 0;
}

static void timed_out(const struct http_transfer *transfer, struct error *err)
{
    if (transfer->tries == 0) {
        error_set(err, ERROR_TIMEOUT, true, "%s: no connection in time: %s", transfer->place,
                  transfer->reason);
    } else {
        error_set(err, ERROR_TIMEOUT, true, "%s: no whole answer within %lld ms", transfer->place,
                  (long long)transfer->timeout_ms);
    }
}

static void too_long(const struct http_transfer *transfer, struct error *err)
{
    if (transfer->headers_too_long) {
        error_set(err, ERROR_LIMIT, false, "%s: the answer's headers are longer than %d bytes",
                  transfer->place, HTTP_RESPONSE_HEADER_CAP);
    } else if (transfer->body_too_long) {
        error_set(err, ERROR_LIMIT, false, "%s: the answer is longer than %zu bytes", transfer->place,
                  transfer->body.cap);
    } else {
        error_set(err, ERROR_MEMORY, true, "%s: no memory for the answer", transfer->place);
    }
}

void http_transfer_describe(const struct http_transfer *transfer, CURLcode code, struct error *err)
{
    const char *place = transfer->place;
    const char *reason = transfer->reason[0] ? transfer->reason : curl_easy_strerror(code);

    switch (code) {
    case CURLE_OK:
        *err = (struct error){0};
        break;
    case CURLE_OPERATION_TIMEDOUT:
        timed_out(transfer, err);
        break;
    case CURLE_WRITE_ERROR:
        too_long(transfer, err);
        break;
    case CURLE_ABORTED_BY_CALLBACK:
        error_set(err, ERROR_NETWORK, true, "%s: the server closed the connection without an answer", place);
        break;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        error_set(err, ERROR_CONFIG, false, "%s: %s", place, reason);
        break;
    case CURLE_SSL_CACERT_BADFILE:
        error_set(err, ERROR_CONFIG, false, "%s: certificate authorities cannot be read: %s", place, reason);
        break;
    case CURLE_PEER_FAILED_VERIFICATION:
        error_set(err, ERROR_NETWORK, false, "%s: the server's certificate is not trusted: %s", place,
                  reason);
        break;
    case CURLE_OUT_OF_MEMORY:
        error_set(err, ERROR_MEMORY, true, "%s: %s", place, reason);
        break;
    default:
        error_set(err, ERROR_NETWORK, true, "%s: %s", place, reason);
        break;
    }
}

enum http_failure http_transfer_failure(CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return HTTP_FAILURE_NONE;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return HTTP_FAILURE_DNS;
    case CURLE_COULDNT_CONNECT:
        return HTTP_FAILURE_CONNECT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return HTTP_FAILURE_TLS;
    case CURLE_OPERATION_TIMEDOUT:
        return HTTP_FAILURE_TIMEOUT;
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_ABORTED_BY_CALLBACK:
        return HTTP_FAILURE_BROKEN;
    case CURLE_PARTIAL_FILE:
        return HTTP_FAILURE_CUT_SHORT;
    case CURLE_WRITE_ERROR:
        return HTTP_FAILURE_TOO_LONG;
    default:
        return HTTP_FAILURE_OTHER;
    }
}
