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

struct letter {
    struct dlq *dlq;
    struct letter *next;
    struct dlq_letter letter; /* key and value point behind the struct */
    int64_t due_ms;           /* when to send again; 0: it is on its way */
    unsigned attempts;
    size_t size;
    char message[256];
    char bytes[];
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

static struct str print_number(char out[24], int64_t number)
{
    return (struct str){out, (size_t)snprintf(out, 24, "%lld", (long long)number)};
}

static void produce(struct dlq *dlq, struct letter *letter)
{
    char partition[24];
    char offset[24];
    char timestamp[24];
    const struct kafka_header headers[] = {
        {"error-reason", str_of(letter->letter.reason)},
        {"error-message", str_of(letter->message)},
        {"source-topic", str_of(dlq->options.source_topic)},
        {"source-partition", print_number(partition, letter->letter.partition)},
        {"source-offset", print_number(offset, letter->letter.offset)},
        {"source-timestamp", print_number(timestamp, letter->letter.timestamp_ms)},
    };
    struct error err;

    letter->due_ms = 0;
    if (kafka_producer_send(dlq->producer, dlq->options.topic, letter->letter.key, letter->letter.value,
                            headers, ARRAY_LENGTH(headers), letter, &err)) {
        send_again_later(dlq, letter, err.message);
    }
}

static struct str copy_bytes(char *to, struct str from)
{
    if (from.len > 0) {
        memcpy(to, from.ptr, from.len);
    }
    return (struct str){from.ptr ? to : NULL, from.len};
}

int dlq_send(struct dlq *dlq, const struct dlq_letter *letter, struct error *err)
{
    size_t size = sizeof(struct letter) + letter->key.len + letter->value.len;
    struct letter *copy;

    if (!dlq->producer && start_producer(dlq, err)) {
        return -(int)err->code;
    }
    copy = calloc(1, size);
    if (!copy) {
        return error_set(err, ERROR_MEMORY, true, "out of memory");
    }
    copy->dlq = dlq;
    copy->letter = *letter;
    copy->letter.key = copy_bytes(copy->bytes, letter->key);
    copy->letter.value = copy_bytes(copy->bytes + letter->key.len, letter->value);
    snprintf(copy->message, sizeof(copy->message), "%s", letter->message);
    copy->letter.message = copy->message;
    copy->size = size;
    copy->next = dlq->letters;
    dlq->letters = copy;
    dlq->count++;
    dlq->bytes += size;
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
