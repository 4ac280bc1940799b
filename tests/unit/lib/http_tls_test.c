/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which certificates the client takes. A TLS server in this thread answers every request; its certificate is
 * made for each case and signs itself, so that it is its own authority.
 */
#include "lib/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "lib/clock.h"

enum { DEADLINE_MS = 20000 };

struct world {
    SSL_CTX *tls;
    SSL *session;
    int listen_fd;
    int fd;
    uint16_t port;
    unsigned handshakes;
    unsigned resumed;
    bool close_after_answer;
    char ca_path[64];
    struct http_client *client;
    int done;
    int status;
    bool sent;
    struct error error;
};

static X509 *make_certificate(EVP_PKEY *key, const char *alt_name, long from_s, long until_s)
{
    X509 *cert = X509_new();
    X509_NAME *name = X509_get_subject_name(cert);
    X509_EXTENSION *alt = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, alt_name);
    X509_EXTENSION *ca = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "critical,CA:TRUE");

    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), from_s);
    X509_gmtime_adj(X509_getm_notAfter(cert), until_s);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"http-test", -1, -1, 0);
    X509_set_issuer_name(cert, name);
    X509_set_pubkey(cert, key);
    X509_add_ext(cert, alt, -1);
    X509_add_ext(cert, ca, -1);
    X509_EXTENSION_free(alt);
    X509_EXTENSION_free(ca);
    assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
    return cert;
}

static void serve_certificate(struct world *w, const char *alt_name, long from_s, long until_s)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = make_certificate(key, alt_name, from_s, until_s);
    int fd = mkstemp(w->ca_path);
    FILE *file = fdopen(fd, "w");

    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, cert), 1);
    fclose(file);
    w->tls = SSL_CTX_new(TLS_server_method());
    assert_int_equal(SSL_CTX_use_certificate(w->tls, cert), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(w->tls, key), 1);
    SSL_CTX_set_session_id_context(w->tls, (const unsigned char *)"t", 1);
    X509_free(cert);
    EVP_PKEY_free(key);
}

static int set_up(void **state)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(name);
    struct world *w = calloc(1, sizeof(*w));

    snprintf(w->ca_path, sizeof(w->ca_path), "/tmp/http-tls-test-XXXXXX");
    w->fd = -1;
    w->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    *state = w;
    if (bind(w->listen_fd, (struct sockaddr *)&name, len) < 0 || listen(w->listen_fd, 8) < 0 ||
        getsockname(w->listen_fd, (struct sockaddr *)&name, &len) < 0) {
        return -1;
    }
    w->port = ntohs(name.sin_port);
    return 0;
}

static void hang_up(struct world *w)
{
    SSL_free(w->session);
    w->session = NULL;
    if (w->fd >= 0) {
        close(w->fd);
    }
    w->fd = -1;
}

static int tear_down(void **state)
{
    struct world *w = *state;

    http_client_free(w->client);
    hang_up(w);
    SSL_CTX_free(w->tls);
    close(w->listen_fd);
    unlink(w->ca_path);
    free(w);
    return 0;
}

static void accept_one(struct world *w)
{
    w->fd = accept4(w->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (w->fd >= 0) {
        w->session = SSL_new(w->tls);
        SSL_set_fd(w->session, w->fd);
        SSL_set_accept_state(w->session);
    }
}

static void serve(struct world *w)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    bool before = w->session && SSL_is_init_finished(w->session);
    char text[4096];
    int got;

    if (!w->session) {
        accept_one(w);
        return;
    }
    ERR_clear_error();
    got = SSL_read(w->session, text, sizeof(text));
    if (!before && SSL_is_init_finished(w->session)) {
        w->handshakes++;
        w->resumed += SSL_session_reused(w->session) == 1;
    }
    if (got > 0) {
        assert_int_equal(SSL_write(w->session, answer, sizeof(answer) - 1), sizeof(answer) - 1);
        if (w->close_after_answer) {
            SSL_shutdown(w->session);
            hang_up(w);
        }
    } else if (SSL_get_error(w->session, got) != SSL_ERROR_WANT_READ) {
        hang_up(w);
    }
}

static void on_done(void *ctx, const struct http_response *response)
{
    struct world *w = ctx;

    w->done++;
    w->status = response->status;
    w->sent = response->sent;
    w->error = response->error;
}

static void exchange(struct world *w, const char *host)
{
    char url[128];
    struct http_request request = {
        .method = "POST", .url = url, .timeout_ms = DEADLINE_MS, .response_cap = 100, .no_proxy = true};
    int64_t deadline = clock_monotonic_ms() + DEADLINE_MS;
    int goal = w->done + 1;

    snprintf(url, sizeof(url), "https://%s:%u/?secret=1", host, w->port);
    assert_non_null(http_start(w->client, &request, on_done, w, NULL));
    while (w->done < goal) {
        struct pollfd fd = {.fd = w->session ? w->fd : w->listen_fd, .events = POLLIN};
        assert_true(clock_monotonic_ms() < deadline);
        http_poll(w->client, &fd, 1, 1000);
        if (fd.revents) {
            serve(w);
        }
    }
}

static void use_client(struct world *w, const char *ca_bundle)
{
    struct http_options options = {.user_agent = "http-tls-test", .ca_bundle = ca_bundle};

    w->client = http_client_new(&options, NULL);
    assert_non_null(w->client);
}

static void assert_refused(const struct world *w, const char *reason)
{
    assert_int_equal(w->error.code, ERROR_NETWORK);
    assert_false(w->error.retriable);
    assert_false(w->sent);
    assert_int_equal(w->status, 0);
    if (!strstr(w->error.message, reason) || !strstr(w->error.message, "not trusted")) {
        fail_msg("\"%s\" is not in \"%s\"", reason, w->error.message);
    }
    assert_null(strstr(w->error.message, "secret"));
}

static void test_own_authority_is_trusted(void **state)
{
    struct world *w = *state;

    serve_certificate(w, "IP:127.0.0.1", -3600, 3600);
    use_client(w, w->ca_path);
    exchange(w, "127.0.0.1");
    if (w->error.code != ERROR_NONE) {
        fail_msg("%s", w->error.message);
    }
    assert_int_equal(w->status, 200);
    assert_true(w->sent);
}

static void test_unknown_authority_is_refused(void **state)
{
    struct world *w = *state;

    serve_certificate(w, "IP:127.0.0.1", -3600, 3600);
    use_client(w, NULL);
    exchange(w, "127.0.0.1");
    assert_refused(w, "self");
}

static void test_other_host_is_refused(void **state)
{
    struct world *w = *state;

    serve_certificate(w, "DNS:example.org", -3600, 3600);
    use_client(w, w->ca_path);
    exchange(w, "127.0.0.1");
    assert_refused(w, "127.0.0.1");
}

static void test_expired_is_refused(void **state)
{
    struct world *w = *state;

    serve_certificate(w, "IP:127.0.0.1", -7200, -3600);
    use_client(w, w->ca_path);
    exchange(w, "127.0.0.1");
    assert_refused(w, "expired");
}

static void test_not_yet_valid_is_refused(void **state)
{
    struct world *w = *state;

    serve_certificate(w, "IP:127.0.0.1", 3600, 7200);
    use_client(w, w->ca_path);
    exchange(w, "127.0.0.1");
    assert_refused(w, "not yet valid");
}

static void test_old_tls_is_refused(void **state)
{
    struct world *w = *state;

    serve_certificate(w, "IP:127.0.0.1", -3600, 3600);
    SSL_CTX_set_security_level(w->tls, 0);
    SSL_CTX_set_min_proto_version(w->tls, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(w->tls, TLS1_1_VERSION);
    use_client(w, w->ca_path);
    exchange(w, "127.0.0.1");
    assert_int_equal(w->error.code, ERROR_NETWORK);
    assert_false(w->sent);
}

static void test_connections_and_sessions_are_used_again(void **state)
{
    struct world *w = *state;

    serve_certificate(w, "IP:127.0.0.1", -3600, 3600);
    use_client(w, w->ca_path);
    for (int i = 0; i < 5; i++) {
        exchange(w, "127.0.0.1");
        assert_int_equal(w->status, 200);
    }
    assert_int_equal(w->handshakes, 1);
    w->close_after_answer = true;
    for (int i = 0; i < 3; i++) {
        exchange(w, "127.0.0.1");
        assert_int_equal(w->status, 200);
    }
    assert_int_equal(w->handshakes, 3);
    assert_int_equal(w->resumed, 2);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_own_authority_is_trusted),
        CASE(test_unknown_authority_is_refused),
        CASE(test_other_host_is_refused),
        CASE(test_expired_is_refused),
        CASE(test_not_yet_valid_is_refused),
        CASE(test_old_tls_is_refused),
        CASE(test_connections_and_sessions_are_used_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
