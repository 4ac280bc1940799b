/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Kinesis that takes everything, for benchmarks: PutRecords and DescribeStreamSummary over TLS or plain
 * HTTP/1.1, one thread a connection, doing as little as a server can. It prints one line a second at most:
 *
 *   sink PORT [CERTIFICATE KEY]          listens on 127.0.0.1:PORT (0: any), prints "port N"
 *   a line on standard input             prints "records N requests N bytes N connections N seconds S", where
 *                                        S is the time from the first to the last request, and starts over,
 * but not after a line that begins with "?"
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/str.h"

enum { RECORDS_MAX = 500, HEAD_MAX = 16384, BODY_MAX = 16 * 1024 * 1024 };

static const char result[] =
    "{\"SequenceNumber\":\"49657700000000000000000000000000000000000000000000000002\","
    "\"ShardId\":\"shardId-000000000000\"}";
static const char mark[] = "\"PartitionKey\":";
static const char summary[] =
    "{\"StreamDescriptionSummary\":{\"StreamName\":\"bench\",\"MaxRecordSizeInKiB\":1024}}";

static atomic_ulong records, requests, bytes, connections;
static atomic_long first_us, last_us;
static char *answers; /* RECORDS_MAX results joined by commas */

struct peer {
    int fd;
    SSL *ssl;
};

static ssize_t peer_read(const struct peer *peer, char *to, size_t size)
{
    return peer->ssl ? SSL_read(peer->ssl, to, (int)size) : read(peer->fd, to, size);
}

static bool peer_write(const struct peer *peer, const char *from, size_t len)
{
    while (len > 0) {
        ssize_t written = peer->ssl ? SSL_write(peer->ssl, from, (int)len) : write(peer->fd, from, len);
        if (written <= 0) {
            return false;
        }
        from += written;
        len -= (size_t)written;
    }
    return true;
}

/* Data is base64 and keys have their quotes escaped, so the mark stands once per record. */
static size_t count_records(const char *body, size_t len)
{
    const char *end = body + len;
    size_t count = 0;

    while ((body = memmem(body, (size_t)(end - body), mark, sizeof(mark) - 1)) != NULL) {
        body += sizeof(mark) - 1;
        count++;
    }
    return count;
}

static bool reply(const struct peer *peer, const char *body, size_t count)
{
    static const char tail[] = "]}";
    char head[512];
    size_t results_len = count ? count * sizeof(result) - 1 : 0;
    const char *prefix = "{\"FailedRecordCount\":0,\"Records\":[";
    size_t body_len = body ? strlen(body) : strlen(prefix) + results_len + sizeof(tail) - 1;
    int len = snprintf(
        head, sizeof(head),
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: %zu\r\n\r\n%s",
        body_len, body ? body : prefix);

    return peer_write(peer, head, (size_t)len) &&
           (body || (peer_write(peer, answers, results_len) && peer_write(peer, tail, sizeof(tail) - 1)));
}

static void account(size_t count, size_t len)
{
    long now = (long)clock_monotonic_us();
    long none = 0;

    atomic_compare_exchange_strong(&first_us, &none, now);
    atomic_store(&last_us, now);
    atomic_fetch_add(&records, count);
    atomic_fetch_add(&requests, 1);
    atomic_fetch_add(&bytes, len);
}

/* Length of the body that the head announces. */
static size_t content_length(const char *head)
{
    const char *found = strcasestr(head, "\r\nContent-Length:");
    long long value = 0;
    const char *end;

    if (!found) {
        return 0;
    }
    found += strlen("\r\nContent-Length:");
    found += strspn(found, " ");
    end = found + strspn(found, "0123456789");
    return str_to_int64((struct str){found, (size_t)(end - found)}, 0, BODY_MAX, &value) ? (size_t)value : 0;
}

/* Serves one request whose first bytes may be in `buffer`. Returns the bytes of the next one, or -1. */
static ssize_t serve_one(const struct peer *peer, char *buffer, size_t have)
{
    char *end;
    size_t head_len;
    size_t total;
    bool put;

    while (!(end = memmem(buffer, have, "\r\n\r\n", 4))) {
        ssize_t got = have < HEAD_MAX ? peer_read(peer, buffer + have, HEAD_MAX - have) : 0;
        if (got <= 0) {
            return -1;
        }
        have += (size_t)got;
    }
    *end = '\0';
    head_len = (size_t)(end - buffer) + 4;
    put = strcasestr(buffer, "PutRecords") != NULL;
    total = head_len + content_length(buffer);
    while (have < total) {
        ssize_t got = peer_read(peer, buffer + have, total - have);
        if (got <= 0) {
            return -1;
        }
        have += (size_t)got;
    }
    if (put) {
        size_t count = count_records(buffer + head_len, total - head_len);
        account(count, total - head_len);
        if (!reply(peer, NULL, count < RECORDS_MAX ? count : RECORDS_MAX)) {
            return -1;
        }
    } else if (!reply(peer, summary, 0)) {
        return -1;
    }
    memmove(buffer, buffer + total, have - total);
    return (ssize_t)(have - total);
}

static void *serve(void *argument)
{
    struct peer *peer = argument;
    char *buffer = malloc(HEAD_MAX + BODY_MAX);
    ssize_t have = 0;

    atomic_fetch_add(&connections, 1);
    if (buffer && (!peer->ssl || SSL_accept(peer->ssl) == 1)) {
        while ((have = serve_one(peer, buffer, (size_t)have)) >= 0) {
            continue;
        }
    }
    SSL_free(peer->ssl);
    close(peer->fd);
    free(buffer);
    free(peer);
    return NULL;
}

static int listen_on(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) < 0 || listen(fd, 64) < 0) {
        perror("sink");
        exit(1);
    }
    getsockname(fd, (struct sockaddr *)&address, &len);
    printf("port %d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

static SSL_CTX *tls(const char *certificate, const char *key)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

    if (!ctx || SSL_CTX_use_certificate_file(ctx, certificate, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1) {
        fprintf(stderr, "sink: cannot use %s and %s\n", certificate, key);
        exit(1);
    }
    return ctx;
}

/* Between two senders: nobody sends meanwhile. */
static void start_over(void)
{
    atomic_store(&records, 0);
    atomic_store(&requests, 0);
    atomic_store(&bytes, 0);
    atomic_store(&connections, 0);
    atomic_store(&first_us, 0);
    atomic_store(&last_us, 0);
}

static void *report(void *argument)
{
    char line[16];

    (void)argument;
    while (fgets(line, sizeof(line), stdin)) {
        printf("records %lu requests %lu bytes %lu connections %lu seconds %.6f\n", atomic_load(&records),
               atomic_load(&requests), atomic_load(&bytes), atomic_load(&connections),
               (double)(atomic_load(&last_us) - atomic_load(&first_us)) / 1e6);
        fflush(stdout);
        if (line[0] != '?') {
            start_over();
        }
    }
    exit(0);
}

static void prepare_answers(void)
{
    answers = malloc(RECORDS_MAX * sizeof(result));
    if (!answers) {
        exit(1);
    }
    for (size_t i = 0; i < RECORDS_MAX; i++) {
        memcpy(answers + i * sizeof(result), result, sizeof(result) - 1);
        answers[(i + 1) * sizeof(result) - 1] = ',';
    }
}

int main(int argc, char **argv)
{
    SSL_CTX *ctx = argc > 3 ? tls(argv[2], argv[3]) : NULL;
    long long port = 0;
    pthread_t thread;
    int listener;

    if (argc < 2 || !str_to_int64(str_of(argv[1]), 0, 65535, &port)) {
        fprintf(stderr, "usage: sink PORT [CERTIFICATE KEY]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    prepare_answers();
    listener = listen_on((uint16_t)port);
    pthread_create(&thread, NULL, report, NULL);
    for (;;) {
        struct peer *peer = calloc(1, sizeof(*peer));
        int one = 1;

        peer->fd = accept(listener, NULL, NULL);
        if (peer->fd < 0) {
            free(peer);
            continue;
        }
        setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        if (ctx) {
            peer->ssl = SSL_new(ctx);
            SSL_set_fd(peer->ssl, peer->fd);
        }
        pthread_create(&thread, NULL, serve, peer);
        pthread_detach(thread);
    }
}
