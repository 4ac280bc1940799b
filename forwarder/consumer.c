/* SPDX-License-Identifier: Apache-2.0 */
#include "forwarder/consumer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "forwarder/consumer_wake.h"
#include "lib/clock.h"
#include "lib/kafka_conf.h"
#include "lib/kafka_iam.h"
#include "lib/log.h"

enum {
    JOIN_WAIT_MS = 10000,
    JOIN_POLL_MS = 20,
    /*
     * librdkafka's bound counts a message's own bytes; beside them each takes some 350. One message for so
     * many bytes of the bound keeps a queue of small ones within about half of it again.
     */
    QUEUED_MESSAGE_BYTES = 512,
    TAKEN_MAX = 64, /* records taken out of librdkafka's queue at once */
    FETCH_MAX_BYTES =
        2097152, /* of one answer before decompression; more only overshoots the queue's bound */
    PARTITION_FETCH_MAX_BYTES = 524288
};

struct consumer {
    rd_kafka_t *kafka;
    rd_kafka_queue_t *events;
    rd_kafka_queue_t *records;
    struct consumer_wake wake;
    int event_wake[2];
    int record_wake[2];
    char *topic;
    struct consumer_events callbacks;
    struct kafka_iam_client iam;
    rd_kafka_topic_partition_list_t *revoking; /* NULL unless a revocation waits for consumer_release() */
    bool closing;
    bool joined;
    bool assigned; /* at least once, if only nothing */
    rd_kafka_message_t *taken[TAKEN_MAX];
    size_t taken_count;
    size_t taken_next;
    struct consumer_record current;
};

static void forward_records(struct consumer *consumer, const rd_kafka_topic_partition_list_t *partitions)
{
    for (int i = 0; i < partitions->cnt; i++) {
        rd_kafka_queue_t *queue = rd_kafka_queue_get_partition(consumer->kafka, partitions->elems[i].topic,
                                                               partitions->elems[i].partition);
        if (queue) {
            rd_kafka_queue_forward(queue, consumer->records);
            rd_kafka_queue_destroy(queue);
        }
    }
}

static bool is_cooperative(const struct consumer *consumer)
{
    const char *protocol = rd_kafka_rebalance_protocol(consumer->kafka);

    return protocol && strcmp(protocol, "COOPERATIVE") == 0;
}

static void log_assignment(const char *event, const rd_kafka_error_t *error, rd_kafka_resp_err_t failure)
{
    if (error) {
        LOG_WARN(event, LOG_STR("error", rd_kafka_error_string(error)));
    } else if (failure) {
        LOG_WARN(event, LOG_STR("error", rd_kafka_err2str(failure)));
    }
}

static void assign(struct consumer *consumer, const rd_kafka_topic_partition_list_t *partitions)
{
    forward_records(consumer, partitions);
    if (is_cooperative(consumer)) {
        rd_kafka_error_t *error = rd_kafka_incremental_assign(consumer->kafka, partitions);
        log_assignment("cannot assign partitions", error, RD_KAFKA_RESP_ERR_NO_ERROR);
        rd_kafka_error_destroy(error);
    } else {
        log_assignment("cannot assign partitions", NULL, rd_kafka_assign(consumer->kafka, partitions));
    }
    for (int i = 0; i < partitions->cnt; i++) {
        consumer->callbacks.assigned(consumer->callbacks.ctx, partitions->elems[i].partition);
    }
}

static void unassign(struct consumer *consumer, const rd_kafka_topic_partition_list_t *partitions)
{
    if (is_cooperative(consumer)) {
        rd_kafka_error_t *error = rd_kafka_incremental_unassign(consumer->kafka, partitions);
        log_assignment("cannot hand partitions back", error, RD_KAFKA_RESP_ERR_NO_ERROR);
        rd_kafka_error_destroy(error);
    } else {
        log_assignment("cannot hand partitions back", NULL, rd_kafka_assign(consumer->kafka, NULL));
    }
}

/* Forgets records already taken of partitions that go: they will be fetched anew by the next owner. */
static void forget_taken(struct consumer *consumer, const rd_kafka_topic_partition_list_t *partitions)
{
    size_t kept = consumer->taken_next;

    for (size_t i = consumer->taken_next; i < consumer->taken_count; i++) {
        rd_kafka_message_t *message = consumer->taken[i];
        if (rd_kafka_topic_partition_list_find(partitions, consumer->topic, message->partition)) {
            rd_kafka_message_destroy(message);
        } else {
            consumer->taken[kept++] = message;
        }
    }
    consumer->taken_count = kept;
}

static void on_rebalance(rd_kafka_t *kafka, rd_kafka_resp_err_t event,
                         rd_kafka_topic_partition_list_t *partitions, void *opaque)
{
    struct consumer *consumer = opaque;
    bool lost = rd_kafka_assignment_lost(kafka);

    if (event == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        consumer->joined = consumer->assigned = true;
        assign(consumer, partitions);
        return;
    }
    if (event != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS) {
        log_assignment("rebalance failed; joining again", NULL, event);
        unassign(consumer, partitions);
        return;
    }
    consumer->joined = !lost;
    forget_taken(consumer, partitions);
    if (consumer->closing) { /* what could be sent was sent and committed before */
        unassign(consumer, partitions);
        return;
    }
    for (int i = 0; i < partitions->cnt; i++) {
        consumer->callbacks.revoked(consumer->callbacks.ctx, partitions->elems[i].partition, lost);
    }
    if (lost) {
        unassign(consumer, partitions);
        return;
    }
    consumer->revoking = rd_kafka_topic_partition_list_copy(partitions);
}

static void on_commit(rd_kafka_t *kafka, rd_kafka_resp_err_t failure,
                      rd_kafka_topic_partition_list_t *offsets, void *opaque)
{
    struct consumer *consumer = opaque;

    (void)kafka;
    for (int i = 0; !failure && offsets && i < offsets->cnt; i++) {
        failure = offsets->elems[i].err;
    }
    if (failure && failure != RD_KAFKA_RESP_ERR__NO_OFFSET) {
        LOG_WARN("commit failed; the offsets go with the next one",
                 LOG_STR("error", rd_kafka_err2str(failure)));
    }
    consumer->callbacks.committed(consumer->callbacks.ctx, !failure);
}

static void on_token_refresh(rd_kafka_t *kafka, const char *config, void *opaque)
{
    struct consumer *consumer = opaque;

    (void)kafka;
    (void)config;
    kafka_iam_ask(&consumer->iam);
}

bool consumer_awaits_token(const struct consumer *consumer)
{
    return kafka_iam_due(&consumer->iam);
}

int64_t consumer_queue_share(int64_t buffer_bytes)
{
    return buffer_bytes / 4;
}

static rd_kafka_conf_t *consumer_conf(const struct consumer_options *options, struct error *err)
{
    char queue_kbytes[24];
    char queue_messages[24];
    char fetch_bytes[24];
    char partition_fetch_bytes[24];
    const struct kafka_setting settings[] = {
        {"client.id", "userstream-forwarder", false},
        {"group.id", options->group_id, true},
        {"enable.auto.commit", "false", true},
        {"enable.auto.offset.store", "false", true},
        {"partition.assignment.strategy", "cooperative-sticky", false},
        /* A group that starts takes all there is: nothing is lost by starting late. */
        {"auto.offset.reset", "earliest", false},
        {"queued.max.messages.kbytes", queue_kbytes, false},
        {"queued.min.messages", queue_messages, false},
        {"fetch.max.bytes", fetch_bytes, false},
        {"max.partition.fetch.bytes", partition_fetch_bytes, false},
        {"fetch.wait.max.ms", "100", false},
        /* How long to fetch nothing after the queue was full. */
        {consumer_wake_unneeded() ? "fetch.queue.backoff.ms" : NULL, "20", false},
        {NULL, NULL, false}};

    snprintf(queue_kbytes, sizeof(queue_kbytes), "%lld", (long long)(options->queue_bytes / 1024));
    snprintf(queue_messages, sizeof(queue_messages), "%lld",
             (long long)(options->queue_bytes / QUEUED_MESSAGE_BYTES));
    snprintf(fetch_bytes, sizeof(fetch_bytes), "%d", FETCH_MAX_BYTES);
    snprintf(partition_fetch_bytes, sizeof(partition_fetch_bytes), "%d", PARTITION_FETCH_MAX_BYTES);
    return kafka_conf_new(options->environment, options->bootstrap_servers, settings, err);
}

static int open_wake(int wake[2], struct error *err)
{
    if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) < 0) {
        return error_set(err, ERROR_IO, false, "cannot create a pipe: %s", strerror(errno));
    }
    return 0;
}

static int open_queues(struct consumer *consumer, struct error *err)
{
    if (open_wake(consumer->event_wake, err) || open_wake(consumer->record_wake, err)) {
        return -(int)err->code;
    }
    rd_kafka_poll_set_consumer(consumer->kafka);
    consumer->events = rd_kafka_queue_get_consumer(consumer->kafka);
    consumer->records = rd_kafka_queue_new(consumer->kafka);
    rd_kafka_queue_io_event_enable(consumer->events, consumer->event_wake[1], "1", 1);
    rd_kafka_queue_io_event_enable(consumer->records, consumer->record_wake[1], "1", 1);
    return 0;
}

static int subscribe(struct consumer *consumer, struct error *err)
{
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_resp_err_t failure;

    rd_kafka_topic_partition_list_add(topics, consumer->topic, RD_KAFKA_PARTITION_UA);
    failure = rd_kafka_subscribe(consumer->kafka, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    if (failure) {
        return error_set(err, ERROR_CONFIG, false, "topic %s: %s", consumer->topic,
                         rd_kafka_err2str(failure));
    }
    return 0;
}

struct consumer *consumer_new(const struct consumer_options *options, struct error *err)
{
    struct consumer *consumer = calloc(1, sizeof(*consumer));
    rd_kafka_conf_t *conf;
    char reason[256];

    if (!consumer || !(consumer->topic = strdup(options->topic))) {
        free(consumer);
        error_set(err, ERROR_MEMORY, false, "out of memory");
        return NULL;
    }
    consumer->event_wake[0] = consumer->event_wake[1] = -1;
    consumer->record_wake[0] = consumer->record_wake[1] = -1;
    consumer->callbacks = options->events;
    conf = consumer_conf(options, err);
    if (!conf) {
        goto fail;
    }
    if (kafka_iam_configure(&consumer->iam, options->iam, conf, options->environment, on_token_refresh,
                            err)) {
        rd_kafka_conf_destroy(conf);
        goto fail;
    }
    rd_kafka_conf_set_opaque(conf, consumer);
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    rd_kafka_conf_set_offset_commit_cb(conf, on_commit);
    consumer->kafka = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof(reason));
    if (!consumer->kafka) {
        rd_kafka_conf_destroy(conf);
        error_set(err, ERROR_CONFIG, false, "Kafka consumer: %s", reason);
        goto fail;
    }
    if (consumer_wake_init(&consumer->wake, consumer->kafka, err) || open_queues(consumer, err) ||
        (!options->observe && subscribe(consumer, err))) {
        goto fail;
    }
    return consumer;

fail:
    consumer_free(consumer);
    return NULL;
}

static void drop_taken(struct consumer *consumer)
{
    while (consumer->taken_next < consumer->taken_count) {
        rd_kafka_message_destroy(consumer->taken[consumer->taken_next++]);
    }
}

static void close_queue(rd_kafka_queue_t *queue)
{
    if (queue) {
        rd_kafka_queue_io_event_enable(queue, -1, NULL, 0);
        rd_kafka_queue_destroy(queue);
    }
}

static void close_wake(const int wake[2])
{
    for (size_t i = 0; i < 2; i++) {
        if (wake[i] >= 0) {
            close(wake[i]);
        }
    }
}

/*
 * librdkafka 2.0 aborts when a member closes between its first JoinGroup answer and its first assignment (the
 * sticky assignor has no state to free yet). That is some seconds at most; the assignment is awaited.
 */
static void finish_joining(struct consumer *consumer)
{
    for (int waited_ms = 0; !consumer->assigned && waited_ms < JOIN_WAIT_MS; waited_ms += JOIN_POLL_MS) {
        char *member = rd_kafka_memberid(consumer->kafka);
        bool joining = member && *member;

        rd_kafka_mem_free(consumer->kafka, member);
        if (!joining) {
            return;
        }
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer->kafka, JOIN_POLL_MS);
        if (message) {
            rd_kafka_message_destroy(message);
        }
    }
}

void consumer_free(struct consumer *consumer)
{
    if (!consumer) {
        return;
    }
    consumer->closing = true;
    drop_taken(consumer);
    if (consumer->kafka) {
        consumer_release(consumer);
        finish_joining(consumer);
        rd_kafka_consumer_close(consumer->kafka);
    }
    close_queue(consumer->records);
    close_queue(consumer->events);
    if (consumer->kafka) {
        rd_kafka_destroy(consumer->kafka);
    }
    close_wake(consumer->event_wake);
    close_wake(consumer->record_wake);
    consumer_wake_done(&consumer->wake);
    free(consumer->topic);
    free(consumer);
}

int consumer_event_fd(const struct consumer *consumer)
{
    return consumer->event_wake[0];
}

int consumer_record_fd(const struct consumer *consumer)
{
    return consumer->record_wake[0];
}

static void drain_wake(int fd)
{
    char bytes[64];

    while (read(fd, bytes, sizeof(bytes)) == (ssize_t)sizeof(bytes)) {
        continue;
    }
}

static void log_kafka_error(const struct consumer *consumer, rd_kafka_resp_err_t failure, const char *text)
{
    if (failure == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || failure == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC) {
        LOG_ERROR("topic does not exist; waiting for it to be created", LOG_STR("topic", consumer->topic));
    } else {
        LOG_WARN("kafka error; the client goes on", LOG_STR("error", text));
    }
}

void consumer_run(struct consumer *consumer)
{
    rd_kafka_message_t *message;

    drain_wake(consumer->event_wake[0]);
    /* Records come through their own queue; what comes here are errors, and callbacks on the way. */
    while ((message = rd_kafka_consumer_poll(consumer->kafka, 0)) != NULL) {
        if (message->err) {
            log_kafka_error(consumer, message->err, rd_kafka_message_errstr(message));
        }
        rd_kafka_message_destroy(message);
    }
    kafka_iam_run(&consumer->iam, consumer->kafka);
}

static bool take_more(struct consumer *consumer)
{
    bool had_many = consumer->taken_count == TAKEN_MAX;
    bool has_many;
    ssize_t count;

    drain_wake(consumer->record_wake[0]);
    consumer->taken_next = 0;
    count = rd_kafka_consume_batch_queue(consumer->records, 0, consumer->taken, TAKEN_MAX);
    consumer->taken_count = count > 0 ? (size_t)count : 0;
    has_many = consumer->taken_count == TAKEN_MAX;
    if (has_many || had_many) {
        consumer_wake_run(&consumer->wake, consumer->kafka, !has_many, clock_monotonic_ms());
    }
    return consumer->taken_count > 0;
}

static void read_record(struct consumer *consumer, const rd_kafka_message_t *message)
{
    rd_kafka_timestamp_type_t type;

    consumer->current = (struct consumer_record){
        .partition = message->partition,
        .offset = message->offset,
        .timestamp_ms = rd_kafka_message_timestamp(message, &type),
        .key = {message->key, message->key_len},
        .value = {message->payload, message->len},
    };
}

const struct consumer_record *consumer_peek(struct consumer *consumer)
{
    for (;;) {
        rd_kafka_message_t *message;

        if (consumer->taken_next == consumer->taken_count && !take_more(consumer)) {
            return NULL;
        }
        message = consumer->taken[consumer->taken_next];
        if (!message->err) {
            read_record(consumer, message);
            return &consumer->current;
        }
        log_kafka_error(consumer, message->err, rd_kafka_message_errstr(message));
        consumer_pop(consumer);
    }
}

void consumer_pop(struct consumer *consumer)
{
    rd_kafka_message_destroy(consumer->taken[consumer->taken_next++]);
}

struct str consumer_header(const struct consumer *consumer, const char *name)
{
    rd_kafka_headers_t *headers;
    const void *value;
    size_t len;

    if (rd_kafka_message_headers(consumer->taken[consumer->taken_next], &headers) ||
        rd_kafka_header_get_last(headers, name, &value, &len)) {
        return (struct str){NULL, 0};
    }
    return (struct str){value, len};
}

size_t consumer_headers(const struct consumer *consumer, struct kafka_header *headers, size_t size)
{
    rd_kafka_headers_t *list;
    const void *value;
    size_t len;
    size_t count = 0;

    if (rd_kafka_message_headers(consumer->taken[consumer->taken_next], &list)) {
        return 0;
    }
    while (count < size && !rd_kafka_header_get_all(list, count, &headers[count].name, &value, &len)) {
        headers[count++].value = (struct str){value, len};
    }
    return count;
}

static rd_kafka_topic_partition_list_t *offset_list(const struct consumer *consumer,
                                                    const struct consumer_offset *offsets, size_t count)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);

    for (size_t i = 0; i < count; i++) {
        rd_kafka_topic_partition_list_add(list, consumer->topic, offsets[i].partition)->offset =
            offsets[i].offset;
    }
    return list;
}

static rd_kafka_resp_err_t commit(struct consumer *consumer, const struct consumer_offset *offsets,
                                  size_t count, bool async)
{
    rd_kafka_topic_partition_list_t *list = offset_list(consumer, offsets, count);
    rd_kafka_resp_err_t failure = rd_kafka_commit(consumer->kafka, list, async);

    rd_kafka_topic_partition_list_destroy(list);
    return failure;
}

void consumer_commit(struct consumer *consumer, const struct consumer_offset *offsets, size_t count)
{
    rd_kafka_resp_err_t failure = commit(consumer, offsets, count, true);

    if (failure) {
        on_commit(consumer->kafka, failure, NULL, consumer);
    }
}

int consumer_commit_wait(struct consumer *consumer, const struct consumer_offset *offsets, size_t count,
                         struct error *err)
{
    rd_kafka_resp_err_t failure = commit(consumer, offsets, count, false);

    if (failure) {
        return error_set(err, ERROR_REMOTE, true, "%s", rd_kafka_err2str(failure));
    }
    return 0;
}

bool consumer_revoking(const struct consumer *consumer)
{
    return consumer->revoking != NULL;
}

void consumer_release(struct consumer *consumer)
{
    if (consumer->revoking) {
        unassign(consumer, consumer->revoking);
        rd_kafka_topic_partition_list_destroy(consumer->revoking);
        consumer->revoking = NULL;
    }
}

bool consumer_joined(const struct consumer *consumer)
{
    return consumer->joined;
}

int64_t consumer_high_watermark(const struct consumer *consumer, int32_t partition)
{
    int64_t low = -1;
    int64_t high = -1;

    if (rd_kafka_get_watermark_offsets(consumer->kafka, consumer->topic, partition, &low, &high) ||
        high < 0) {
        return -1;
    }
    return high;
}

bool consumer_fatal(const struct consumer *consumer, struct error *err)
{
    char reason[256];
    rd_kafka_resp_err_t failure = rd_kafka_fatal_error(consumer->kafka, reason, sizeof(reason));

    if (failure) {
        error_set(err, ERROR_STATE, false, "Kafka consumer: %s (%s)", reason, rd_kafka_err2name(failure));
    }
    return failure != RD_KAFKA_RESP_ERR_NO_ERROR;
}

int consumer_topic(struct consumer *consumer, int timeout_ms, int *ret_partitions, struct error *err)
{
    return kafka_topic_partitions(consumer->kafka, consumer->topic, timeout_ms, ret_partitions, err);
}
