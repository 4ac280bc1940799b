/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/dlq.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/kafka_producer.h"
#include "lib/log.h"
#include "lib/random.h"
#include "lib/retry.h"

enum { DLQ_QUEUE_BYTES = 16777216 };

static const struct retry_policy resend = {.base_ms = 500, .cap_ms = 30000};

enum { OWN_HEADERS = 6, NUMBER_SIZE = 24 };

struct letter {
    struct dlq *dlq;
    struct letter *next;
    struct dlq_letter letter; /* what it points to lies behind the struct */
    int64_t due_ms;           /* when to send again; 0: it is on its way */
    unsigned attempts;
    size_t size;
    char message[256];
    char partition[NUMBER_SIZE];
    char offset[NUMBER_SIZE];
    char timestamp[NUMBER_SIZE];
    struct kafka_header headers[]; /* the record's and OWN_HEADERS, and the bytes of all */
};

struct dlq {
    struct dlq_options options;
    struct kafka_producer *producer;
    struct letter *letters;
    size_t count;
    size_t bytes;
};

struct dlq *dlq_new(const struct dlq_options *options, struct error *err)
{
    struct dlq *dlq = calloc(1, sizeof(*dlq));

    if (!dlq) {
        error_set(err, ERROR_MEMORY, false, "out of memory");
        return NULL;
    }
    dlq->options = *options;
    return dlq;
}

void dlq_free(struct dlq *dlq)
{
    if (!dlq) {
        return;
    }
    kafka_producer_free(dlq->producer);
    while (dlq->letters) {
        struct letter *letter = dlq->letters;
        dlq->letters = letter->next;
        free(letter);
    }
    free(dlq);
}

static void remove_letter(struct dlq *dlq, struct letter *letter)
{
    struct letter **link = &dlq->letters;

    while (*link != letter) {
        link = &(*link)->next;
    }
    *link = letter->next;
    dlq->count--;
    dlq->bytes -= letter->size;
}

static void send_again_later(struct dlq *dlq, struct letter *letter, const char *why)
{
    int64_t delay = retry_delay_ms(&resend, letter->attempts++, random_u64()) + 1;

    letter->due_ms = clock_monotonic_ms() + delay;
    LOG_ERROR("dead-letter topic did not take a record; its offset stays uncommitted, sending again",
              LOG_STR("topic", dlq->options.topic), LOG_STR("error", why),
              LOG_INT("partition", letter->letter.partition), LOG_INT("offset", letter->letter.offset),
              LOG_INT("in_ms", delay));
}

static void on_delivered(void *ctx, void *opaque, const struct error *err)
{
    struct dlq *dlq = ctx;
    struct letter *letter = opaque;

    if (err) {
        send_again_later(dlq, letter, err->message);
        return;
    }
    remove_letter(dlq, letter);
    dlq->options.confirmed(dlq->options.ctx, &letter->letter);
    free(letter);
}

static int start_producer(struct dlq *dlq, struct error *err)
{
    const struct kafka_producer_options options = {
        .environment = dlq->options.environment,
        .bootstrap_servers = dlq->options.bootstrap_servers,
        .client_id = "userstream-forwarder-dlq",
        .queue_bytes = DLQ_QUEUE_BYTES,
        .iam = dlq->options.iam,
        .delivered = on_delivered,
        .ctx = dlq,
    };

    dlq->producer = kafka_producer_new(&options, err);
    return dlq->producer ? 0 : -(int)err->code;
}

static void produce(struct dlq *dlq, struct letter *letter)
{
    struct error err;

    letter->due_ms = 0;
    if (kafka_producer_send(dlq->producer, dlq->options.topic, letter->letter.key, letter->letter.value,
                            letter->letter.headers, letter->letter.header_count, letter, &err)) {
        send_again_later(dlq, letter, err.message);
    }
}

static struct str print_number(char out[NUMBER_SIZE], int64_t number)
{
    return (struct str){out, (size_t)snprintf(out, NUMBER_SIZE, "%lld", (long long)number)};
}

/* Copies to *place and moves it behind. */
static struct str copy_bytes(char **place, struct str from)
{
    char *to = *place;

    if (from.len > 0) {
        memcpy(to, from.ptr, from.len);
        *place += from.len;
    }
    return (struct str){from.ptr ? to : NULL, from.len};
}

static size_t letter_size(const struct dlq_letter *letter)
{
    size_t size = sizeof(struct letter) + (letter->header_count + OWN_HEADERS) * sizeof(struct kafka_header) +
                  letter->key.len + letter->value.len;

    for (size_t i = 0; i < letter->header_count; i++) {
        size += strlen(letter->headers[i].name) + 1 + letter->headers[i].value.len;
    }
    return size;
}

static void copy_headers(struct letter *copy, const struct dlq_letter *from, char **place)
{
    for (size_t i = 0; i < from->header_count; i++) {
        const struct str name = {from->headers[i].name, strlen(from->headers[i].name) + 1};

        copy->headers[i].name = copy_bytes(place, name).ptr;
        copy->headers[i].value = copy_bytes(place, from->headers[i].value);
    }
}

/* Behind the record's, so that who asks for the last header of a name gets ours. */
static void add_own_headers(const struct dlq *dlq, struct letter *copy)
{
    struct dlq_letter *letter = &copy->letter;
    const struct kafka_header own[OWN_HEADERS] = {
        {"error-reason", str_of(letter->reason)},
        {"error-message", str_of(copy->message)},
        {"source-topic", str_of(dlq->options.source_topic)},
        {"source-partition", print_number(copy->partition, letter->partition)},
        {"source-offset", print_number(copy->offset, letter->offset)},
        {"source-timestamp", print_number(copy->timestamp, letter->timestamp_ms)},
    };

    memcpy(&copy->headers[letter->header_count], own, sizeof(own));
    letter->headers = copy->headers;
    letter->header_count += OWN_HEADERS;
}

static struct letter *letter_dup(const struct dlq *dlq, const struct dlq_letter *letter)
{
    size_t size = letter_size(letter);
    struct letter *copy = calloc(1, size);
    char *place;

    if (!copy) {
        return NULL;
    }
    place = (char *)&copy->headers[letter->header_count + OWN_HEADERS];
    copy->letter = *letter;
    copy->size = size;
    copy->letter.key = copy_bytes(&place, letter->key);
    copy->letter.value = copy_bytes(&place, letter->value);
    copy_headers(copy, letter, &place);
    snprintf(copy->message, sizeof(copy->message), "%s", letter->message);
    copy->letter.message = copy->message;
    add_own_headers(dlq, copy);
    return copy;
}

int dlq_send(struct dlq *dlq, const struct dlq_letter *letter, struct error *err)
{
    struct letter *copy;

    if (!dlq->producer && start_producer(dlq, err)) {
        return -(int)err->code;
    }
    copy = letter_dup(dlq, letter);
    if (!copy) {
        return error_set(err, ERROR_MEMORY, true, "out of memory");
    }
    copy->dlq = dlq;
    copy->next = dlq->letters;
    dlq->letters = copy;
    dlq->count++;
    dlq->bytes += copy->size;
    produce(dlq, copy);
    return 0;
}

size_t dlq_bytes(const struct dlq *dlq)
{
    return dlq->bytes;
}

size_t dlq_pending(const struct dlq *dlq)
{
    return dlq->count;
}

int dlq_fd(const struct dlq *dlq)
{
    return dlq->producer ? kafka_producer_fd(dlq->producer) : -1;
}

void dlq_run(struct dlq *dlq, int64_t now_ms)
{
    if (!dlq->producer) {
        return;
    }
    kafka_producer_run(dlq->producer);
    for (struct letter *letter = dlq->letters; letter; letter = letter->next) {
        if (letter->due_ms != 0 && letter->due_ms <= now_ms) {
            produce(dlq, letter);
        }
    }
}
