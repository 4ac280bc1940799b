/* SPDX-License-Identifier: Apache-2.0 */
/* folders: analytics */
/*
 * CPU time from an answer of GetRecords to the bodies of PutRecordBatch: the project's statement and schema
 * over users of 1.1 KB as the API sends them, 2,000 an answer, of whom nearly half match. One line of JSON.
 * The answer is copied fresh each round, as it arrives from a socket; the copy is not counted.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "analytics/engine.h"
#include "analytics/files.h"
#include "analytics/kinesis.h"
#include "analytics/slice.h"
#include "lib/buf.h"

enum { RECORDS = 2000, ANSWER_CAP = 8 << 20, ROUNDS = 100, REPEATS = 5, TEXT_CAP = 1 << 20 };

static double cpu_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void add_user(struct buf *out, unsigned n)
{
    static const char *const first[] = {"Anna", "J\xC3\xBCrgen", "\xD8\xA2\xD8\xB1\xD9\x85\xDB\x8C\xD9\x86",
                                        "Tim", "Chlo\xC3\xA9"};
    bool male = n % 2;
    unsigned age = 10 + n * 7 % 73;

    buf_addf(
        out,
        "{\"gender\":\"%s\",\"name\":{\"title\":\"%s\",\"first\":\"%s\",\"last\":\"Visser-%u\"},\"location\":"
        "{\"street\":{\"number\":%u,\"name\":\"Molenweg\"},\"city\":\"Zwolle\",\"state\":\"Overijssel\","
        "\"country\":\"Netherlands\",\"postcode\":\"%u TR\",\"coordinates\":{\"latitude\":\"-%u.%04u\","
        "\"longitude\":\"%u.%04u\"},\"timezone\":{\"offset\":\"+1:00\",\"description\":"
        "\"Brussels, Copenhagen, Madrid, Paris\"}},\"email\":\"anna.visser%u@example.com\",",
        male ? "male" : "female", male ? "Mr" : "Ms", first[n % 5], n, n % 10000, 1000 + n % 9000, n % 90,
        n * 37 % 10000, n % 180, n * 91 % 10000, n);
    buf_addf(
        out,
        "\"dob\":{\"date\":\"1970-03-04T05:06:07.089Z\",\"age\":%u},\"registered\":{\"date\":"
        "\"2010-01-02T03:04:05.006Z\",\"age\":16},\"phone\":\"(0123) 456789\",\"cell\":\"(06) 12345678\","
        "\"id\":{\"name\":\"BSN\",\"value\":\"12345678\"},\"picture\":{\"large\":"
        "\"https://randomuser.me/api/portraits/women/1.jpg\",\"medium\":"
        "\"https://randomuser.me/api/portraits/med/women/1.jpg\",\"thumbnail\":"
        "\"https://randomuser.me/api/portraits/thumb/women/1.jpg\"},\"nat\":\"NL\"",
        age);
    while (out->len < 1098) {
        buf_addf(out, ",\"more%zu\":{\"number\":%u,\"text\":\"some words\"}", out->len, n);
    }
    buf_add_char(out, '}');
}

static size_t make_answer(struct buf *answer)
{
    struct buf user;
    size_t bytes = 0;

    buf_init(&user, 4096);
    buf_add_str(answer, "{\"MillisBehindLatest\":0,\"NextShardIterator\":\"AAAAAAAAAAFs\",\"Records\":[");
    for (unsigned i = 0; i < RECORDS; i++) {
        buf_reset(&user);
        add_user(&user, i);
        bytes += user.len;
        buf_addf(answer, "%s{\"ApproximateArrivalTimestamp\":1795392000.123,\"Data\":\"", i ? "," : "");
        buf_add_base64(answer, user.data, user.len);
        buf_addf(answer, "\",\"PartitionKey\":\"seed:1:%u\",\"SequenceNumber\":\"4965%052u\"}", i, i);
    }
    buf_add_str(answer, "]}");
    buf_done(&user);
    return bytes;
}

/* One answer worked off as the service does it; returns the rows. */
static size_t work(struct engine *engine, struct rows *rows, char *body, size_t len,
                   struct kinesis_records *records)
{
    static struct slice_reader reader;
    static struct slice slice;
    static struct engine_failures failures;
    size_t count = 0;

    if (kinesis_read_records(body, len, records, NULL)) {
        abort();
    }
    slice_start(&reader, records, NULL);
    for (slice_fill(&reader, &slice); slice.count > 0; slice_fill(&reader, &slice)) {
        rows_reset(rows);
        if (engine_run(engine, slice.data, slice.count, &rows, &failures) || failures.count > 0) {
            abort();
        }
        count += rows->count;
        if (rows_body(rows).len == 0) {
            abort();
        }
    }
    return count;
}

static double round_seconds(struct engine *engine, struct rows *rows, const struct buf *answer,
                            size_t *ret_rows)
{
    static struct kinesis_records records;
    char *copy = malloc(answer->len);
    double seconds = 0;

    for (int i = 0; i < ROUNDS; i++) {
        double begin;
        memcpy(copy, answer->data, answer->len);
        begin = cpu_seconds();
        *ret_rows = work(engine, rows, copy, answer->len, &records);
        seconds += cpu_seconds() - begin;
    }
    free(copy);
    return seconds;
}

int main(void)
{
    struct error err = {0};
    struct buf answer, schema, sql;
    struct engine *engine;
    struct rows *rows = rows_new("users-to-s3");
    struct rusage usage;
    double best = 1e9;
    size_t bytes;
    size_t matched = 0;

    buf_init(&answer, ANSWER_CAP);
    buf_init(&schema, TEXT_CAP);
    buf_init(&sql, TEXT_CAP);
    bytes = make_answer(&answer);
    if (!rows || files_read("schema", "sql/schema.sqlite.sql", &schema, &err) ||
        files_read("sql", "sql/users.sql", &sql, &err) ||
        !(engine = engine_new("schema", buf_str(&schema), "sql", buf_str(&sql), &err))) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    for (int i = 0; i < REPEATS; i++) {
        double seconds = round_seconds(engine, rows, &answer, &matched);
        best = seconds < best ? seconds : best;
    }
    getrusage(RUSAGE_SELF, &usage);
    printf(
        "{\"bench\":\"analytics\",\"record_bytes\":%zu,\"rows_per_answer\":%zu,\"records_per_second\":%.0f,"
        "\"microseconds_per_record\":%.2f,\"max_rss_kib\":%ld}\n",
        bytes / RECORDS, matched, RECORDS * ROUNDS / best, best * 1e6 / (RECORDS * ROUNDS), usage.ru_maxrss);
    rows_free(rows);
    engine_free(engine);
    buf_done(&answer);
    buf_done(&schema);
    buf_done(&sql);
    return 0;
}
