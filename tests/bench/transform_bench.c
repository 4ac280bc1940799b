/* SPDX-License-Identifier: Apache-2.0 */
/* folders: transformer */
/*
 * CPU time of the transform: batches of 500 records as Firehose sends them, one line of JSON per size. The
 * event is the same each time and fits the second-level cache, as one that was just read from a socket does.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base64.h"
#include "lib/buf.h"
#include "transformer/transform.h"

enum { RECORDS = 500, EVENT_CAP = 4 << 20, ROUNDS = 2000, REPEATS = 5 };

static double cpu_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void make_event(struct buf *event, size_t record_bytes)
{
    char data[8192];

    for (size_t i = 0; i < record_bytes; i++) {
        data[i] = (char)(' ' + (i * 7 + i / 11) % 90);
    }
    buf_add_str(event, "{\"invocationId\":\"2f6c6a26-0d3a-4f0e-9d0a-7b6c0d1e2f3a\",\"deliveryStreamArn\":"
                       "\"arn:aws:firehose:eu-west-1:111122223333:deliverystream/users\",\"region\":"
                       "\"eu-west-1\",\"records\":[");
    for (int i = 0; i < RECORDS; i++) {
        buf_addf(event,
                 "%s{\"recordId\":\"4965%052d\",\"approximateArrivalTimestamp\":1795392000123,\"data\":\"",
                 i > 0 ? "," : "", i);
        buf_add_base64(event, data, record_bytes - (size_t)(i % 3));
        buf_addf(event,
                 "\",\"kinesisRecordMetadata\":{\"sequenceNumber\":\"4965%052d\",\"subsequenceNumber\":0,"
                 "\"partitionKey\":\"seed:%d:17\",\"shardId\":\"shardId-000000000000\","
                 "\"approximateArrivalTimestamp\":1795392000100}}",
                 i, i);
    }
    buf_add_str(event, "]}");
}

static double best_round_seconds(struct str event, struct buf *out)
{
    const struct transform_options options = {.payload_cap = TRANSFORM_PAYLOAD_CAP};
    struct transform_counts counts;
    double best = 1e9;

    for (int repeat = 0; repeat < REPEATS; repeat++) {
        double start = cpu_seconds();
        for (int round = 0; round < ROUNDS; round++) {
            if (transform_event(event, &options, out, &counts, NULL) != 0 || counts.ok != RECORDS) {
                fprintf(stderr, "transform_bench: the transform failed\n");
                exit(1);
            }
        }
        double seconds = (cpu_seconds() - start) / ROUNDS;
        best = seconds < best ? seconds : best;
    }
    return best;
}

int main(void)
{
    const size_t sizes[] = {200, 1100};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct buf event;
        struct buf out;
        double seconds;

        buf_init(&event, EVENT_CAP);
        buf_init(&out, TRANSFORM_PAYLOAD_CAP);
        make_event(&event, sizes[i]);
        if (buf_error(&event) != 0) {
            return 1;
        }
        seconds = best_round_seconds(buf_str(&event), &out);
        printf("{\"bench\":\"transform\",\"record_bytes\":%zu,\"event_bytes\":%zu,\"ns_per_record\":%.1f,"
               "\"event_gb_per_s\":%.2f}\n",
               sizes[i], event.len, seconds * 1e9 / RECORDS, (double)event.len / seconds / 1e9);
        buf_done(&event);
        buf_done(&out);
    }
    return 0;
}
